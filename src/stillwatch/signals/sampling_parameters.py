"""Accounts that ask with one pair of temperature and token limit.

What it sees
------------
The pair of temperature and token limit of each request that sets both.

Why a distiller shows it
------------------------
A harvest runs on one configuration: a fixed temperature, a round high limit.

Who else shows it
-----------------
All users of a program that sets the same defaults.

What evasion costs
------------------
Random jitter on two numbers; it costs consistency of the harvested set.

Source
------
Own: the parameter tuple of design notes, named in public indicator lists as identical request parameters.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="sampling_parameters",
    level="trait",
    family="client",
    needs=("exchanges.temperature", "exchanges.max_tokens"),
    techniques=("SWT-R07", "SWT-H01"),
    phrase="ask with one temperature and token limit",
    column="parameters",
    query="""
        SELECT e.account, e.parameters AS trait, count(*) AS value, any_value(s.support) AS support
        FROM exchange AS e
        JOIN (SELECT account, count(*) AS support FROM exchange WHERE parameters <> 0 GROUP BY account) AS s
          ON s.account = e.account
        WHERE e.parameters <> 0
        GROUP BY e.account, e.parameters
    """,
)
