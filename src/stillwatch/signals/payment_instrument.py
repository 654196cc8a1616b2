"""Accounts paid by one instrument.

What it sees
------------
The payment processor's token of the card or bank account.

Why a distiller shows it
------------------------
Cards are the scarcest part of a pool: one pays for many accounts.

Who else shows it
-----------------
Families, agencies that pay for clients, startups, companies.

What evasion costs
------------------
Virtual cards, one for each account.

Source
------
A-FEB: shared payment methods.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="payment_instrument",
    level="trait",
    family="pay",
    needs=("accounts.payment_fingerprint",),
    techniques=("SWT-A02",),
    phrase="are paid by one instrument",
    query="""
        SELECT account, payment AS trait, 1 AS value, 1 AS support
        FROM account
        WHERE payment <> 0
    """,
)
