"""How many of a cluster's accounts belong to organisations whose domain the provider has verified.

What it sees
------------
The share of accounts that have a verified organisation domain, whichever it is.

Why a distiller shows it
------------------------
It does not: fraudulent accounts are bought in number, and a domain has to be owned and proved for each firm that they are to be. A part of
a campaign may pass for start-ups. It is measured to spare the customers of one program, integration or template.

Who else shows it
-----------------
Programs that review code, frameworks, editors and suites of evaluation that firms use, each with their own accounts.

What evasion costs
------------------
Domains of its own, proved to the provider, for half of the accounts.

Source
------
A-FEB: fraudulent accounts in hundreds; contract, `accounts.org_domain`; A01.
"""

from stillwatch.signals._base import Signal

SIGNAL = Signal(
    name="verified_organisations",
    level="cluster",
    family="registration",
    needs=("accounts.org_domain",),
    techniques=("SWT-A01",),
    phrase="of the accounts belong to organisations whose domain is verified",
    query="""
        SELECT m.cluster, avg(CASE WHEN a.organisation <> 0 THEN 1.0 ELSE 0.0 END) AS value, count(*) AS support
        FROM member AS m JOIN account AS a ON a.account = m.account
        GROUP BY m.cluster
    """,
)
