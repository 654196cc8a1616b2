"""What attribution looks at: the log after the door, and of each campaign who belongs to it and what it sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.fingerprint.assemble import Log
from stillwatch.model.finding import Campaign

Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Traffic:
    """A log with the tables beside it; `mentions` counts, for each product name, the requests of each account that name it."""

    log: Log
    accounts: pa.Table
    networks: pa.Table
    mentions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Suspect:
    """One campaign: positions of its accounts, and of its exchanges those that belong to it.

    `witnesses` are the families whose evidence speaks for one party.
    """

    campaign: Campaign
    accounts: Integers
    rows: Integers
    witnesses: frozenset[str]
    has_agreement: bool = False
