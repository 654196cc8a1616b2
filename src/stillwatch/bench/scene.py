"""The log as a scene: a simulated campaign is drawn on it with the log's own time, models, programs and addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from stillwatch.bench.likeness import Likeness
from stillwatch.simulate.arrays import Ints, Rng
from stillwatch.simulate.assumptions import ASSUMED, Assumptions, Window
from stillwatch.simulate.assumptions.campaigns import Campaigns
from stillwatch.simulate.clients import Client, Clients
from stillwatch.simulate.network import Networks
from stillwatch.simulate.rhythm import DAY
from stillwatch.simulate.scene import Scene

USUAL_DAYS = ASSUMED.window.days
NEAR_BITS = 12
"""Planted addresses lie within a /20 of one of the log's own, so that their ranges are as common as the log's."""
FEWEST_ADDRESSES = 50
"""With fewer IPv4 addresses than this in the log, addresses come from the packaged ranges instead."""
MOST_SCENE_ACCOUNTS = 100_000
NEVER = 1e9


class LogClients(Clients):
    """The programs that the log's accounts use, the popular ones more often."""

    def __init__(self, seen: list[Client]) -> None:
        self._seen = seen
        super().__init__()

    def _popular(self) -> None:
        for client in self._seen:
            self.add(client)


class LogNetworks(Networks):
    """Addresses in the neighbourhood of the log's own, whatever kind is asked for."""

    def __init__(self, own: Ints) -> None:
        super().__init__()
        self._own = own

    def addresses(self, rng: Rng, kind: str, count: int, country: str | None = None) -> Ints:
        """Hosts near addresses of the log; from the packaged ranges if the log has too few."""
        if len(self._own) < FEWEST_ADDRESSES:
            return super().addresses(rng, kind, count, country)
        near = self._own[rng.integers(0, len(self._own), count)]
        return near ^ rng.integers(0, 1 << NEAR_BITS, count)


def scene(log: Likeness, seed: int, channels: frozenset[str]) -> Scene:
    """A scene that no world has: its seed goes into every id and token that is drawn on it."""
    made = Scene(
        "rehearsal",
        seed,
        log.sample.rows,
        min(len(log.sample.account_ids), MOST_SCENE_ACCOUNTS),
        assumed=_assumed(log),
        networks=LogNetworks(log.addresses),
        clients=LogClients(log.clients(channels)),
    )
    made.homes.append(made.networks.addresses(made.rng("homes"), "residential", 4096))
    return made


def _assumed(log: Likeness) -> Assumptions:
    """The assumptions of worlds, moved into the log's window; days count from a Monday, as the rhythms do."""
    low, high = log.window
    start = datetime.fromtimestamp(low // 1_000_000, UTC).replace(hour=0, minute=0, second=0)
    monday = start - timedelta(days=start.weekday())
    zero = int(monday.timestamp()) * 1_000_000
    lead, days = (low - zero) / DAY, (high - low) / DAY
    release = (log.release[1] - zero) / DAY if log.release else NEVER
    window = Window(
        start=monday.replace(tzinfo=None).isoformat(),
        days=int(np.ceil((high - zero) / DAY)),
        release_day=(release, release),
    )
    return replace(ASSUMED, window=window, campaigns=_campaigns(ASSUMED.campaigns, lead, days))


def _campaigns(usual: Campaigns, lead: float, days: float) -> Campaigns:
    """How campaigns are run in a window of so many days: squeezed into a short one, anywhere in a long one."""
    squeeze = min(1.0, days / USUAL_DAYS)
    earliest, latest = (squeeze * day for day in usual.first_day)
    shortest, longest = (squeeze * day for day in usual.active_days)
    return replace(
        usual,
        first_day=(lead + earliest, lead + max(latest, days - longest)),
        active_days=(shortest, longest),
        start_delay_days=squeeze * usual.start_delay_days,
        last_day_spread=squeeze * usual.last_day_spread,
        churn_life_days=(squeeze * usual.churn_life_days[0], squeeze * usual.churn_life_days[1]),
    )
