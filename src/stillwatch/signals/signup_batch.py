"""Accounts with one telephone prefix that signed up on one day.

What it sees
------------
The telephone prefix together with the day of sign-up.

Why a distiller shows it
------------------------
Numbers are rented in blocks and used up at once.

Who else shows it
-----------------
A country's ordinary sign-ups on an ordinary day: popular pairs weigh nothing. A class or hackathon.

What evasion costs
------------------
Numbers from several countries, accounts opened slowly.

Source
------
A-FEB: coordinated sign-ups.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="signup_batch",
    level="trait",
    family="registration",
    needs=("accounts.phone_prefix", "accounts.created_at"),
    techniques=("SWT-A01",),
    phrase="signed up on one day with one telephone prefix",
    query="""
        SELECT account, signup_batch AS trait, 1 AS value, 1 AS support
        FROM account
        WHERE signup_batch <> 0
    """,
)
