"""How many end users and scripts one account of a cluster serves.

What it sees
------------
The mean over accounts (with five or more prompts, weighted by them) of the effective number of kinds of prompt:
the inverse of the sum of squared shares of (script, capability) pairs. Scripts are Latin, Chinese-Japanese-Korean and
Cyrillic; no script counts for or against anybody, only how many share an account.

Why a distiller shows it
------------------------
A relay serves strangers: languages and tasks interleave in one account. It tells relays from harvests.

Who else shows it
-----------------
Families, small teams, translators.

What evasion costs
------------------
None: it is the business of a relay.

Source
------
R02 pool fan-in; NUC.
"""

from stillwatch.signals._base import Signal, kinds_of_one

SIGNAL = Signal(
    name="many_personas",
    level="cluster",
    family="extraction",
    needs=("exchanges.prompt",),
    techniques=("SWT-R01", "SWT-R02"),
    phrase="scripts and capabilities make up the prompts of one account on average",
    query=kinds_of_one("CAST(script AS INTEGER) * 100 + capability", where="words > 0", least=5),
)
