"""What reading a log of another program costs, beside decoding the same bytes with nothing done to them.

    python benchmarks/formats.py                              # every format, 20,000 exchanges: two minutes
    python benchmarks/formats.py --formats litellm,otel --exchanges 5000

A simulated world is written in each format and read again. The yardstick is msgspec's decoder of JSON, which knows no
types, called on each line. A ratio is CPU seconds of the yardstick over CPU seconds of reading, the best of several turns of each, taken in turns: 1 would
be reading for free. Memory is the peak of a process that reads a log ten times as long, over one that reads nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
from machine import machine

from stillwatch.model.tables import EXCHANGE
from stillwatch.simulate.worlds import build
from stillwatch.sources._base import Source
from stillwatch.sources.files import sources
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject

RESULT = Path(__file__).parent / "results" / "formats.json"
GOALS = {"jsonl": 0.9}
NESTED_GOAL = 0.5


def main() -> None:
    """Measure each format and write the result."""
    chosen = _arguments()
    known = sources()
    names = chosen.formats or ["jsonl", *(name for name, source in known.items() if source.carries is not None)]
    found = {}
    with tempfile.TemporaryDirectory(prefix="stillwatch-formats-") as scratch:
        world = Path(scratch) / "world"
        build("mixed", seed=1, exchanges=chosen.exchanges, out=world)
        rows = pa.Table.from_batches(open_input(world).exchanges(Reject()))
        for name in names:
            log = Path(scratch) / f"{name}.log.jsonl"
            known[name].write(_in_batches(rows), log)
            found[name] = _measured(known[name], log, chosen.turns)
            print(f"{name:16} {found[name]['ratio']:.2f}  {found[name]['microseconds']:.1f} us an exchange", flush=True)
    told = {
        "what": "simulated world mixed, seed 1, written in each format and read again",
        "exchanges": rows.num_rows,
        "turns": chosen.turns,
        "machine": machine(),
        "formats": found,
        "goals": [
            {"format": name, "goal": GOALS.get(name, NESTED_GOAL), "met": one["ratio"] >= GOALS.get(name, NESTED_GOAL)}
            for name, one in found.items()
        ],
    }
    chosen.result.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "utf-8")


def _in_batches(rows: pa.Table) -> Iterator[pa.RecordBatch]:
    """The rows with what every program writes: a status, an address and no times before 1970."""
    return iter(rows.to_batches(5_000))


def _measured(source: Source, log: Path, turns: int) -> dict[str, float]:
    bare, read = [], []
    for _ in range(turns):
        bare.append(_decoded(log))
        read.append(_read(source, log))
    size, count = log.stat().st_size, sum(1 for _ in log.open("rb"))
    return {
        "ratio": min(bare) / min(read),
        "decode_seconds": min(bare),
        "read_seconds": min(read),
        "bytes_an_exchange": size / count,
        "microseconds": 1e6 * min(read) / count,
        "megabytes_a_second": size / 1e6 / min(read),
    }


def _decoded(log: Path) -> float:
    decode = msgspec.json.Decoder().decode
    began = time.process_time()
    with log.open("rb") as file:
        for line in file:
            decode(line)
    return time.process_time() - began


def _read(source: Source, log: Path) -> float:
    began = time.process_time()
    for chunk in source.read(log, EXCHANGE).chunks():
        assert not chunk.failure
    return time.process_time() - began


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--formats", type=lambda text: text.split(","), help="default: all")
    parser.add_argument("--exchanges", type=int, default=20_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--result", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
