"""A group of accounts that behave alike, and the traffic they make on one day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Bools, Floats, Ints, Rng, Rows, column_of
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.content import Content
from stillwatch.simulate.exits import Exits
from stillwatch.simulate.failover import Failover
from stillwatch.simulate.rhythm import DAY, HOUR, SECOND, Rhythm, overlap


@dataclass
class ModelUse:
    """Main and second model of each account, and the day on which it moves to the new one (inf = never)."""

    main: Ints
    second: Ints
    new: int
    adopts: Floats
    main_share: float
    moved_share: float = 1.0

    def draw(self, rng: Rng, account: Ints, when: Ints) -> Ints:
        """A model for each conversation."""
        usual = rng.random(len(account)) < self.main_share
        model = np.where(usual, self.main[account], self.second[account])
        moved = (when / DAY >= self.adopts[account]) & (rng.random(len(account)) < self.moved_share)
        return np.where(moved & usual, self.new, model)


@dataclass
class Phase:
    """What accounts ask from a day on, and how much of it: weights (m, k) as the group's own, and a pace."""

    first_day: float
    ladders: Floats
    pace: float


@dataclass
class Thief:
    """Who uses other people's keys: the extraction in their traffic comes from these exits and clients."""

    exits: Exits
    clients: Ints

    def take(self, rng: Rng, drawn: Rows, mine: Bools, day: int) -> None:
        """Give the conversations that are extraction the thief's address and client."""
        account = drawn["account"][mine]
        drawn["ip"][mine] = self.exits.draw(rng, account, day)
        drawn["client"][mine] = self.clients[account, rng.integers(0, self.clients.shape[1], len(account))]


@dataclass
class Borrowed:
    """Another group's exits, programs and hours, which a group works with from one day to another."""

    first_day: float
    last_day: float
    exits: Exits
    clients: Ints
    rhythm: Rhythm

    def holds(self, day: int) -> bool:
        """Whether it does so at the noon of that day."""
        return self.first_day <= day + 0.5 < self.last_day


@dataclass
class Replay:
    """Reasoning blocks that travel: a share of requests carries one from its party's part of a store."""

    share: float
    store: Ints
    party: Ints

    def draw(self, rng: Rng, account: Ints) -> Ints:
        """The block that each request carries, 0 for none."""
        each = len(self.store) // (int(self.party.max()) + 1)
        spot = self.party[account] * each + rng.integers(0, each, len(account))
        return np.where(rng.random(len(account)) < self.share, self.store[spot], 0)


