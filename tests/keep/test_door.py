"""What comes through the door is the same on any number of threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.assemble import Gather, Passed
from stillwatch.keep import door
from stillwatch.keep.door import Door
from stillwatch.testing.written import write_model
from tests.fingerprint.strategies import logs
from tests.fingerprint.written import batch

TEXTS = ["write the full answer", "boil seven potatoes slowly", "compose the whole reply"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("model")
    write_model(place, TEXTS)
    return place


def told(passed: Iterator[Passed]) -> list[Any]:
    return [(one.keyed.to_pylist(), one.names, np.asarray(one.codes).tolist()) for one in passed]


@settings(deadline=None, max_examples=30)
@given(rows=logs, size=st.integers(1, 4), threads=st.integers(2, 5))
def test_batches_come_through_in_their_order_and_the_same(
    model: Path, rows: list[dict[str, Any]], size: int, threads: int
) -> None:
    asked = [row | {"prompt": TEXTS[at % 3]} if at % 2 else row for at, row in enumerate(rows)]
    batches = [batch(*asked[at : at + size]) for at in range(0, len(asked), size)]
    alone, together = Door(Gather(model), 1), Door(Gather(model), threads)
    assert told(together.passed(batches)) == told(alone.passed(batches))


@pytest.mark.parametrize("threads", [1, 2, 64])
def test_no_more_than_a_few_batches_are_in_hand_however_many_threads_there_are(threads: int) -> None:
    drawn = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal drawn
        for _ in range(50):
            drawn += 1
            yield batch({"prompt": TEXTS[0]})

    through = Door(Gather(), threads).passed(batches())
    for came, _ in enumerate(through, 1):
        assert drawn - came <= min(threads, door.AT_ONCE)
    assert drawn == 50


def test_a_log_that_breaks_off_leaves_no_thread_behind() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        for _ in range(9):
            yield batch({"prompt": TEXTS[0]})
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        list(Door(Gather(), 2).passed(batches()))
    assert threading.active_count() == before
