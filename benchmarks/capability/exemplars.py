"""Training examples: published prompts named by their source, put into templates, and requests of our own.

An example is a dict of prompt, capability and the properties of a request. Whether a published prompt is held
out is settled by a hash of its text, so that no wrapping of it is ever seen in training.
"""

# ruff: noqa: S311 - a seeded generator draws examples; no secret is made here
from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import phrases

Example = dict[str, Any]

SOURCES = {
    "gpteacher": None, "self-instruct-generation": "instruction", "huatuo-med-zh": "instruction", "metatool": "tool_use",
    "toolbench": "tool_use", "toolalpaca": "tool_use", "knowagent": "agentic", "swe-smith": "agentic", "reasoning-teacher": "reasoning",
    "reasoning-samples": "reasoning", "prometheus": "grading", "deccp": "alignment", "arena-hard": "instruction", "koala": "conversation",
    "hh-rlhf": "conversation", "prompts-chat": "conversation", "prompts-zh": "conversation", "banking77": "conversation",
    "staqc-sql": "coding", "lmcache-agent-trace": "agentic", "gsm8k": "reasoning", "humaneval": "coding", "bbh": "reasoning",
    "mt-bench-judging": "grading",
}  # fmt: skip
"""Folder of published prompts and the capability they draw on; None where the rows say it."""
ROWS = {"coding": "coding", "tool-use": "tool_use", "general": "instruction"}
MOST = 4000
HELD_OUT = 10
LONGEST = 2500


def held_out(prompt: str) -> bool:
    """Whether this published prompt is kept for the evaluation."""
    return zlib.crc32(prompt.encode()) % HELD_OUT == 0


def published(folder: Path) -> list[tuple[str, str, str]]:
    """Source, prompt and capability of the published prompts, at most `MOST` of each source and capability."""
    found: dict[tuple[str, str], list[str]] = {}
    for source, capability in SOURCES.items():
        for path in sorted((folder / source).glob("*.jsonl.gz")):
            with gzip.open(path, "rt") as lines:
                for row in map(json.loads, lines):
                    named = (
                        "tool_use"
                        if path.name == "taubench.jsonl.gz"
                        else capability or ROWS[row["capability"]]
                    )
                    found.setdefault((source, named), []).append(row["prompt"][:LONGEST])
    rng = random.Random(1)
    kept = []
    for (source, capability), prompts in found.items():
        once = sorted(set(prompts))
        kept += [(source, prompt, capability) for prompt in rng.sample(once, min(MOST, len(once)))]
    return kept


class Writer:
    """Fills slots and wraps tasks, from one seed."""

    def __init__(self, seed: int, passages: list[str]) -> None:
        self.rng = random.Random(seed)
        self.passages = passages

    def fill(self, text: str) -> str:
        """The text with each slot replaced by a value of its own."""

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            if name in ("n", "m"):
                return str(self.rng.randint(2, 900))
            if name == "passage":
                return self.rng.choice(self.passages)[:400]
            return self.rng.choice(phrases.FILLERS[name])

        return re.sub(r"\{(n|m|passage|lang|does|makes|error|file|thing|person|tongue|city)\}", value, text)

    def _some(self, texts: tuple[str, ...], low: int, high: int) -> list[str]:
        return [self.fill(text) for text in self.rng.sample(texts, self.rng.randint(low, high))]

    def wrap(self, task: str, telling: tuple[str, ...] = ()) -> str:
        """The task inside a template: clauses before and after it, a heading, an ending."""
        rng = self.rng
        clauses = self._some(phrases.OPENINGS, 0, 1) + self._some(
            telling, 1 if telling else 0, min(2, len(telling))
        )
        clauses += self._some(phrases.FORMS, 0, 2 if telling else 3)
        if rng.random() < 0.3:
            rng.shuffle(clauses)
        cut = rng.choice((0, len(clauses), len(clauses), rng.randint(0, len(clauses))))
        glue = rng.choice((" ", "\n"))
        label = self.fill(rng.choice(phrases.LABELS)) + rng.choice((" ", "\n")) if rng.random() < 0.6 else ""
        end = [rng.choice(phrases.ENDINGS)] if rng.random() < 0.4 else []
        parts = [glue.join(clauses[:cut]), label + task, *end, glue.join(clauses[cut:])]
        return rng.choice(("\n", "\n\n", "\n---\n", " ")).join(part for part in parts if part)


def from_published(rows: list[tuple[str, str, str]], writer: Writer) -> Iterator[Example]:
    """Each prompt as it is and inside templates."""
    for source, prompt, capability in rows:
        tools = (
            writer.rng.randint(1, 8)
            if capability in ("agentic", "tool_use") and writer.rng.random() < 0.3
            else 0
        )
        turns = writer.rng.choice((1, 1, 1, 3, 7)) if capability in ("agentic", "conversation") else 1
        common = {"capability": capability, "tools": tools, "turns": turns, "source": source}
        yield {"prompt": prompt, **common}
        if capability != "conversation":
            yield {"prompt": writer.wrap(prompt), **common}
            yield {"prompt": writer.wrap(prompt), **common}
        elif writer.rng.random() < 0.5:
            yield {"prompt": writer.wrap(prompt), **common}


def telling(rows: list[tuple[str, str, str]], writer: Writer, each: int) -> Iterator[Example]:
    """Any task under a request that is a capability by itself."""
    for capability, asks in phrases.TELLING.items():
        fit = [
            prompt
            for _, prompt, named in rows
            if capability != "alignment" or named in ("alignment", "conversation")
        ]
        for _ in range(each):
            task = writer.rng.choice(fit)[:1500]
            yield {"prompt": writer.wrap(task, asks), "capability": capability, "source": "telling"}


def ordinary(writer: Writer, each: int) -> Iterator[Example]:
    """Requests of ordinary accounts, steps of agents, calls of tools, questions about pictures."""
    rng = writer.rng
    for capability, texts in phrases.ORDINARY.items():
        for _ in range(each):
            text = writer.fill(rng.choice(texts))
            turns = rng.choice((1, 1, 3, 7)) if capability == "conversation" else 1
            text = (
                text if rng.random() < 0.7 or capability in ("conversation", "other") else writer.wrap(text)
            )
            yield {"prompt": text, "capability": capability, "turns": turns, "source": "ordinary"}
    for _ in range(each):
        yield {"prompt": writer.fill(rng.choice(phrases.AGENT_STEPS)), "capability": "agentic", "source": "ordinary",
               "tools": rng.choice((0, 2, 4, 6, 8)), "turns": rng.choice((3, 9, 15, 31))}  # fmt: skip
        yield {"prompt": writer.fill(rng.choice(phrases.TOOL_ASKS)), "capability": "tool_use", "source": "ordinary",
               "tools": rng.choice((1, 2, 3, 4)), "turns": rng.choice((1, 1, 3, 9))}  # fmt: skip
        picture = writer.fill(rng.choice(phrases.PICTURE_ASKS))
        yield {"prompt": picture if rng.random() < 0.6 else writer.wrap(picture), "capability": "vision",
               "source": "ordinary", "images": rng.randint(1, 4)}  # fmt: skip
        yield {"prompt": noise(rng), "capability": "other", "source": "noise"}


def noise(rng: random.Random) -> str:
    """Words that are no words."""
    word = lambda: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9)))  # noqa: E731
    return " ".join(word() for _ in range(rng.choice((1, 1, 2, 4, 8))))
