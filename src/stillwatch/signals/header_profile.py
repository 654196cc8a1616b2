"""Accounts whose requests carry the same header names in the same order.

What it sees
------------
The hash of header names in order.

Why a distiller shows it
------------------------
A relay strips and rewrites headers to one form for all its accounts (client normalising).

Who else shows it
-----------------
Users of one client version, and companies whose gateway or privacy proxy rewrites headers.

What evasion costs
------------------
Replaying the header order of a popular client exactly, and keeping up with its releases.

Source
------
AA26-251A names automated metadata sanitising; HTTP header order as a fingerprint is long known (p0f,
2000s).
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="header_profile",
    level="trait",
    family="client",
    needs=("exchanges.header_profile",),
    techniques=(),
    phrase="send the same headers in the same order",
    column="headers",
    query=requests_with("headers"),
)
