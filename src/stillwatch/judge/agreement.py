"""Agreements on file come first: who may distil, who may resell, who evaluates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.weigh.holding import Integers, Mask

DISTILLATION = "distillation"
EXPLAINING = frozenset({"reseller", "evaluation", "research", "red_team", "redteam", "safety", "education"})


@dataclass(frozen=True, eq=False)
class Agreements:
    """For each account: may it distil; does another agreement explain pooled or templated use."""

    may_distil: Mask
    explained: Mask


def agreements(accounts: pa.Table, account_ids: list[str], principal: Integers) -> Agreements:
    """Agreements of each account, or of another account of the same declared organisation."""
    position = {account_id: at for at, account_id in enumerate(account_ids)}
    may, explained = np.zeros(len(account_ids), np.bool_), np.zeros(len(account_ids), np.bool_)
    some = accounts.filter(pc.greater(pc.list_value_length(accounts["programmes"]), 0))
    for account_id, programmes in zip(
        some["account_id"].to_pylist(), some["programmes"].to_pylist(), strict=True
    ):
        held = {str(p).lower() for p in programmes}
        may[position[account_id]] = DISTILLATION in held
        explained[position[account_id]] = bool(held & EXPLAINING)
    return Agreements(_of_party(may, principal), _of_party(explained, principal))


def _of_party(held: Mask, principal: Integers) -> Mask:
    parties = np.zeros(int(principal.max()) + 1 if len(principal) else 0, np.bool_)
    parties[principal[held]] = True
    return parties[principal]
