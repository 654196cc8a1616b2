"""Hostile sizes, each in a process of its own whose greatest memory is measured."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import pytest
import zstandard

from tests.sources.logs import exchange

READ = """
import resource, sys
from pathlib import Path
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

log, out = Path(sys.argv[1]), Path(sys.argv[2])
list(open_input(log.with_name("small.jsonl")).exchanges(Reject()))
before = peak()
with Reject(out) as reject:
    rows = sum(batch.num_rows for batch in open_input(log).exchanges(reject))
print(rows, reject.count, peak() - before)
"""


def read(path):
    """Rows, rejected rows, and by how many MB reading raised the greatest memory; and what was rejected."""
    path.with_name("small.jsonl").write_bytes(json.dumps(exchange()).encode())
    out = path.with_name("rejected.jsonl.out")
    done = subprocess.run(
        [sys.executable, "-c", READ, path, out], capture_output=True, text=True, check=True, timeout=300
    )
    rows, rejected, grown = map(int, done.stdout.split())
    return rows, rejected, grown, [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def long_line(megabytes):
    yield json.dumps(exchange(1)).encode() + b'\n{"exchange_id": "long", "prompt": "'
    for _ in range(megabytes):
        yield b"x" * (1 << 20)
    yield b'"}\n' + json.dumps(exchange(2)).encode() + b"\n"


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_a_line_of_100_mb_is_rejected_without_being_held(tmp_path, suffix):
    path = tmp_path / f"log{suffix}"
    whole = b"".join(long_line(100))
    pack = {".jsonl": bytes, ".jsonl.gz": lambda b: gzip.compress(b, 1), ".jsonl.zst": zstandard.compress}[
        suffix
    ]
    path.write_bytes(pack(whole))
    rows, rejected, grown, shown = read(path)
    assert (rows, rejected) == (2, 1)
    assert shown[0]["line"] == 2
    assert shown[0]["reason"] == "line longer than 16 MB"
    assert len(shown[0]["row"]) < 1000
    assert grown < 100


def test_a_line_of_100_mb_in_csv_is_rejected_without_being_held(tmp_path):
    path = tmp_path / "log.csv"
    head = b"exchange_id,ts,account_id,model,prompt\n"
    good = b"%s,2026-01-01T00:00:00Z,a,m,p\n"
    path.write_bytes(head + good % b"x1" + b'x2,"' + b"x" * (100 << 20) + b'"\n' + good % b"x3")
    rows, rejected, grown, shown = read(path)
    assert (rows, rejected, shown[0]["line"]) == (2, 1, 3)
    assert grown < 150


def test_many_long_lines_come_in_bounded_batches(tmp_path):
    path = tmp_path / "log.jsonl.zst"
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as packing:
        for number in range(60):
            packing.write(json.dumps(exchange(number, prompt="x" * 10_000_000)).encode() + b"\n")
    rows, rejected, grown, _ = read(path)
    assert (rows, rejected) == (60, 0)
    assert grown < 600
