"""How far the ladder is climbed where no actor was compared: the gates that ask about the campaign alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from stillwatch.attribute.ladder import Standing, gates, level
from stillwatch.attribute.suspect import Suspect
from stillwatch.model.attributed import Gate, Level
from stillwatch.model.finding import Lookalike
from stillwatch.model.pack import AGREEMENT, Pack

OF_THE_CAMPAIGN = ("L1", "L2")


def gates_of(pack: Pack) -> tuple[Gate, ...]:
    """The conditions of L1 and L2, each with what was found."""
    found = gates(Standing(_suspect(pack), None, 1.0, 0.0))
    return tuple(gate for gate in found if gate.level in OF_THE_CAMPAIGN)


def level_of(found: Sequence[Gate]) -> Level:
    """The highest of these levels whose conditions all hold."""
    nobody = Gate("L3a", "an actor was compared", is_met=False, found="none")
    return level((*found, nobody))


def _suspect(pack: Pack) -> Suspect:
    nothing = np.zeros(0, np.int64)
    table = pack.evidence
    whole = pc.and_(
        pc.equal(table["subject"], pack.campaign.campaign_id), pc.greater(table["log10_bayes_factor"], 0.0)
    )
    tried = tuple(Lookalike(x.name, x.is_consistent, x.reason) for x in pack.told.lookalikes)
    return Suspect(
        campaign=replace(pack.campaign, lookalikes=tried),
        accounts=nothing,
        rows=nothing,
        witnesses=frozenset(table.filter(whole)["family"].to_pylist()) - {"extraction"},
        has_agreement=AGREEMENT in pack.members["standing"].to_pylist(),
    )
