"""From how many programs one account of a cluster is used.

What it sees
------------
The mean over accounts (with five requests or more, weighted by them) of the effective number of user agents:
the inverse of the sum of their squared shares.

Why a distiller shows it
------------------------
An account that is bought in bulk and shared in a team, or sold on, is used from as many programs as it has
users.

Who else shows it
-----------------
Small teams without a plan for teams; developers with several tools; programs that update themselves.

What evasion costs
------------------
One program for all who share, or headers rewritten to one value, which shows as normalised clients.

Source
------
CISA indicator iii: one account over many addresses and user agents; A06, R02.
"""

from stillwatch.signals._base import Signal, kinds_of_one

SIGNAL = Signal(
    name="many_clients",
    level="cluster",
    family="client",
    needs=("exchanges.user_agent",),
    techniques=("SWT-A06", "SWT-R02"),
    phrase="programs use one account on average",
    query=kinds_of_one("user_agent", where="user_agent <> 0", least=5),
)
