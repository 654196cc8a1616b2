"""Signals of clusters that count requests by small numbers: of accounts, days, hours, and columns of few values.

The query stays a signal's definition, as in `judge.counted`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from stillwatch.judge.counted import Counted
from stillwatch.judge.numbering import numbered, numbers_of
from stillwatch.judge.requests import Requests, answer
from stillwatch.judge.tallied import (
    Numbered,
    apart,
    beside,
    exactly,
    fewer,
    lives,
    moments,
    tallied,
)
from stillwatch.signals import (
    access_paths,
    client_normalising,
    hot_spare_pool,
    level_load,
    many_clients,
    many_exits,
    many_personas,
    mixed_traffic,
    narrow_capability,
    no_human_rhythm,
    synchrony,
)
from stillwatch.weigh.holding import Floats, Mask

BIN, HOUR, DAY = 300_000_000, 3_600_000_000, 86_400_000_000
BINS_AN_HOUR, HOURS = HOUR // BIN, 24
SEVERAL, A_FEW = 5, 4
"""Requests of one account below which nothing is said of its kinds, and of its hours."""


def _kinds(asked: Requests, seen: Mask, kind: Numbered, part: Numbered, least: int) -> pa.Table:
    """Of how many kinds the requests of each part are (`signals._base.kinds_of_one`); a part's last digit is its account's place."""
    found, requests = tallied(part, kind, seen)
    of_part, parts = numbered((found // kind[1]).view(np.uint64))
    total = np.bincount(of_part, requests, len(parts))
    kinds = total * total / np.bincount(of_part, requests * requests, len(parts))
    enough = total >= least
    of = asked.of_party[parts[enough].view(np.int64) % max(len(asked.parties), 1)]
    value = exactly(kinds[enough] * total[enough], of, asked.clusters)
    support = np.bincount(of, total[enough], asked.clusters)
    return answer(value / np.maximum(support, 1), support)


def _clients(asked: Requests, _member: pa.Table) -> pa.Table:
    return _kinds(asked, asked.known("user_agent"), asked.small("user_agent"), asked.by_party, SEVERAL)


def _exits(asked: Requests, _member: pa.Table) -> pa.Table:
    day, _, days = moments(asked.column("ts"), DAY)
    parts = days * len(asked.parties)
    part = day if parts <= np.iinfo(day.dtype).max else day.astype(np.int64)
    part *= len(asked.parties)
    part += asked.place
    return _kinds(asked, asked.known("prefix"), asked.small("prefix"), (part, parts), 1)


def _personas(asked: Requests, _member: pa.Table) -> pa.Table:
    (script, scripts), (capability, capabilities) = asked.small("script"), asked.small("capability")
    kind = script.astype(np.int32)
    kind *= capabilities
    kind += capability
    known = asked.there("script") & asked.there("capability")
    kind[~known] = scripts * capabilities
    return _kinds(asked, asked.read, fewer((kind, scripts * capabilities + 1)), asked.by_party, SEVERAL)


def _concentrated(asked: Requests, seen: Mask, kind: Numbered) -> tuple[Floats, Floats]:
    """The probability that two requests of a cluster are of one kind, and how many it has."""
    found, requests = tallied((asked.cluster, asked.clusters), kind, seen)
    of = found // kind[1]
    total: Floats = np.bincount(of, requests, asked.clusters).astype(np.float64)
    pairs = np.bincount(of, requests * requests, asked.clusters)
    alike: Floats = pairs / np.maximum(total * total, 1)
    return alike, total


def _paths(asked: Requests, _member: pa.Table) -> pa.Table:
    alike, support = _concentrated(asked, asked.known("channel"), asked.small("channel"))
    return answer(1.0 - alike, support)


def _narrow(asked: Requests, _member: pa.Table) -> pa.Table:
    return answer(*_concentrated(asked, asked.read, asked.small("capability")))


def _alike(asked: Requests, _member: pa.Table) -> pa.Table:
    (agent, agents), (headers, kinds) = asked.small("user_agent"), asked.small("headers")
    both = beside(agent, headers, kinds, asked.all)
    client, clients = (
        fewer((both, agents * kinds)) if agents * kinds <= len(both) else numbers_of(both.view(np.uint64))
    )
    seen = asked.known("user_agent") & asked.known("headers")
    found, requests = tallied(asked.by_party, (client, clients), seen)
    party, of = found // clients, asked.of_party[found // clients]
    of_client, number = np.unique(of.astype(np.int64) * clients + found % clients, return_inverse=True)
    together = np.bincount(number, requests, len(of_client))
    pairs = np.bincount(of_client // clients, together * together, asked.clusters)
    pairs -= np.bincount(of, requests * requests, asked.clusters)
    held = np.bincount(party, requests, len(asked.parties))
    total = np.bincount(asked.of_party, held, asked.clusters)
    every = total * total - np.bincount(asked.of_party, held * held, asked.clusters)
    return answer(pairs / np.where(every > 0, every, 1), np.where(every > 0, total, 0))


def _level(asked: Requests, _member: pa.Table) -> pa.Table:
    requests = np.bincount(asked.place, minlength=len(asked.parties)).astype(np.float64)
    support = np.bincount(asked.of_party, requests, asked.clusters)
    squares = np.bincount(asked.of_party, requests * requests, asked.clusters)
    accounts = np.bincount(asked.of_party, minlength=asked.clusters)
    return answer(support * support / np.maximum(accounts * squares, 1), support)


def _hours(asked: Requests, _member: pa.Table) -> pa.Table:
    hour, first, many = moments(asked.column("ts"), HOUR)
    of_day = (np.arange(first, first + many) % HOURS).astype(np.uint8)
    found, times = tallied(asked.by_party, (of_day[hour], HOURS), asked.all)
    hours = np.bincount(found // HOURS, minlength=len(asked.parties))
    requests = np.bincount(found // HOURS, times, len(asked.parties))
    enough = requests >= A_FEW
    of = asked.of_party[enough]
    chance = [24.0 * (1.0 - math.pow(23.0 / 24.0, many)) for many in requests[enough].tolist()]
    expected = exactly(np.array(chance), of, asked.clusters)
    support = np.bincount(of, requests[enough], asked.clusters)
    worked = np.bincount(of, hours[enough], asked.clusters)
    return answer(worked / np.where(support > 0, expected, 1), support.astype(np.int64))


def _spares(asked: Requests, _member: pa.Table) -> pa.Table:
    day, _, days = moments(asked.column("ts"), DAY)
    came, went = lives(asked.place, day, len(asked.parties))
    moved, of = came < went, asked.of_party.astype(np.int64) * (days + 1)
    left, leaving = np.unique((of + went + 1)[moved], return_counts=True)
    joined, coming = np.unique(np.append((of + came)[moved], (of + came + 1)[moved]), return_counts=True)
    both, at_left, at_joined = np.intersect1d(left, joined, assume_unique=True, return_indices=True)
    changed = np.zeros(asked.clusters, np.int64)
    np.maximum.at(changed, both // (days + 1), np.minimum(leaving[at_left], coming[at_joined]))
    accounts = np.bincount(asked.of_party, minlength=asked.clusters)
    return answer(changed * 2.0 / np.maximum(accounts, 1), accounts)


def _mixed(asked: Requests, _member: pa.Table) -> pa.Table:
    seen = asked.known("prompt")
    requests = np.bincount(asked.place[seen], minlength=len(asked.parties)).astype(np.float64)
    framed = np.bincount(asked.place[seen & asked.known("template")], minlength=len(asked.parties))
    enough = requests >= SEVERAL
    of, requests, framed = asked.of_party[enough], requests[enough], framed[enough]
    value = exactly(4.0 * framed * (requests - framed) / requests, of, asked.clusters)
    support = np.bincount(of, requests, asked.clusters)
    return answer(value / np.maximum(support, 1), support)


def _together(asked: Requests, _member: pa.Table) -> pa.Table:
    time, first, bins = moments(asked.column("ts"), BIN)
    party, time = np.divmod(apart(asked.by_party, (time, bins)), max(bins, 1))
    here = (asked.of_party[party], asked.clusters)
    shared, active = tallied(here, (time, bins), np.ones(len(time), np.bool_))
    cluster, time = np.divmod(shared, max(bins, 1))
    hour = np.trunc((time + first) / BINS_AN_HOUR).astype(np.int64) - int(first / BINS_AN_HOUR)
    most = bins // BINS_AN_HOUR + 2
    hours, at = np.unique(cluster * most + hour, return_inverse=True)
    of, total = hours // most, np.bincount(at, active, len(hours))
    pairs = np.bincount(cluster, active * (active - 1.0), asked.clusters)
    chance = np.bincount(of, total * (total - 1.0), asked.clusters)
    return answer((pairs + 1.0) / (chance / BINS_AN_HOUR + 1.0), np.bincount(of, total, asked.clusters))


TALLIED: Mapping[str, Counted] = {
    access_paths.SIGNAL.query: _paths,
    client_normalising.SIGNAL.query: _alike,
    hot_spare_pool.SIGNAL.query: _spares,
    level_load.SIGNAL.query: _level,
    many_clients.SIGNAL.query: _clients,
    many_exits.SIGNAL.query: _exits,
    many_personas.SIGNAL.query: _personas,
    mixed_traffic.SIGNAL.query: _mixed,
    narrow_capability.SIGNAL.query: _narrow,
    no_human_rhythm.SIGNAL.query: _hours,
    synchrony.SIGNAL.query: _together,
}
"""By query, what counts its answer from the requests of members and the relation `member`."""
