"""What reading a log of another program costs, beside decoding the same bytes with nothing done to them.

    python benchmarks/formats.py                              # every format, 20,000 exchanges: three minutes
    python benchmarks/formats.py --formats litellm,otel --exchanges 5000
    python benchmarks/formats.py --text 0                     # with the simulated texts as short as they are

A simulated world is written in each format and read again. Simulated prompts and answers have a few hundred bytes, those
in logs of real systems some thousands; so each is lengthened to `--text` characters before it is written, with words of
other prompts of the same world, begun at another place for each. `bytes_an_exchange` says how long a record then is.

The yardstick is msgspec's decoder of JSON, which knows no types, called on each line. A ratio is CPU seconds of the
yardstick over CPU seconds of reading, the best of several turns of each, taken in turns: 1 would be reading for free.
Formats that hold no texts are the same whatever their length.
"""

from __future__ import annotations

import argparse
import json
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
TEXT = 2_000
"""Characters of a prompt and of an answer in the logs."""

STRIDE = 7_919
"""Characters from one text's first added word to the next one's."""

GOALS = {"jsonl": 0.9}
NESTED_GOAL = 0.5


def main() -> None:
    """Measure each format and write the result."""
    chosen = _arguments()
    known = sources()
    names = chosen.formats or [
        "jsonl",
        *(name for name, source in known.items() if source.carries is not None),
    ]
    found = {}
    with tempfile.TemporaryDirectory(prefix="stillwatch-formats-") as scratch:
        world = Path(scratch) / "world"
        build("mixed", seed=1, exchanges=chosen.exchanges, out=world)
        rows = _lengthened(pa.Table.from_batches(open_input(world).exchanges(Reject())), chosen.text)
        for name in names:
            log = Path(scratch) / f"{name}.log.jsonl"
            known[name].write(_in_batches(rows), log)
            found[name] = _measured(known[name], log, chosen.turns)
            log.unlink()
            print(_line(name, found[name]), flush=True)
    told = {
        "what": "simulated world mixed, seed 1, written in each format and read again",
        "exchanges": rows.num_rows,
        "text": chosen.text,
        "turns": chosen.turns,
        "machine": machine(),
        "formats": found,
        "goals": [
            {
                "format": name,
                "goal": GOALS.get(name, NESTED_GOAL),
                "met": one["ratio"] >= GOALS.get(name, NESTED_GOAL),
            }
            for name, one in found.items()
        ],
    }
    chosen.result.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "utf-8")


def _line(name: str, one: dict[str, float]) -> str:
    return f"{name:16} {one['ratio']:.2f}  {one['microseconds']:.1f} us an exchange of {one['bytes_an_exchange']:,.0f} bytes"


def _lengthened(rows: pa.Table, least: int) -> pa.Table:
    """The rows with prompts and answers of so many characters at least; those that are not there stay away."""
    words = " ".join(text for text in rows["prompt"].slice(0, 5_000).to_pylist() if text)
    for name in ("prompt", "response"):
        place, start = rows.schema.get_field_index(name), len(name)
        texts = []
        for text in rows[name].to_pylist():
            start = (start + STRIDE) % max(1, len(words) - least)
            missing = least - len(text or "")
            texts.append(f"{text} {words[start : start + missing]}" if text and missing > 0 else text)
        field = rows.schema.field(place)
        rows = rows.set_column(place, field, pa.array(texts, field.type))
    return rows


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
    parser.add_argument(
        "--text", type=int, default=TEXT, help="least characters of a prompt and of an answer"
    )
    parser.add_argument("--result", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
