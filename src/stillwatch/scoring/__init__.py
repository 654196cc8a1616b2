"""Measures a scan against a labelled world: what was found, what was missed, who was wrongly accused.

    from pathlib import Path
    from stillwatch.scoring import score, summary

    result = score(Path("world.truth"), Path("findings"))
    for label, text in summary(result):
        print(label, text)

Accounts planted to frame somebody count neither for nor against, and are reported on their own. Shares
and probabilities run from 0 to 1 and are rounded to four places; None stands for a measure that the world
does not allow, such as recall where there is nothing to find.
"""

from __future__ import annotations

from stillwatch.scoring.summary import summary
from stillwatch.scoring.total import score

__all__ = ["score", "summary"]
