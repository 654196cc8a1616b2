from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from stillwatch.sources.rejected import LONGEST, Reject, shown


def test_rows_are_written_as_they_come_and_counted_by_table_and_reason(tmp_path):
    with Reject(tmp_path / "rejected.jsonl") as reject:
        reject.add("exchanges", file="a.jsonl", line=3, reason="no ts", row={"exchange_id": "x"})
        reject.add("accounts", file="b.csv", line=1, reason="no ts", row=None)
    lines = (tmp_path / "rejected.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[0]) == {
        "file": "a.jsonl",
        "line": 3,
        "reason": "no ts",
        "row": {"exchange_id": "x"},
    }
    assert (reject.count, reject.tables, reject.reasons) == (2, {"exchanges": 1, "accounts": 1}, {"no ts": 2})


def test_a_file_without_rejected_rows_is_there_and_empty(tmp_path):
    Reject(tmp_path / "rejected.jsonl").close()
    assert (tmp_path / "rejected.jsonl").read_bytes() == b""


def test_long_texts_are_cut_and_say_how_long_they_were():
    assert shown("x" * 10_000) == "x" * LONGEST + "... (10000 characters)"
    assert shown({"prompt": b"\xff" * 10}) == {"prompt": "\ufffd" * 10}
    assert shown(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01 00:00:00+00:00"


@given(
    st.recursive(
        st.binary() | st.text() | st.floats() | st.integers(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_anything_can_be_shown(value):
    reject = Reject()
    json.dumps(shown(value)).encode()
    reject.add("exchanges", file="f", line=1, reason="r", row=shown(value))
