"""Accounts signed up from one address range.

What it sees
------------
The /24 or /48 of the address at sign-up.

Why a distiller shows it
------------------------
Accounts are opened in bulk from a few places, even if used from many.

Who else shows it
-----------------
A campus, an office, a carrier, a VPN.

What evasion costs
------------------
One exit for each sign-up.

Source
------
As shared_prefix.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="signup_range",
    level="trait",
    family="registration",
    needs=("accounts.signup_ip",),
    techniques=("SWT-A01",),
    phrase="were signed up from one address range",
    query="""
        SELECT account, signup_prefix AS trait, 1 AS value, 1 AS support
        FROM account
        WHERE signup_prefix <> 0
    """,
)
