"""Examples put together from requests in eight languages, templates, tasks and records.

What a request is asked with says little about what it asks: a harness offers tools and keeps a history whatever the
task is, and a template's language need not be its task's. So properties and languages are drawn beside the task.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import phrases
from asks import ASKS, FRAMES
from exemplars import Example, Writer
from problems import PROBLEMS, THINK_IN

PARTS: Mapping[str, int] = {"en": 6, "zh": 5, "ru": 3, "ja": 3, "ko": 1, "es": 1, "de": 1, "fr": 1}
"""How many examples a language gets, beside the others."""
HELD_OUT = 6
TOOLS: Mapping[str, float] = {
    "agentic": 0.8,
    "tool_use": 0.55,
    "coding": 0.4,
    "data_analysis": 0.3,
    "vision": 0.15,
    "reasoning": 0.15,
}
TALK: Mapping[str, float] = {
    "agentic": 0.8,
    "conversation": 0.55,
    "tool_use": 0.45,
    "coding": 0.45,
    "data_analysis": 0.3,
}
ELSE = 0.1
"""Chance that a request of a capability offers tools, or continues a conversation; `ELSE` where none is named."""
ANYTHING = ("grading", "translation", "instruction", "agentic", "data_analysis")
"""Capabilities that are asked of any text."""
LONGEST = 1500
SHORT = 160


def kept(texts: Sequence[str], *, held_out: bool) -> list[str]:
    """The phrases of training, or those that no training example holds: each sixth, the last of a short list.

    A list of fewer than three is not parted.
    """
    if len(texts) < 3:
        return list(texts)
    every = min(HELD_OUT, len(texts))
    return [text for at, text in enumerate(texts, 1) if (at % every == 0) is held_out]


def situated(example: Example, rng: random.Random) -> Example:
    """The example with tools, history and format drawn anew."""
    capability = example["capability"]
    tools = rng.randint(1, 12) if rng.random() < TOOLS.get(capability, ELSE) else 0
    talks = rng.random() < TALK.get(capability, ELSE)
    turns = rng.choice((3, 5, 7, 9, 15, 31)) if talks else 1
    json = rng.random() < (0.3 if capability in ("data_analysis", "tool_use") else 0.05)
    return {**example, "tools": tools, "turns": turns, "json": json}


def records(rng: random.Random) -> str:
    """Some rows of a table, as comma-separated values, lines of bars, or JSON."""
    fill = phrases.FILLERS
    heads = rng.sample(
        ("id", "name", "city", "item", "quantity", "total", "date", "status", "month", "region"),
        rng.randint(3, 6),
    )
    rows = [[_cell(head, rng, fill) for head in heads] for _ in range(rng.randint(1, 9))]
    glue = rng.choice((",", " | ", ";", "\t", "json"))
    if glue == "json":
        return "\n".join(
            "{" + ", ".join(f'"{h}": "{v}"' for h, v in zip(heads, row, strict=True)) + "}" for row in rows
        )
    lines = [glue.join(row) for row in rows]
    return "\n".join(([glue.join(heads)] if rng.random() < 0.6 else []) + lines)


def _cell(head: str, rng: random.Random, fill: Mapping[str, Sequence[str]]) -> str:
    words = {"name": "person", "city": "city", "item": "thing"}
    if head in words:
        return rng.choice(fill[words[head]])
    if head == "status":
        return rng.choice(("open", "paid", "late", "returned"))
    return f"{rng.randint(1, 9999)}" + (f".{rng.randint(0, 99):02d}" if head == "total" else "")


class Composer:
    """Writes examples of every language and capability, from training phrases or from those held out."""

    def __init__(self, rows: list[tuple[str, str, str]], writer: Writer, *, held_out: bool = False) -> None:
        self.writer, self.rng, self.held_out = writer, writer.rng, held_out
        self.tasks: dict[str, list[str]] = {}
        for _, prompt, capability in rows:
            self.tasks.setdefault(capability, []).append(prompt)
        self.any = [prompt for _, prompt, _ in rows]
        self.talk = [
            prompt
            for _, prompt, named in rows
            if named in ("instruction", "conversation") and len(prompt) < SHORT
        ]

    def _one(self, texts: Sequence[str]) -> list[str]:
        held = kept(texts, held_out=self.held_out)
        return [self.writer.fill(self.rng.choice(held))] if held else []

    def language(self) -> str:
        """A language, as often as `PARTS` says."""
        return self.rng.choices(list(PARTS), list(PARTS.values()))[0]

    def frame(self, task: str, language: str) -> str:
        """The task inside a template of this language: something before, aside and after it."""
        rng, parts = self.rng, FRAMES[language]
        before = self._one(parts["before"]) if rng.random() < 0.7 else []
        aside = self._one(parts["aside"]) if rng.random() < 0.35 else []
        after = [text for _ in range(rng.choice((0, 1, 1, 2, 3))) for text in self._one(parts["after"])]
        after += self._one(THINK_IN) if rng.random() < 0.2 else []
        rng.shuffle(after)
        return rng.choice(("\n\n", "\n", " ")).join([*before, *aside, task, *after])

    def distracted(self, task: str) -> str:
        """The task beside a sentence of ordinary talk, such as a template may hold."""
        talk = self.rng.choice(self.talk)
        return self.rng.choice((f"{talk}\n\n{task}", f"{task}\n\n{talk}"))

    def content(self, capability: str) -> str:
        """A task or a text that a request of this capability is put before."""
        rng = self.rng
        if capability == "data_analysis" and rng.random() < 0.7:
            return records(rng)
        if capability == "agentic" and rng.random() < 0.3:
            return self.writer.fill(rng.choice(phrases.AGENT_STEPS))
        if capability == "reasoning" and rng.random() < 0.4:
            return self.writer.fill(rng.choice(PROBLEMS))
        if capability == "coding" and rng.random() < 0.15:
            return rng.choice(self.tasks["agentic"])[:LONGEST]
        pool = self.any if capability in ANYTHING else self.tasks.get(capability, self.any)
        text = rng.choice(pool)[:LONGEST]
        if capability == "grading":
            other = rng.choice(self.any)[:400]
            return rng.choice(
                (f"{text}\n\nA: {other}", f"{text}\nA) {other}\nB) {rng.choice(self.any)[:400]}")
            )
        return text

    def example(self, language: str, capability: str) -> Example | None:
        """One request; none where the language has no phrase to write it with."""
        ask = self._one(ASKS[language][capability])
        if not ask:
            return None
        rng, text = self.rng, ask[0]
        if capability == "reasoning" and rng.random() < 0.3:
            text = self.writer.fill(rng.choice(PROBLEMS))
        if capability != "conversation" and rng.random() < 0.65:
            content = self.content(capability)
            text = rng.choice(("\n\n", "\n", " ")).join(
                (text, content) if rng.random() < 0.8 else (content, text)
            )
        if rng.random() < (0.1 if capability == "conversation" else 0.5):
            text = self.frame(text, self.language() if rng.random() < 0.3 else language)
        if capability not in ("instruction", "conversation") and rng.random() < 0.15:
            text = self.distracted(text)
        example: dict[str, Any] = {
            "prompt": text,
            "capability": capability,
            "source": "composed",
            "language": language,
        }
        return situated(example, rng)

    def examples(self, each: int) -> Iterator[Example]:
        """`each` examples for every part of a language and every capability."""
        for language, capabilities in ASKS.items():
            for capability in capabilities:
                made = (self.example(language, capability) for _ in range(each * PARTS[language]))
                yield from (one for one in made if one)

    def framed(self, count: int) -> Iterator[Example]:
        """Published tasks inside templates, mostly of another language than their own.

        Every capability gets as many, so that no word of a template speaks for one.
        """
        named = sorted(self.tasks)
        for at in range(count):
            capability = named[at % len(named)]
            text = self.frame(self.rng.choice(self.tasks[capability]), self.language())
            if capability not in ("instruction", "conversation") and self.rng.random() < 0.25:
                text = self.distracted(text)
            yield situated({"prompt": text, "capability": capability, "source": "framed"}, self.rng)
