"""Accounts that name one client and version.

What it sees
------------
The full user agent of each request.

Why a distiller shows it
------------------------
A pool is run from one image, upgraded at once.

Who else shows it
-----------------
Everyone who runs that client version.

What evasion costs
------------------
A header: nothing. It weighs only where it is rare.

Source
------
AA26-251A indicator iii names addresses and user agents.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="client_version",
    level="trait",
    family="client",
    needs=("exchanges.user_agent",),
    techniques=(),
    phrase="name one client and version",
    column="user_agent",
    query=requests_with("user_agent"),
)
