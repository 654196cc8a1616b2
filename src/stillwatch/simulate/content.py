"""What an exchange says: content draws prompt parts, system prompt, tools, answer and request settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from stillwatch.model.tables import CAPABILITIES
from stillwatch.simulate.arrays import Ints, Rng, Rows
from stillwatch.simulate.assumptions.requests import ONE_SHOT, Ask, Talk
from stillwatch.simulate.text import PARTS, SLOTS, Library, Templates, grammar


@dataclass
class Content:
    """One way of using the model.

    `systems` and `toolsets` follow the templates, `account_systems` the accounts. Templates stand in blocks
    of `block`; `account_block` gives each account of the group one block to choose from. `in_order` deals
    the values of the first slot out one by one, `keep_prompt` keeps system and tools over a conversation.
    `owner` is the number of the campaign that the content belongs to, if that is another than the group's.
    """

    name: str
    templates: Templates
    capability: Ints
    answers: Ints
    ask: Ask = field(default_factory=Ask)
    systems: Ints | None = None
    toolsets: Ints | None = None
    openers: Ints | None = None
    closers: Ints | None = None
    account_systems: Ints | None = None
    account_block: Ints | None = None
    block: int = 1
    talk: Talk = ONE_SHOT
    follow: Content | None = None
    extraction: bool = False
    in_order: bool = False
    keep_prompt: bool = False
    cursor: int = 0
    owner: int = -1

    def draw(self, rng: Rng, account: Ints, conversation: Ints, *, first: bool) -> Rows:
        """Prompt parts and what goes with them, for one row per entry of `account`."""
        count = len(account)
        chosen = self._choose(rng, account, conversation)
        parts = np.zeros((count, PARTS), dtype=np.int64)
        parts[:, 1 : PARTS - 1 : 2] = self.templates.literals[chosen]
        for column in range(SLOTS):
            offset, size = self.templates.offsets[chosen, column], self.templates.sizes[chosen, column]
            parts[:, 2 + 2 * column] = self.templates.flat[offset + self._value(rng, size, column)]
        for column, pool in ((0, self.openers), (PARTS - 1, self.closers)):
            if pool is not None and first:
                parts[:, column] = pool[rng.integers(0, len(pool), count)]
        zero = np.zeros(count, dtype=np.int64)
        return {
            "parts": parts,
            "capability": self.capability[chosen],
            "system": self._system(account, chosen),
            "toolset": zero if self.toolsets is None else self.toolsets[chosen],
            "answer": self.answers[rng.integers(0, len(self.answers), count)],
        }

    def _choose(self, rng: Rng, account: Ints, conversation: Ints) -> Ints:
        size = len(self.templates) if self.account_block is None else self.block
        if self.keep_prompt:
            within = (conversation * 2654435761 >> 7) % size
        else:
            within = rng.integers(0, size, len(account))
        return within if self.account_block is None else self.account_block[account] * self.block + within

    def _system(self, account: Ints, chosen: Ints) -> Ints:
        if self.account_systems is not None:
            return self.account_systems[account]
        return np.zeros(len(account), dtype=np.int64) if self.systems is None else self.systems[chosen]

    def _value(self, rng: Rng, size: Ints, column: int) -> Ints:
        if column == 0 and self.in_order:
            dealt = (self.cursor + np.arange(len(size))) % size
            self.cursor += len(size)
            return dealt
        return (rng.random(len(size)) * size).astype(np.int64)


def capability_number(name: str) -> int:
    """The position of a capability in the contract's closed list."""
    return CAPABILITIES.index(name)


def answers(library: Library, capability: str) -> Ints:
    """Answer openings that suit a capability."""
    return library.add(grammar()["answers"][capability])


def plain(
    library: Library,
    name: str,
    texts: Sequence[str],
    capability: str,
    *,
    ask: Ask | None = None,
    **more: object,
) -> Content:
    """A content of templates that all exercise one capability."""
    templates = library.templates(texts)
    return Content(
        name=name,
        templates=templates,
        capability=np.full(len(templates), capability_number(capability), dtype=np.int64),
        answers=answers(library, capability),
        ask=ask or Ask(),
        **more,  # type: ignore[arg-type]
    )


def mixed(
    library: Library, name: str, texts: Sequence[tuple[str, str]], *, ask: Ask | None = None, **more: object
) -> Content:
    """A content whose templates exercise several capabilities, given as (capability, template)."""
    content = plain(library, name, [text for _, text in texts], "conversation", ask=ask, **more)
    content.capability = np.array([capability_number(c) for c, _ in texts], dtype=np.int64)
    kinds = sorted({c for c, _ in texts})
    content.answers = np.concatenate([answers(library, c) for c in kinds])
    return content
