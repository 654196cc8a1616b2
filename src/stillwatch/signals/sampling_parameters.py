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

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="sampling_parameters",
    level="trait",
    family="client",
    needs=("exchanges.temperature", "exchanges.max_tokens"),
    techniques=(),
    phrase="ask with one temperature and token limit",
    column="parameters",
    query=requests_with("parameters"),
)
