from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import InputError, SchemaError
from tests.sources.logs import exchange, scan

HEADER = "exchange_id,ts,account_id,model,prompt,turns,tools,temperature,logprobs,seed\n"
TIME = "2026-01-02T03:04:05Z"


def log(path, *lines, header=HEADER):
    path.write_bytes(
        header.encode() + b"".join(x if isinstance(x, bytes) else x.encode() + b"\n" for x in lines)
    )
    return path


def good(number):
    return f"x{number},{TIME},a,m,,,,,,"


def test_values_come_in_contract_types(tmp_path):
    got = scan(
        log(
            tmp_path / "exchanges.csv",
            f'x1,{TIME},a,m,"say ""hi"", you",3,"[""a"",""b""]",.5,True,-9',
            good(2),
        )
    )
    assert got.rows[0] == {
        "exchange_id": "x1",
        "ts": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "account_id": "a",
        "model": "m",
        "prompt": 'say "hi", you',
        "turns": 3,
        "tools": ["a", "b"],
        "temperature": 0.5,
        "logprobs": True,
        "seed": -9,
    }
    assert got.rows[1]["prompt"] is None


def test_a_quoted_field_may_hold_line_ends_and_lines_are_counted_by_where_rows_start(tmp_path):
    got = scan(
        log(tmp_path / "exchanges.csv", f'x1,{TIME},a,m,"one\n""two""\n\nthree",1,,,,', "short,row", good(3))
    )
    assert got.rows[0]["prompt"] == 'one\n"two"\n\nthree'
    assert got.reasons == {6: "2 fields, the header has 10"}
    assert got.ids == ["x1", "x3"]


BROKEN = {
    "no id": (f",{TIME},a,m,,,,,,", "no exchange_id"),
    "no time": ("x,,a,m,,,,,,", "no ts"),
    "no zone": ("x,2026-01-01T00:00:00,a,m,,,,,,", "no ISO 8601 time with a zone: ts"),
    "word": (f"x,{TIME},a,m,,many,,,,", "wrong type: turns"),
    "hexadecimal": (f"x,{TIME},a,m,,0x10,,,,", "wrong type: turns"),
    "underscore": (f"x,{TIME},a,m,,1_0,,,,", "wrong type: turns"),
    "too large": (f"x,{TIME},a,m,,99999999999,,,,", "wrong type: turns"),
    "negative": (f"x,{TIME},a,m,,-1,,,,", "number out of range: turns"),
    "no list": (f"x,{TIME},a,m,,,search,,,", "wrong type: tools"),
    "numbers in list": (f"x,{TIME},a,m,,,[1],,,", "wrong type: tools"),
    "nan": (f"x,{TIME},a,m,,,,nan,,", "wrong type: temperature"),
    "yes": (f"x,{TIME},a,m,,,,,yes,", "wrong type: logprobs"),
    "too few": ("x", "1 fields, the header has 10"),
    "too many": (good(1) + ",", "11 fields, the header has 10"),
    "no UTF-8": (
        f"x,{TIME},a,m,\udcff,,,,,".encode("utf-8", "surrogateescape") + b"\n",
        "no UTF-8 in prompt",
    ),
    "null byte": (f"x,{TIME},a,m,a\0b,,,,,", "null byte in prompt"),
    "open quote": (f'x,{TIME},a,m,"open,,,,,', "quote left open or misplaced"),
    "quote within": (f'x,{TIME},a,m,"a"b,,,,,', "quote left open or misplaced"),
    "odd quote within": (f'x,{TIME},a,m,a"b,,,,,', "quote left open or misplaced"),
    "duplicate": (good(0), "duplicate exchange_id"),
}


@pytest.mark.parametrize("kind", [kind for kind in BROKEN if kind != "odd quote within"])
def test_a_broken_row_is_rejected_and_its_neighbours_are_kept(tmp_path, kind):
    line, reason = BROKEN[kind]
    got = scan(log(tmp_path / "exchanges.csv", good(0), line, good(2), good(3)))
    assert got.ids == ["x0", "x2", "x3"]
    assert got.reasons == {3: reason}
    assert got.rejected[0]["row"]


def test_an_open_quote_does_not_swallow_rows_up_to_the_next_quote(tmp_path):
    lines = [
        good(0),
        BROKEN["open quote"][0],
        good(2),
        f'x3,{TIME},a,m,"said ""so""",,,,,',
        BROKEN["open quote"][0],
        good(5),
    ]
    got = scan(log(tmp_path / "exchanges.csv", *lines))
    assert got.ids == ["x0", "x2", "x3", "x5"]
    assert list(got.reasons) == [3, 6]


def test_empty_lines_windows_ends_and_a_byte_order_mark_are_passed_over(tmp_path):
    path = log(
        tmp_path / "exchanges.csv",
        good(1) + "\r",
        "",
        "\r",
        good(2) + "\r",
        header="\ufeff" + HEADER[:-1] + "\r\n",
    )
    assert scan(path).ids == ["x1", "x2"]


def test_unknown_columns_are_kept_out_and_counted(tmp_path):
    path = log(
        tmp_path / "exchanges.csv",
        f"x1,b,{TIME},a,m",
        "broken",
        header="exchange_id,beside,ts,account_id,model\n",
    )
    got = scan(path)
    assert got.input.unknown_columns == {"exchanges.beside": 1}
    assert got.input.columns == {"exchange_id", "ts", "account_id", "model"}


@pytest.mark.parametrize(
    "header", ["", "exchange_id,ts,model\n", "\n", '"open\n', "exchange_id;ts;account_id;model\n"]
)
def test_a_header_without_the_required_columns_is_refused(tmp_path, header):
    with pytest.raises(SchemaError, match="account_id"):
        scan(log(tmp_path / "exchanges.csv", header=header))


def test_a_header_that_names_a_column_twice_is_refused(tmp_path):
    with pytest.raises(SchemaError, match="'model' more than once"):
        scan(log(tmp_path / "exchanges.csv", header=HEADER[:-1] + ",model\n"))


def test_a_packed_file_that_breaks_off_is_read_up_to_there_and_told(tmp_path):
    text = (HEADER + "".join(good(n) + "\n" for n in range(20_000))).encode()
    packed = gzip.compress(text)
    path = tmp_path / "exchanges.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    got = scan(path, failing=True)
    assert 100 < len(got.ids) < 20_000
    assert "breaks off" in got.input.failures["exchanges.csv.gz"]


def test_a_packed_file_without_a_header_cannot_be_used(tmp_path):
    path = tmp_path / "exchanges.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 1000)[:10])
    with pytest.raises(InputError, match="breaks off"):
        scan(path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet='x,"\n\r\0é ', max_size=30), max_size=6))
def test_no_garbage_stops_the_reader(tmp_path_factory, pieces):
    path = log(tmp_path_factory.mktemp("garbage") / "exchanges.csv", *pieces, good(1))
    scan(path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40).filter(lambda t: "\0" not in t), max_size=6))
def test_any_text_comes_back_from_a_well_formed_file(tmp_path_factory, prompts):
    written = io.StringIO(newline="")
    names = ["exchange_id", "ts", "account_id", "model", "prompt"]
    rows = [[exchange(n).get(name, prompt) for name in names] for n, prompt in enumerate(prompts)]
    csv.writer(written, lineterminator="\r\n").writerows([names, *rows])
    path = tmp_path_factory.mktemp("text") / "exchanges.csv"
    path.write_bytes(written.getvalue().encode())
    got = scan(path)
    assert [row["prompt"] for row in got.rows] == prompts
    assert json.dumps(got.rejected) == "[]"
