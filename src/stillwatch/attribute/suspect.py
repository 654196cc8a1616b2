"""What attribution looks at of each campaign: who belongs to it and what it sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.model.corroborated import Admiralty
from stillwatch.model.finding import Campaign

Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, order=True)
class Named:
    """Another provider names an organisation behind a harvest that asks the same: who says so, on what ground."""

    organisation: str
    maker: str
    code: Admiralty


@dataclass(frozen=True, eq=False)
class Suspect:
    """One campaign: positions of its accounts, and of its exchanges those that belong to it.

    `witnesses` are the families whose evidence speaks for one party; `sighted` are the codes of other providers' sightings of a
    harvest that asks the same, `named` whom they name behind it.
    """

    campaign: Campaign
    accounts: Integers
    rows: Integers
    witnesses: frozenset[str]
    has_agreement: bool = False
    sighted: frozenset[Admiralty] = frozenset()
    named: tuple[Named, ...] = ()
