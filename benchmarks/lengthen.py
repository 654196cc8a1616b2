"""A simulated log with longer texts: simulated prompts and answers are far shorter than real ones.

    python benchmarks/lengthen.py LOG OUT                       # as long as its own counts of tokens say
    python benchmarks/lengthen.py LOG OUT --prompts 550 4200    # prompts at least so long: a draw's median and 99th percentile, in bytes

Texts get made-up words at their end. By tokens, answers and the prompts of requests of one message do until they hold four
bytes a token (the instruction's part of the tokens taken off), 16,000 bytes at most. By lengths, prompts do until they hold
as many bytes as a lognormal draw says, and answers stay as they are. No two texts get the same words, so that what is shared stays what it was.
Detection on such a log says nothing; what reading it costs does.
"""

from __future__ import annotations

import argparse
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BYTES_A_TOKEN, LONGEST = 4, 16_000
KINDS, WORDS = 4_000, 8_000_000
"""Different words, some far more frequent than others as in any language (Zipf), and how many are written in a row."""
LETTERS = "etaoinshrdlucmfwypvbgk"
NORMAL_99 = 2.3263
"""What one in a hundred draws of the normal distribution exceeds."""
Lengths = dict[str, pa.Array]
"""By column how many bytes each text should have at least."""


def lengthened(log: Path, out: Path, lengths_of: Callable[[pa.RecordBatch], Lengths]) -> Path:
    """The folder `out` with the tables of `log`, its texts lengthened."""
    out.mkdir(parents=True)
    for file in log.iterdir():
        if file.stem != "exchanges":
            shutil.copy(file, out / file.name)
    rng = np.random.default_rng(1)
    words = _words(rng)
    with (
        pq.ParquetFile(log / "exchanges.parquet") as file,
        pq.ParquetWriter(out / "exchanges.parquet", file.schema_arrow, compression="zstd") as writer,
    ):
        for batch in file.iter_batches(1 << 16):
            writer.write_batch(_longer(batch, lengths_of(batch), words, rng))
    return out


def _words(rng: np.random.Generator) -> str:
    kinds = ["".join(rng.choice(list(LETTERS), rng.integers(2, 10))) for _ in range(KINDS)]
    often = 1.0 / np.arange(1, KINDS + 1)
    return " ".join([kinds[k] for k in rng.choice(KINDS, WORDS, p=often / often.sum()).tolist()])


def by_tokens(batch: pa.RecordBatch) -> Lengths:
    """Four bytes for each token that was counted."""
    given = pc.binary_length(batch["system_prompt"].cast(pa.string())).fill_null(0)
    single = pc.equal(batch["turns"], 1).fill_null(False)  # noqa: FBT003
    asked = pc.subtract(pc.multiply(batch["input_tokens"].fill_null(0), BYTES_A_TOKEN), given)
    return {
        "prompt": pc.if_else(single, asked, 0),
        "response": pc.multiply(batch["output_tokens"].fill_null(0), BYTES_A_TOKEN),
    }


def drawn(median: float, percentile_99: float) -> Callable[[pa.RecordBatch], Lengths]:
    """Lengths of prompts, drawn from the lognormal distribution with this median and this 99th percentile."""
    rng = np.random.default_rng(2)
    spread = math.log(percentile_99 / median) / NORMAL_99

    def lengths(batch: pa.RecordBatch) -> Lengths:
        return {"prompt": pa.array(rng.lognormal(math.log(median), spread, batch.num_rows).astype(np.int64))}

    return lengths


def _longer(batch: pa.RecordBatch, lengths: Lengths, words: str, rng: np.random.Generator) -> pa.RecordBatch:
    for name, least in lengths.items():
        at = batch.schema.get_field_index(name)
        texts = batch[name].cast(pa.string()).to_pylist()
        starts = rng.integers(0, len(words) - LONGEST, len(texts)).tolist()
        longer = [
            None if text is None else text + words[start : start + min(LONGEST, size) - len(text)]
            if min(LONGEST, size) > len(text) else text
            for text, start, size in zip(texts, starts, least.to_pylist(), strict=True)
        ]  # fmt: skip
        batch = batch.set_column(
            at, batch.schema.field(at), pa.array(longer, pa.string()).cast(batch.schema.field(at).type)
        )
    return batch


def main() -> None:
    """Lengthen one log."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--prompts", type=float, nargs=2, metavar=("MEDIAN", "PERCENTILE_99"))
    chosen = parser.parse_args()
    lengthened(chosen.log, chosen.out, drawn(*chosen.prompts) if chosen.prompts else by_tokens)


if __name__ == "__main__":
    main()
