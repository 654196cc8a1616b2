"""Positions of accounts among all ids."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.fingerprint.positions import Ids, known_ids

NAMES = st.sampled_from(["", "a", "b", "ba", "c", "é"])
DICTIONARIES = st.lists(NAMES, min_size=1, max_size=4, unique=True)


@st.composite
def batches(draw: st.DrawFn) -> list[pa.DictionaryArray]:
    """Batches that name their ids anew, or as the one before; not every id of a dictionary has a row."""
    made, named = [], draw(DICTIONARIES)
    for again in draw(st.lists(st.booleans(), max_size=5)):
        named = named if again else draw(DICTIONARIES)
        rows = draw(st.lists(st.integers(0, len(named) - 1), max_size=5))
        made.append(pa.DictionaryArray.from_arrays(pa.array(rows, pa.int32()), pa.array(named, pa.string())))
    return made


@given(batches(), st.lists(NAMES, max_size=3))
def test_each_row_has_the_place_of_its_id_among_all_that_there_are(made, others):
    ids = Ids()
    places = pa.chunked_array([ids.add(one) for one in made], pa.int32())
    known, of_row = ids.positions(pa.array(others, pa.string()), places)
    rows = [one for batch in made for one in batch.to_pylist()]
    assert known.to_pylist() == sorted({*rows, *others})
    assert known.equals(known_ids(pa.array(rows, pa.string()), pa.array(others, pa.string())))
    assert known.take(pa.array(of_row)).to_pylist() == rows


def test_batches_of_one_row_group_hold_their_ids_once():
    ids, many = Ids(), [f"account {at}" for at in range(10_000)]
    before = pa.total_allocated_bytes()
    for at in range(50):
        rows = pa.array([at], pa.int32())
        ids.add(pa.DictionaryArray.from_arrays(rows, pa.array(many)))
    assert pa.total_allocated_bytes() - before < 3 * pa.array(many).nbytes
