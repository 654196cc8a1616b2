"""How well the exchanges of a harvest are told from other traffic on the same accounts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.scoring.rates import precision_recall
from stillwatch.scoring.reported import Reported
from stillwatch.scoring.truth import Truth

CLAIMED_FROM = 0.5
"""An exchange is claimed as extraction from this probability on."""


def score_exchanges(truth: Truth, reported: Reported) -> dict[str, Any] | None:
    """Precision, recall and F1 of claimed extraction, and how often the capability is right.

    `capability_accuracy` is the share of rightly claimed exchanges whose capability is the true one. A world
    without extraction has the number of claimed exchanges as `false_extraction` instead.
    """
    claims = _claims(reported)
    actual = truth.extraction.num_rows
    if not actual:
        return None if claims is None else {"false_extraction": claims.num_rows}
    if claims is None:
        return precision_recall(right=0, wrong=0, missed=actual)
    place = pc.index_in(truth.extraction["exchange_id"].cast(pa.string()), value_set=claims["exchange_id"])
    right = len(place) - place.null_count
    result = precision_recall(right=right, wrong=claims.num_rows - right, missed=actual - right)
    if right and "capability" in claims.column_names:
        return {**result, "capability_accuracy": _capability_accuracy(truth, claims, place)}
    return result


def _claims(reported: Reported) -> pa.Table | None:
    """Pick the exchanges claimed as extraction, one row each; None if the report does not say."""
    table = reported.exchanges
    if table is None or not {"exchange_id", "extraction"} <= set(table.column_names):
        return None
    try:
        probability = pc.fill_null(table["extraction"].cast(pa.float64()), 0.0)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    claimed = table.filter(pc.greater_equal(probability, CLAIMED_FROM))
    columns = [name for name in ("exchange_id", "capability") if name in claimed.column_names]
    plain = pa.table({name: claimed[name].cast(pa.string()) for name in columns})
    return (
        plain.group_by("exchange_id", use_threads=False)
        .aggregate([(name, "first") for name in columns[1:]])
        .rename_columns(columns)
    )


def _capability_accuracy(truth: Truth, claims: pa.Table, place: pa.ChunkedArray) -> float:
    found = pc.is_valid(place)
    actual = truth.extraction["capability"].cast(pa.string()).filter(found)
    claimed = claims["capability"].take(place.filter(found))
    same = pc.and_kleene(pc.is_valid(claimed), pc.equal(actual, claimed))
    return float(pc.sum(same).as_py() or 0) / len(same)
