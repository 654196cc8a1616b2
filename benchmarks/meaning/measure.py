"""What a model of meanings adds, and what it costs: pairs of sentences, and scans with and without it.

    python benchmarks/meaning/measure.py SCRATCH NAME=FOLDER [NAME=FOLDER ...] --exchanges 60000 --seeds 411 412 413

Writes `benchmarks/results/meaning.json`. A pair shares a key if both sentences are nearest to one centre; centres are those
of the log that the sentences are put into, the first clean world of the measurement.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from reword import copied

sys.path.insert(0, str(Path(__file__).parents[1]))
from machine import machine

from stillwatch.fingerprint.alike import NEAR, meanings
from stillwatch.fingerprint.meaning import open_meanings

RESULT = Path(__file__).parents[1] / "results" / "meaning.json"
WORLDS = ("hard", "mixed", "clean")
REWORDED = ("hard", "mixed")
TOLD = ("average_precision", "campaigns_reported", "false_campaigns", "false_accounts")
"""What is kept of `stillwatch score`, beside precision and recall of accounts."""
UNRELATED = 2000
"""Sentences of the clean world that are compared with each other."""


def wordings() -> list[list[str]]:
    """Groups of sentences that mean the same."""
    text = (Path(__file__).parent / "wordings.txt").read_text("utf-8").partition("\n\n")[2]
    return [group.splitlines() for group in text.strip().split("\n\n")]


def pairs(folder: Path, log: Path) -> dict[str, float]:
    """Shares of pairs that are near, and that get one key inside the log, paraphrases beside unrelated sentences.

    Each wording is sent by three accounts of its own, without which it could be nobody's key.
    """
    model, groups = open_meanings(folder), wordings()
    table = pq.read_table(log / "exchanges.parquet", columns=["account_id", "prompt"])
    asked = model.codes(table["prompt"].combine_chunks())
    written = model.codes(pa.array([text for group in groups for text in group for _ in range(3)]))
    account = table["account_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    own = account.max() + 1 + np.arange(len(written))
    keys = meanings([asked, written], np.concatenate([account, own]).astype(np.int32))
    group = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    found, code = keys[len(asked) :: 3], written[::3, 0]
    other = np.flatnonzero(asked[:, 0])
    other = other[:: max(1, len(other) // UNRELATED)]
    return {
        "paraphrases_near": _share(_near(code), group, same=True),
        "other_groups_near": _share(_near(code), group, same=False),
        "unrelated_near": _share(_near(asked[other, 0]), np.arange(len(other)), same=False),
        "paraphrases_one_key": _share(_equal(found), group, same=True),
        "other_groups_one_key": _share(_equal(found), group, same=False),
        "unrelated_one_key": _share(_equal(keys[other]), np.arange(len(other)), same=False),
    }


def _near(code: np.ndarray) -> np.ndarray:
    return np.bitwise_count(code[:, None] ^ code[None]) <= NEAR


def _equal(key: np.ndarray) -> np.ndarray:
    return (key[:, None] == key[None]) & (key[:, None] != 0)


def _share(holds: np.ndarray, group: np.ndarray, *, same: bool) -> float:
    wanted = (group[:, None] == group[None]) == same
    wanted &= ~np.eye(len(group), dtype=bool)
    return round(float(holds[wanted].mean()), 5)


def scanned(world: Path, out: Path, folder: Path | None) -> dict[str, object]:
    """One scan by the command: its CPU seconds, and what `stillwatch score` says of it."""
    option = [] if folder is None else ["--set", f"signals.meaning_model={folder}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run("scan", world, "--out", out, "--quiet", *option)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    score = json.loads(_run("score", f"{world}.truth", out, "--json"))
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = {f"account_{name}": score["account"][name] for name in ("precision", "recall")}
    told |= {name: score[name] for name in TOLD}
    return {"cpu_seconds": round(spent, 2), **told}


def _run(*words: object) -> str:
    command = [sys.executable, "-c", "from stillwatch.cli import main; main()", *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Make the worlds, scan them, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scratch", type=Path)
    parser.add_argument("models", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--exchanges", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[411, 412, 413])
    chosen = parser.parse_args()
    models = {name: Path(folder) for name, _, folder in (one.partition("=") for one in chosen.models)}
    rows = []
    for seed in chosen.seeds:
        made = {}
        for name in WORLDS:
            made[name] = chosen.scratch / f"{name}-{seed}"
            if not made[name].exists():
                _run("simulate", made[name], "--world", name, "--seed", seed, "--exchanges", chosen.exchanges)
        for name in REWORDED:
            made[f"{name}, reworded"] = chosen.scratch / f"{name}-{seed}-reworded"
            copied(made[name], made[f"{name}, reworded"])
        for name, world in made.items():
            for model, folder in ({"none": None} | models).items():
                found = scanned(world, chosen.scratch / "findings", folder)
                rows.append({"world": name, "seed": seed, "model": model, **found})
                print(name, seed, model, found["cpu_seconds"])
    clean = chosen.scratch / f"clean-{chosen.seeds[0]}"
    result = {
        "machine": machine(),
        "exchanges": chosen.exchanges,
        "pairs": {name: pairs(folder, clean) for name, folder in models.items()},
        "scans": rows,
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
