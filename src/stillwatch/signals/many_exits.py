"""From how many networks one account of a cluster comes in a day.

What it sees
------------
The mean over days of accounts (weighted by their requests) of the effective number of address ranges: the
inverse of the sum of their squared shares.

Why a distiller shows it
------------------------
Residential exits are rented by the request, so that an account's address jumps between homes within hours.

Who else shows it
-----------------
People on the move, carriers that change addresses, build machines in a cloud.

What evasion costs
------------------
One exit for an account and day, at a higher price.

Source
------
A-SEP: residential proxies; CISA indicator iii; R03.
"""

from stillwatch.signals._base import Signal, kinds_of_one

SIGNAL = Signal(
    name="many_exits",
    level="cluster",
    family="net",
    needs=("exchanges.client_ip",),
    techniques=("SWT-R03",),
    phrase="address ranges does one account come from in a day",
    query=kinds_of_one("prefix", where="prefix <> 0", apart="ts // 86400000000"),
)
