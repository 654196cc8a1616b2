"""Accounts that report one client library and version.

What it sees
------------
The client library and version from headers.

Why a distiller shows it
------------------------
One program, one pinned dependency.

Who else shows it
-----------------
Everyone with that version; new versions spread within days.

What evasion costs
------------------
A header: nothing.

Source
------
SDK platform headers are stored and replayed by public relay code.
"""

from stillwatch.signals._base import Signal, requests_with

SIGNAL = Signal(
    name="client_library",
    level="trait",
    family="client",
    needs=("exchanges.sdk",),
    techniques=(),
    phrase="report one client library and version",
    column="sdk",
    query=requests_with("sdk"),
)
