"""Accounts signed up on one device.

What it sees
------------
The device fingerprint at sign-up.

Why a distiller shows it
------------------------
One farm machine opens many accounts.

Who else shows it
-----------------
A shared family or laboratory computer; an agency setting up clients.

What evasion costs
------------------
A fresh virtual device for each account, as anti-detect browsers sell.

Source
------
A-SEP 143-154: fraudulent account manufacture.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="signup_device",
    level="trait",
    family="registration",
    needs=("accounts.device_id",),
    techniques=("SWT-A01",),
    phrase="were signed up on one device",
    query="""
        SELECT account, device AS trait, 1 AS value, 1 AS support
        FROM account
        WHERE device <> 0
    """,
)
