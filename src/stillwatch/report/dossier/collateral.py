"""Who might be hit by mistake: members by what is on file of them and by how firmly they belong, each in one class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.model.pack import AGREEMENT, ORGANISATION, Pack
from stillwatch.model.response import MemberClass

FIRM = 0.95
LIKELY = 0.8
MIXED = 0.5
"""An account of whose exchanges a smaller part than this belongs carries mostly somebody else's traffic; so does any of a relay."""

CLASSES = (
    ("agreement", "Holders of an agreement", "A programme is on file of the account: ask its holder first."),
    (
        "organisation",
        "Accounts of a verified organisation",
        "A company can look like one operation, and be one.",
    ),
    (
        "mixed",
        "Accounts that carry mostly other traffic",
        "Customers of a relay or of a shared account stand behind them.",
    ),
    ("weak", "Loosely tied accounts", f"Membership below {LIKELY:.0%}."),
    ("likely", "Likely members", f"Membership of {LIKELY:.0%} to {FIRM:.0%}."),
    ("firm", "Firm members", f"Membership of {FIRM:.0%} or more, and nothing on file that explains it."),
)
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sorted:
    """The members as columns, and the class of each by its code."""

    account_ids: list[str]
    membership: Floats
    code: NDArray[np.str_]
    other: Floats | None

    def only(self, mask: Flags) -> tuple[int, float, float | None]:
        """Of the members chosen: how many, how many of them are expected innocent, and their other exchanges."""
        others = None if self.other is None else float(self.other[mask].sum())
        return int(mask.sum()), float((1 - self.membership[mask]).sum()), others


def sorted_members(pack: Pack) -> Sorted:
    """Every member in the first class that fits."""
    table = pack.members
    membership = np.clip(np.nan_to_num(_floats(table, "membership")), 0, 1)
    standing = np.array([text or "" for text in table["standing"].to_pylist()])
    exchanges, belonging = _floats(table, "exchanges"), _floats(table, "belonging")
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(exchanges > 0, belonging / exchanges, np.nan)
    is_relay = np.full(len(share), pack.campaign.verdict == "relay")
    code = np.select(
        [
            standing == AGREEMENT,
            standing == ORGANISATION,
            is_relay | (share < MIXED),
            membership < LIKELY,
            membership < FIRM,
        ],
        ["agreement", "organisation", "mixed", "weak", "likely"],
        default="firm",
    )
    strangers = np.where(is_relay, exchanges, np.maximum(exchanges - belonging, 0))
    other = None if pack.log is None else np.nan_to_num(strangers)
    return Sorted(table["account_id"].to_pylist(), membership, code, other)


def classes(members: Sorted) -> tuple[MemberClass, ...]:
    """The classes that somebody is in, those first that speak most for innocence."""
    found = []
    for code, name, told in CLASSES:
        accounts, innocent, other = members.only(members.code == code)
        if accounts:
            found.append(MemberClass(name, accounts, innocent, other, told))
    return tuple(found)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.array([np.nan if v is None else float(v) for v in table[name].to_pylist()], np.float64)
