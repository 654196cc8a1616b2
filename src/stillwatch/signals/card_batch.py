"""Accounts whose cards come from one issuer range and that signed up in one week.

What it sees
------------
First digits of the card together with the week of sign-up.

Why a distiller shows it
------------------------
Virtual cards are bought in batches from one issuer and used up in days.

Who else shows it
-----------------
Customers of a large bank in an ordinary week: popular pairs weigh nothing.

What evasion costs
------------------
Cards from several issuers, accounts opened slowly.

Source
------
A-SEP 147: virtual cards.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="card_batch",
    level="trait",
    family="pay",
    needs=("accounts.card_bin", "accounts.created_at"),
    techniques=("SWT-A02", "SWT-A01"),
    phrase="hold cards of one issuer range and signed up in one week",
    query="""
        SELECT account, card_batch AS trait, 1 AS value, 1 AS support
        FROM account
        WHERE card_batch <> 0
    """,
)
