"""Batches of small files are put together, and nothing else about them changes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.fingerprint.assemble import Passed
from stillwatch.keep.joined import joined

BATCH = st.tuples(st.integers(1, 9), st.sampled_from(["read", "kept", "with codes"]), st.booleans())


def passed(number: int, rows: int, kind: str, *, has_more: bool) -> Passed:
    """Some rows, of which all values are others than those of another number."""
    names = pa.array([f"{number}-{at % 2}" for at in range(rows)]).dictionary_encode()
    columns = {"name": names, "at": pa.array(np.arange(rows) + 100 * number)}
    columns |= {"more": pa.array([number] * rows)} if has_more else {}
    keyed = pa.RecordBatch.from_pydict(columns)
    codes = np.full((rows, 2), number, np.uint64) if kind == "with codes" else None
    said = {"model": {number: f"model {number}", 0: f"the first of {number}"}}
    return Passed(keyed, said, codes, is_mapped=True, contract=keyed if kind == "read" else None)


@given(batches=st.lists(BATCH, max_size=12), has_codes=st.booleans())
def test_rows_names_and_codes_come_in_their_order(
    *, batches: list[tuple[int, str, bool]], has_codes: bool
) -> None:
    kinds = [("with codes" if has_codes else kind.replace("with codes", "kept")) for _, kind, _ in batches]
    given_ = [
        passed(at, rows, kind, has_more=more)
        for at, ((rows, _, more), kind) in enumerate(zip(batches, kinds, strict=True))
    ]
    found = list(joined(given_, few=6, enough=12))
    for column in ("name", "at"):
        assert [v for one in found for v in one.keyed.column(column).to_pylist()] == [
            v for one in given_ for v in one.keyed.column(column).to_pylist()
        ]
    assert [c for one in found if one.codes is not None for c in one.codes[:, 0].tolist()] == [
        c for one in given_ if one.codes is not None for c in one.codes[:, 0].tolist()
    ]
    assert [one.contract for one in found if one.contract] == [one.contract for one in given_ if one.contract]
    firsts = [one.names["model"] for one in found]
    assert {key for one in firsts for key in one if key} == set(range(1, len(given_)))


def test_small_ones_come_together_up_to_enough_rows_and_large_ones_alone() -> None:
    given_ = [passed(at, rows, "kept", has_more=False) for at, rows in enumerate([5, 5, 5, 2, 7, 1, 1])]
    found = list(joined(given_, few=6, enough=12))
    assert [len(one.keyed) for one in found] == [15, 2, 7, 2]
    assert [one.is_mapped for one in found] == [False, True, True, False]
    assert found[0].names["model"][0] == "the first of 0"