@dataclass
class Group:
    """Accounts of one class or campaign, as parallel arrays of length m."""

    lookalike: str
    role: str
    rate: Floats
    start: Floats
    end: Floats
    zone: Ints
    rhythm: Rhythm
    clump: float
    contents: list[Content]
    tastes: Ints
    taste_ladders: Floats
    clients: Ints
    client_ladder: Floats
    exits: Exits
    channel: Ints
    second_channel: Ints
    models: ModelUse
    keys: int
    party: Ints
    columns: dict[str, list[object]]
    campaign: str | None = None
    replay: Replay | None = None
    end_users: int = 0
    error_rate: float = ASSUMED.traffic.error_rate
    first_account: int = 0
    second_channel_share: float = 0.0
    phases: tuple[Phase, ...] = ()
    thief: Thief | None = None
    borrowed: Borrowed | None = None
    failover: Failover | None = None

    def __len__(self) -> int:
        """The number of accounts."""
        return len(self.rate)

    def turns(self) -> Floats:
        """Mean exchanges of a conversation, by account."""
        lengths = np.array([c.talk.turns for c in self.contents])[self.tastes]
        shares = np.diff(self.taste_ladders, axis=1, prepend=0.0) / self.taste_ladders[:, -1:]
        mean: Floats = (lengths * shares).sum(axis=1)
        return mean

    def draw_day(self, rng: Rng, day: int) -> Rows | None:
        """All exchanges of one day, in no particular order."""
        conversation = self._conversations(rng, day)
        count = len(conversation["account"])
        if not count:
            return None
        length = rng.geometric(1 / np.array([c.talk.turns for c in self.contents])[conversation["content"]])
        row = np.repeat(np.arange(count), length)
        turn = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
        rows = {name: values[row] for name, values in conversation.items()}
        rows["turn"] = turn
        rows["turns_in_all"] = length[row]
        rows["ts"] = rows["ts"] + self._delay(rng, rows, turn, np.cumsum(length) - length, row)
        rows |= self._say(rng, rows)
        rows["blocked"] = np.zeros(len(row), dtype=np.int64)
        if self.failover is not None:
            awake = np.unique(rows["account"])
            rows = self.failover.apply(rng, rows, awake=awake, channel=self.second_channel)
        rows["account"] = rows["account"] + self.first_account
        return rows

    def _means(self, day: int) -> tuple[Exits, Ints, Rhythm]:
        """Exits, programs and hours of a day."""
        own = self.borrowed if self.borrowed is not None and self.borrowed.holds(day) else self
        return own.exits, own.clients, own.rhythm

    def _conversations(self, rng: Rng, day: int) -> Rows:
        exits, clients, rhythm = self._means(day)
        weekday = rhythm.weekend if day % 7 in (5, 6) else 1.0
        phase = self._phase(day)
        mean = self.rate / self.turns() * weekday * phase.pace * overlap(self.start, self.end, day)
        count = rng.poisson(mean * rng.gamma(self.clump, 1 / self.clump, len(self)))
        account = np.repeat(np.arange(len(self)), count)
        ts = rhythm.starts(rng, day, self.zone[account])
        early, late = self.start[account] * DAY, self.end[account] * DAY
        outside = (ts < early) | (ts >= late)
        inside = early + (
            rng.random(len(ts)) * (np.minimum(late, (day + 1) * DAY) - np.maximum(early, day * DAY))
        )
        ts = np.where(outside, np.maximum(inside, day * DAY), ts).astype(np.int64)
        column = column_of(rng, phase.ladders[account])
        client = np.searchsorted(
            self.client_ladder, rng.random(len(ts)) * self.client_ladder[-1], side="right"
        )
        away = rng.random(len(ts)) < self.second_channel_share
        drawn = {
            "account": account,
            "ts": ts,
            "content": self.tastes[account, column],
            "client": clients[account, client.clip(0, clients.shape[1] - 1)],
            "ip": exits.draw(rng, account, day),
            "channel": np.where(away, self.second_channel[account], self.channel[account]),
            "model": self.models.draw(rng, account, ts),
            "key": (
                account * 131
                + rng.integers(0, self.keys, len(ts)) * (rng.random(len(ts)) < _TRAFFIC.other_key_share)
            )
            % (1 << 40),
            "conversation": (day << 40) + np.arange(len(ts)),
            "end_user": rng.integers(1, self.end_users + 1, len(ts))
            if self.end_users
            else np.zeros(len(ts), np.int64),
        }
        if self.thief is not None:
            extracts = np.array([c.extraction for c in self.contents])[drawn["content"]]
            self.thief.take(rng, drawn, extracts, day)
        return drawn

    def _phase(self, day: int) -> Phase:
        """What holds on a day: the last phase that began before its noon, or what the group always does."""
        begun = [phase for phase in self.phases if phase.first_day <= day + 0.5]
        return begun[-1] if begun else Phase(0.0, self.taste_ladders, 1.0)

    def _delay(self, rng: Rng, rows: Rows, turn: Ints, first: Ints, row: Ints) -> Ints:
        gap = np.array([c.talk.gap_seconds for c in self.contents])[rows["content"]] * SECOND
        step = np.where(turn > 0, rng.gamma(_TRAFFIC.gap_shape, gap / _TRAFFIC.gap_shape), 0.0)
        total = np.cumsum(step)
        elapsed: Ints = (total - total[first][row]).astype(np.int64)
        return np.minimum(elapsed, 6 * HOUR)

    def _say(self, rng: Rng, rows: Rows) -> Rows:
        said: Rows = {}
        for number, content in enumerate(self.contents):
            mine = rows["content"] == number
            for first in (True, False):
                here = mine & ((rows["turn"] == 0) == first)
                if here.any():
                    self._fill(said, here, self._one(rng, content, rows, here, first=first))
        return said

    def _one(self, rng: Rng, content: Content, rows: Rows, here: Bools, *, first: bool) -> Rows:
        account, conversation = rows["account"][here], rows["conversation"][here]
        if first or content.follow is None:
            drawn = content.draw(rng, account, conversation, first=first)
        else:
            drawn = content.follow.draw(rng, account, conversation, first=first)
            if content.keep_prompt:
                opening = content.draw(rng, account, conversation, first=first)
                drawn |= {name: opening[name] for name in ("system", "toolset", "capability")}
        drawn["extraction"] = np.full(len(account), content.extraction)
        drawn["owner"] = np.full(len(account), content.owner)
        return drawn | self._settings(rng, content, account)

    def _settings(self, rng: Rng, content: Content, account: Ints) -> Rows:
        ask, count = content.ask, len(account)
        habit = (account + self.first_account) * 40503 % 65521
        own = self.first_account + account
        length = ask.habit_spread * np.sqrt(2) * np.cos(own * 2.399963)
        tokens = ask.answer_tokens * np.exp(rng.normal(0, ask.answer_spread, count) + length)
        keen = (habit % 100 < 100 * ask.keen_accounts) * ask.keen_reasoning
        return {
            "temperature": np.array(ask.temperatures)[habit % len(ask.temperatures)],
            "max_tokens": np.array(ask.max_tokens)[habit // 7 % len(ask.max_tokens)],
            "format": np.array([FORMATS.index(f) for f in ask.formats])[habit // 11 % len(ask.formats)],
            "reasoning": rng.random(count) < np.maximum(ask.reasoning, keen),
            "choices": np.full(count, ask.choices),
            "logprobs": rng.random(count) < ask.logprobs,
            "images": (rng.random(count) < ask.images).astype(np.int64) * rng.integers(1, 4, count),
            "seeded": rng.random(count) < ask.seeded,
            "refused": rng.random(count) < ask.refusal,
            "failed": rng.random(count) < self.error_rate,
            "tool_choice": np.full(count, TOOL_CHOICES.index(ask.tool_choice)),
            "answer_tokens": tokens.astype(np.int64) + 1,
            "replayed": np.zeros(count, dtype=np.int64)
            if self.replay is None
            else self.replay.draw(rng, account),
        }

    @staticmethod
    def _fill(said: Rows, here: Bools, drawn: Rows) -> None:
        for name, values in drawn.items():
            if name not in said:
                said[name] = np.zeros((len(here), *values.shape[1:]), dtype=values.dtype)
            said[name][here] = values


_TRAFFIC = ASSUMED.traffic
FORMATS = ("text", "json_object", "json_schema")
TOOL_CHOICES = ("auto", "none", "required", "named")
