"""A simulated log whose texts are as long as its own token counts say: simulated prompts and answers are far shorter.

    python benchmarks/lengthen.py LOG OUT

Answers and the prompts of requests of one message get made-up words at their end until they hold four bytes a token
(the instruction's part of the tokens taken off), 16,000 bytes at most. No two texts get the same words, so that what is
shared stays what it was. Detection on such a log says nothing; what reading it costs does.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BYTES_A_TOKEN, LONGEST = 4, 16_000
KINDS, WORDS = 4_000, 8_000_000
"""Different words, some far more frequent than others as in any language (Zipf), and how many are written in a row."""
LETTERS = "etaoinshrdlucmfwypvbgk"


def lengthened(log: Path, out: Path) -> Path:
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
            writer.write_batch(_longer(batch, words, rng))
    return out


def _words(rng: np.random.Generator) -> str:
    kinds = ["".join(rng.choice(list(LETTERS), rng.integers(2, 10))) for _ in range(KINDS)]
    often = 1.0 / np.arange(1, KINDS + 1)
    return " ".join([kinds[k] for k in rng.choice(KINDS, WORDS, p=often / often.sum()).tolist()])


def _longer(batch: pa.RecordBatch, words: str, rng: np.random.Generator) -> pa.RecordBatch:
    given = pc.binary_length(batch["system_prompt"].cast(pa.string())).fill_null(0)
    single = pc.equal(batch["turns"], 1).fill_null(False)  # noqa: FBT003
    asked = pc.subtract(pc.multiply(batch["input_tokens"].fill_null(0), BYTES_A_TOKEN), given)
    lengths = {
        "prompt": pc.if_else(single, asked, 0),
        "response": pc.multiply(batch["output_tokens"].fill_null(0), BYTES_A_TOKEN),
    }
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


if __name__ == "__main__":
    lengthened(Path(sys.argv[1]), Path(sys.argv[2]))
