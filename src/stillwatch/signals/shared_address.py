"""Accounts that send requests from one address.

What it sees
------------
The client addresses of each account's requests, and how many requests came from each.

Why a distiller shows it
------------------------
A pool of accounts needs exits; relays and proxy pools own fewer exits than accounts and rotate over them.

Who else shows it
-----------------
Everybody behind one office, campus, mobile carrier, VPN exit or family router. Alone it joins strangers and
is never enough; an address that many outsiders hold weighs next to nothing.

What evasion costs
------------------
One unique residential exit for each account, some dollars a month each.

Source
------
SynchroTrap (Cao et al., CCS 2014) for address-based linking; weighting after Fellegi and Sunter (1969) with
term frequencies.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="shared_address",
    level="trait",
    family="net",
    needs=("exchanges.client_ip",),
    techniques=("AML.T0008.005",),
    phrase="send from one address",
    column="address",
    query=requests_with("address"),
)
