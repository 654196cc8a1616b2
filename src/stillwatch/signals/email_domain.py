"""Accounts whose contact addresses share a domain.

What it sees
------------
The domain of the contact address.

Why a distiller shows it
------------------------
Disposable or own domains supply addresses for a pool.

Who else shows it
-----------------
Everyone at a public mail provider (weighs nothing); staff of one organisation (one party by declaration).

What evasion costs
------------------
Addresses at large public providers, bought in bulk.

Source
------
A-SEP 147: disposable e-mail.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="email_domain",
    level="trait",
    family="registration",
    needs=("accounts.email_domain",),
    techniques=("SWT-A03",),
    phrase="use one e-mail domain",
    query="""
        SELECT account, email AS trait, 1 AS value, 1 AS support
        FROM account
        WHERE email <> 0
    """,
)
