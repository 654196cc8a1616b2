"""A copy of a simulated world in which each extraction request has a wording of its own.

Sentences that ten requests of a campaign share get synonyms drawn request by request and a filler for every four words, so
that hardly two requests share a run of eight words of a template. What is asked about stays as it is. Campaigns of whose
requests people are the authors (`silent-relay`) share no sentences and stay as they are.
"""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SYNONYMS = [
    line.split("/")
    for line in (Path(__file__).parent / "synonyms.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
INSTEAD = {words[0]: words for words in SYNONYMS}
KNOWN = re.compile(
    rf"\b({'|'.join(sorted(map(re.escape, INSTEAD), key=len, reverse=True))})(s?)\b", re.IGNORECASE
)
FILLERS = (
    "please", "now", "kindly", "here", "as ever", "in this case", "today", "carefully", "again", "overall", "for us",
    "once more",
)  # fmt: skip
FILLED = 4
"""Words to each filler."""
PARTS = re.compile(r"((?<=[.!?:])\s+|\n)")
SHARED = 10


def reworded(sentence: str, rng: random.Random) -> str:
    """The sentence with synonyms and fillers drawn anew."""

    def instead(found: re.Match[str]) -> str:
        word = rng.choice(INSTEAD[found[1].lower()]) + found[2]
        return word[0].upper() + word[1:] if found[0][0].isupper() else word

    words = KNOWN.sub(instead, sentence).split()
    for _ in range(1 + len(words) // FILLED):
        words.insert(rng.randrange(len(words) + 1), rng.choice(FILLERS))
    return " ".join(words)


def copied(world: Path, to: Path) -> None:
    """Write the copy, with its truth beside it."""
    for end in ("", ".truth"):
        shutil.copytree(f"{world}{end}", f"{to}{end}", dirs_exist_ok=True)
    table, truth = (pq.read_table(folder / "exchanges.parquet") for folder in (world, Path(f"{world}.truth")))
    of = dict(zip(truth["exchange_id"].to_pylist(), _extraction(truth), strict=True))
    campaign = [of[name] for name in table["exchange_id"].to_pylist()]
    place = table.schema.get_field_index("prompt")
    prompts = pa.array(_all(table["prompt"].to_pylist(), campaign), table.schema.field(place).type)
    pq.write_table(table.set_column(place, table.schema.field(place), prompts), to / "exchanges.parquet")


def _extraction(truth: pa.Table) -> list[str | None]:
    rows = zip(truth["campaign"].to_pylist(), truth["extraction"].to_pylist(), strict=True)
    return [name if is_extraction else None for name, is_extraction in rows]


def _all(prompts: list[str | None], campaign: list[str | None]) -> list[str | None]:
    rng, shared = random.Random(5), {}  # noqa: S311 - draws words
    for prompt, name in zip(prompts, campaign, strict=True):
        if name and prompt:
            shared.setdefault(name, Counter()).update(set(PARTS.split(prompt)))
    result: list[str | None] = []
    for prompt, name in zip(prompts, campaign, strict=True):
        if not name or not prompt or name.startswith("silent"):
            result.append(prompt)
            continue
        parts = PARTS.split(prompt)
        changed = [reworded(p, rng) if shared[name][p] >= SHARED and len(p.split()) > 2 else p for p in parts]
        result.append("".join(changed))
    return result
