"""Another maker's assistant, served by a pool: a model that is to say it is somebody else's, dealt evenly over many parties.

A firm's assistant runs on the firm's few accounts; an app whose customers bring keys of their own, and a class, use each account
as much as its owner needs, and a class asks what it was assigned; the staff of an agency works by day. A relay that sells a model
says which, and passes on the system prompts of its customers' programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from stillwatch.fingerprint.probes import CONCEALED, mask
from stillwatch.judge.assigned import POOL_CONVERSATIONS, along
from stillwatch.judge.gather import at_rows
from stillwatch.judge.tenant import Tenant
from stillwatch.weigh.holding import Floats, Integers

SERVED_LEVEL, SERVED_LOG2, SERVED_AWAKE, SERVED_FRESH = (0.8, 0.9), (5.0, 5.4), (0.45, 0.55), (0.5, 0.7)
"""Level load, log2 of parties, share of the day's hours and of distinct prompts from which a pool may serve an assistant, and from which it counts in full (docs/adr/0079)."""
SERVED_CONTROL_BITS = 1.0
"""Customers of one app who are nothing to each other share no addresses, cards or reasoning blocks."""
CONDITIONS = (*SERVED_LEVEL, *SERVED_LOG2, *SERVED_AWAKE, *SERVED_FRESH, SERVED_CONTROL_BITS)
"""The same as numbers; what was measured with others is measured anew (`judge/references.py`)."""


def disguised_pool(measured: Mapping[str, Floats], nothing: Floats) -> Floats:
    """The share of conversations that open below system prompts of the cluster's own that conceal the model, if it is such a pool; less if it hardly is, NaN if not."""

    def of(name: str) -> Floats:
        return measured.get(name, nothing)

    is_pool = along(of("level_load"), *SERVED_LEVEL) * along(of("pool_size"), *SERVED_LOG2)
    is_pool = (
        is_pool * along(of("no_human_rhythm"), *SERVED_AWAKE) * along(of("fresh_prompts"), *SERVED_FRESH)
    )
    is_pool = (
        is_pool * (of("common_control") >= SERVED_CONTROL_BITS) * (of("conversations") >= POOL_CONVERSATIONS)
    )
    return np.where(is_pool > 0, is_pool * of("disguised_model"), np.nan)


@dataclass(frozen=True)
class Told:
    """What of a pool's own system prompts is looked for: probes in a column of what they ask for."""

    column: str
    probes: tuple[str, ...]


DISGUISED, DEMANDED = Told("told", CONCEALED), Told("told_last", ("demanded",))
SEEN, SHOWN = 8, 0.1
"""Requests among which a party of such a pool shows its system prompt, in that part of them; who made fewer cannot be told."""


def whole_pool(exchange: pa.Table, rows: Integers, party: Integers, told: Told) -> Tenant | None:
    """Those of a pool's parties, with requests at `rows`, whose system prompts are told so; None if all are that made enough requests to tell.

    Linking takes along who shares the pool's addresses or program.
    """
    showing = (at_rows(exchange[told.column], rows) & mask(*told.probes)) != 0
    made = np.bincount(party)
    shown = np.bincount(party[showing], minlength=len(made))
    others = np.flatnonzero((made >= SEEN) & (shown < SHOWN * made))
    if not len(others) or not shown.any():
        return None
    mine = np.setdiff1d(party, others)
    return Tenant(mine, rows[np.isin(party, mine)], (), is_all=True)
