"""Train a small model of meanings from published prompts, in the folder format that a scan reads.

    python benchmarks/meaning/train.py PROMPTS FOLDER

PROMPTS is a folder of published prompts (`*/*.jsonl.gz` with `prompt` and `response`). Word pieces stand near each other
that stand beside the same others: positive pointwise mutual information, reduced by a singular value decomposition (Levy
and Goldberg, 2014), with frequent pieces made light (Arora et al., 2017). Needs the extras `bench` and `semantic`.

It is for tests and measurements: it knows which words go together in some ten million words of prompts, mostly English and
Chinese, and little of what means the same. A scan that matters deserves a model that was distilled from a large one.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.linalg import svds
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "[UNK]"
LONGEST = 4000
"""Characters read of one text."""
WINDOW = 5
LIGHT = 1e-3
"""A piece of this share of all counts by half."""
SMOOTHED = 0.75


def texts(prompts: Path) -> list[str]:
    """Distinct prompts and answers, in order."""
    return sorted(set(_texts(prompts)))


def _texts(prompts: Path) -> Iterator[str]:
    for file in sorted(prompts.glob("*/*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield from (
                    row[key][:LONGEST] for key in ("prompt", "response") if isinstance(row.get(key), str)
                )


def tokenizer(known: list[str], pieces: int) -> Tokenizer:
    """Word pieces of these texts, in lower case."""
    made = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=pieces, special_tokens=[UNKNOWN], show_progress=False)
    made.train_from_iterator(known, trainer)
    return made


def counts(ids: list[np.ndarray], pieces: int) -> csr_matrix:
    """How often pieces stand within `WINDOW` of each other, nearer ones counting more; symmetric."""
    flat = np.concatenate([np.append(one, [-1] * WINDOW) for one in ids])
    found = csr_matrix((pieces, pieces))
    for apart in range(1, WINDOW + 1):
        one, other = flat[:-apart], flat[apart:]
        whole = (one >= 0) & (other >= 0)
        pairs = (np.full(int(whole.sum()), 1.0 / apart), (one[whole], other[whole]))
        found = found + coo_matrix(pairs, shape=(pieces, pieces)).tocsr()
    return (found + found.T).tocsr()


def vectors(together: csr_matrix, dimensions: int) -> np.ndarray:
    """A vector of length 1 for each piece."""
    often = np.asarray(together.sum(axis=1)).ravel()
    context = often**SMOOTHED
    cells = together.tocoo()
    information = np.log(cells.data * context.sum() / (often[cells.row] * context[cells.col]))
    kept = information > 0
    table = csr_matrix((information[kept], (cells.row[kept], cells.col[kept])), shape=together.shape)
    left, strength, _ = svds(table, k=dimensions, v0=np.ones(together.shape[0]))
    found = left * np.sqrt(strength)
    return found / np.maximum(1e-9, np.linalg.norm(found, axis=1, keepdims=True))


def main() -> None:
    """Read, count, reduce, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompts", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pieces", type=int, default=12_000)
    parser.add_argument("--dimensions", type=int, default=96)
    chosen = parser.parse_args()
    known = texts(chosen.prompts)
    splits = tokenizer(known, chosen.pieces)
    pieces = splits.get_vocab_size()
    ids = [np.array(one.ids, np.int64) for one in splits.encode_batch_fast(known, add_special_tokens=False)]
    found = vectors(counts(ids, pieces), min(chosen.dimensions, pieces - 1))
    share = np.bincount(np.concatenate(ids), minlength=pieces) / sum(map(len, ids))
    weight = LIGHT / (LIGHT + share)
    found = (found - (share * weight) @ found / (share @ weight)) * weight[:, None]
    chosen.folder.mkdir(parents=True, exist_ok=True)
    save_file({"embeddings": found.astype(np.float16)}, chosen.folder / "model.safetensors")
    splits.save(str(chosen.folder / "tokenizer.json"))
    (chosen.folder / "config.json").write_text(json.dumps({"normalize": True}), encoding="utf-8")
    print(f"{len(known):,} texts, {pieces:,} pieces, {found.shape[1]} dimensions")


if __name__ == "__main__":
    main()
