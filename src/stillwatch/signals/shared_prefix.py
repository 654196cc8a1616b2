"""Accounts that send requests from one address range.

What it sees
------------
The /24 (IPv4) or /48 (IPv6) of each request's client address.

Why a distiller shows it
------------------------
Exits are rented in blocks: a rotating pool changes its addresses and stays in its ranges.

Who else shows it
-----------------
Neighbours of one internet provider, all customers of a VPN or a cloud region, a company, a campus.

What evasion costs
------------------
Exits spread over many providers, at residential-proxy prices.

Source
------
The same as shared_address; range sizes after common allocation practice (RFC 6177 for IPv6 sites).
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="shared_prefix",
    level="trait",
    family="net",
    needs=("exchanges.client_ip",),
    techniques=("AML.T0008.005",),
    phrase="send from one address range",
    column="prefix",
    query=requests_with("prefix"),
)
