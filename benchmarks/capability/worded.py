"""Requests drawn from a small grammar: the files of the folder `wording`, one template a line.

`{name}` is a slot of `slots.txt`, `«a|b»` a choice. Every capability is dressed alike: politeness, spelling and the
template around a request are drawn beside the task, so that none of them speaks for a capability.
"""

# ruff: noqa: S311 - a seeded generator draws examples; no secret is made here
from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from composed import situated
from exemplars import Example

HERE = Path(__file__).parent / "wording"
CHOICE = re.compile(r"«([^«»]*)»")
SLOT = re.compile(r"\{(\w+)\}")
PASSAGE = 400
FRAMED = 0.5
PICTURES = 0.6


def lines(name: str) -> list[str]:
    """The lines of one file of the folder."""
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def values(name: str) -> dict[str, list[str]]:
    """Names and their values, which bars part; a bar inside a choice parts nothing."""
    held = {}
    for line in lines(name):
        slot, _, rest = line.partition(" = ")
        held[slot] = re.split(r" \| (?![^«]*»)", rest)
    return held


def templates() -> dict[tuple[str, str], list[str]]:
    """Language and capability, and their templates; English has a file for each capability, the others share one."""
    held = {}
    for path in sorted(HERE.glob("*.txt")):
        if path.stem not in ("slots", "frames", "more"):
            held["en", path.stem] = lines(path.name)
    for line in lines("more.txt"):
        if line.startswith("["):
            language, capability = line.strip("[]").split()
            here = held[language, capability] = []
        else:
            here.append(line)
    return held


class Worder:
    """Draws requests; `passages` are texts of others, for the slot `passage`."""

    def __init__(self, passages: Sequence[str], seed: int) -> None:
        self.rng = random.Random(seed)
        self.passages = passages
        self.slots, self.frames = values("slots.txt"), values("frames.txt")

    def fill(self, template: str) -> str:
        """One text of a template."""
        rng, text = self.rng, template
        while CHOICE.search(text):
            text = CHOICE.sub(lambda found: rng.choice(found.group(1).split("|")), text)

        def value(found: re.Match[str]) -> str:
            name = found.group(1)
            if name == "passage":
                return rng.choice(self.passages)[: rng.randint(40, PASSAGE)]
            return self.fill(rng.choice(self.slots[name])) if name in self.slots else found.group(0)

        return SLOT.sub(value, text).replace("\\n", "\n").strip()

    def dressed(self, text: str) -> str:
        """The request as somebody types it: politely, carelessly, without a full stop."""
        rng = self.rng
        if rng.random() < 0.1:
            text = (
                rng.choice(
                    (
                        "please ",
                        "Please ",
                        "can you ",
                        "Could you ",
                        "hi, ",
                        "Hey, ",
                        "I want you to ",
                        "My question: ",
                    )
                )
                + text
            )
        if rng.random() < 0.15:
            text = text.lower()
        if rng.random() < 0.15:
            text = text.rstrip(".!?。")
        return text

    def framed(self, text: str) -> str:
        """The request inside a template that says nothing of the task."""
        rng = self.rng
        before = [self.fill(one) for one in rng.sample(self.frames["before"], rng.choice((0, 1, 1, 2)))]
        after = [self.fill(one) for one in rng.sample(self.frames["after"], rng.choice((0, 1, 1, 2, 3)))]
        if rng.random() < 0.2:
            before, after = [*before, *after], []
        return rng.choice(("\n\n", "\n", " ", "\n---\n")).join([*before, text, *after])

    def examples(self, each: int, other: int) -> Iterator[Example]:
        """`each` requests of every capability in English, `other` in every other language."""
        for (language, capability), texts in templates().items():
            for at in range(each if language == "en" else other):
                text = self.dressed(self.fill(texts[at % len(texts)]))
                if self.rng.random() < FRAMED:
                    text = self.framed(text)
                example = {"prompt": text, "capability": capability, "source": "worded", "language": language}
                example = situated(example, self.rng)
                if capability == "vision" and self.rng.random() < PICTURES:
                    example["images"] = self.rng.randint(1, 4)
                yield example
