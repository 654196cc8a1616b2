"""How many exchanges a campaign has drawn, and how far that may be wrong.

The posterior of single exchanges counts what is seen of them. What goes wrong beside that has a direction: an exchange of
a member in which nothing of the campaign's texts is seen counts as other traffic and may be the campaign's as well, and
where nothing tells the members' exchanges apart all of them count, customers' too. How much of either to allow for was
learnt on simulated worlds (docs/adr/0021), so that nine intervals in ten hold the true number.
"""

from __future__ import annotations

import numpy as np

from stillwatch.judge.streams import Streams
from stillwatch.model.finding import Interval

UNCERTAIN = 0.1
"""What is added to the doubt of single exchanges on either side, as a share of the volume."""
UNSEEN = 0.25
"""Part of the members' other exchanges that may be the campaign's."""
CUSTOMERS = 0.6
"""Part of all exchanges that may be customers', where nothing tells them apart."""
UNFOUND = 0.1
"""Part of the members' exchanges that accounts may have made of which nobody knows that they are members."""


def volume(streams: Streams, *, is_tenant: bool) -> Interval:
    """Expected number of exchanges of the extraction, between the least and the most that it may be.

    A tenant was found by its texts among other people's, whose exchanges are known to be theirs.
    """
    extraction = streams.extraction
    best = float(extraction.sum())
    doubt = UNCERTAIN * best + float(np.sum(extraction * (1 - extraction)))
    unseen = 0.0 if is_tenant else UNSEEN * (len(extraction) - best)
    customers = 0.0 if streams.is_split else CUSTOMERS * best
    most = (1.0 + UNFOUND) * len(extraction)
    low, high = best - max(doubt, customers), min(best + doubt + unseen, most)
    return Interval(max(0, int(low)), round(best), int(np.ceil(max(best, high))))
