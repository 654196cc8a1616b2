"""Planted rows made to look like the log's: its names for things, its gaps, and copies of innocent requests."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.bench.copies import Copies, copies_for
from stillwatch.bench.likeness import ALIKE, Likeness
from stillwatch.model.tables import ACCOUNT, EXCHANGE, TIMESTAMP
from stillwatch.simulate.arrays import Bools, Rng, pick
from stillwatch.simulate.group import Group
from stillwatch.simulate.scene import MODELS
from stillwatch.simulate.single import Drawn
from stillwatch.simulate.text import grammar

COPIED = (
    "system_prompt", "prompt", "turns", "tools", "images", "temperature", "max_tokens", "n", "logprobs", "reasoning",
    "response_format", "input_tokens", "output_tokens", "response", "stop_reason", "top_p", "seed", "tool_choice",
    "cached_input_tokens", "reasoning_tokens",
)  # fmt: skip
"""What a copied request takes over; account, time, path, program and address stay the campaign's."""
ASKED = ("prompt", "turns", "tools", "images", "input_tokens")
"""What is taken over where people's own requests are the harvest: the campaign still chooses how they are answered."""
ALL_ALIKE = ("content_state", "sampling_rate")
TEXTS = ("prompt", "system_prompt", "response")
WITHHELD = ("hashed", "redacted", "absent")
"""States of content in which a log shows no text that a planted one could be compared with."""


@dataclass(frozen=True)
class Disguise:
    """How the rows of one campaign are turned into rows of this log.

    `is_human`: the campaign harvests what people ask, so its own requests are copies too.
    """

    log: Likeness
    models: Mapping[str, str]
    copies: Copies
    is_human: bool

    def rows(self, drawn: Drawn, rng: Rng) -> tuple[pa.Table, int]:
        """The drawn rows as this log would hold them, and how many are camouflage; those outside its window are left out."""
        innocent = self.log.sample.innocent.take(pa.array(self.copies.sources(drawn.account, rng)))
        columns = {name: drawn.rows[name].combine_chunks() for name in EXCHANGE.arrow.names}
        columns["exchange_id"] = self.log.new_exchange_ids(columns["exchange_id"])
        columns["model"] = _renamed(columns["model"], self.models)
        columns["channel"] = self._channels(columns["channel"])
        for name in COPIED:
            is_own = drawn.is_extraction & (not self.is_human or name not in ASKED)
            columns[name] = pc.if_else(pa.array(is_own), columns[name], innocent[name].combine_chunks())
        columns |= {name: innocent[name].combine_chunks() for name in ALL_ALIKE}
        withheld = pc.is_in(columns["content_state"], value_set=pa.array(WITHHELD))
        for name in TEXTS:
            columns[name] = pc.if_else(withheld, pa.scalar(None, pa.string()), columns[name])
        return self._kept(pa.table(columns, schema=EXCHANGE.arrow), ~drawn.is_extraction)

    def _channels(self, channel: pa.Array) -> pa.Array:
        own = self.log.channels
        names = pc.unique(channel).drop_null().to_pylist()
        return _renamed(
            channel, {name: name if name in own or not own else next(iter(own)) for name in names}
        )

    def _kept(self, rows: pa.Table, is_copy: Bools) -> tuple[pa.Table, int]:
        low, high = (pa.scalar(at, pa.int64()).cast(TIMESTAMP) for at in self.log.window)
        inside = pc.and_(pc.greater_equal(rows["ts"], low), pc.less_equal(rows["ts"], high))
        held = [name for name in rows.column_names if name in self.log.columns]
        return rows.filter(inside).select(held), int((inside.to_numpy() & is_copy).sum())


def disguise(log: Likeness, group: Group, rng: Rng, *, is_human: bool) -> Disguise:
    """The disguise of a campaign; its main model is drawn from those that the log uses, by how much."""
    models = log.models
    main = list(models)[int(pick(rng, list(models.values()), 1)[0])]
    others = itertools.cycle([name for name in models if name != main] or [main])
    new = log.release[0] if log.release else main
    told = {int(group.models.main[0]): main, group.models.new: new}
    names = {name: told.get(number) or next(others) for number, name in enumerate(MODELS)}
    copies = copies_for(log.owners, len(group), rng)
    return Disguise(log, names, copies, is_human)


def disguise_accounts(group: Group, log: Likeness, rng: Rng) -> None:
    """Give the group's accounts the log's own plans, countries, mail domains and card numbers.

    Who shares a card, a device or a day of sign-up stays as it was drawn. A throw-away domain is any that the
    log's ordinary accounts use, rare or not; a usual one is drawn by how popular it is.
    """
    people, count = log.examples, len(group)
    if not people.num_rows:
        return
    alike = people.take(pa.array(rng.integers(0, people.num_rows, count)))
    for name in ALIKE:
        group.columns[name] = alike[name].to_pylist()
    group.columns["card_bin"] = _mapped(group.columns["card_bin"], log.values("card_bin"), rng)
    mails = log.mail_domains
    if mails:
        names = list(mails)
        usual = pick(rng, list(mails.values()), count)
        rare = rng.integers(0, len(names), count)
        is_usual = np.isin(np.array(group.columns["email_domain"]), grammar()["email"])
        group.columns["email_domain"] = [
            names[u if common else r] for u, r, common in zip(usual, rare, is_usual, strict=True)
        ]


def account_rows(table: pa.Table, log: Likeness) -> pa.Table:
    """The columns that the log's account table holds, of the accounts for which it would have a row."""
    return table.select([name for name in ACCOUNT.arrow.names if name in log.account_columns])


def _mapped(own: list[object], values: Mapping[str, int], rng: Rng) -> list[object]:
    """Each distinct value replaced by one of the log's, popular ones more often."""
    if not values:
        return own
    names, distinct = list(values), sorted({str(value) for value in own})
    drawn = pick(rng, list(values.values()), len(distinct))
    other = {value: names[d] for value, d in zip(distinct, drawn, strict=True)}
    return [other[str(value)] for value in own]


def _renamed(names: pa.Array, other: Mapping[str, str]) -> pa.Array:
    once = names.dictionary_encode()
    dictionary = pa.array([other[name] for name in once.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(once.indices, dictionary).dictionary_decode()
