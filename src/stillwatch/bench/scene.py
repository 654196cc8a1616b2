"""The log as a scene: a simulated campaign is drawn on it with the log's own time, models, programs and addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from stillwatch.bench.addresses import FEWEST_ADDRESSES, LogNetworks
from stillwatch.bench.likeness import Likeness
from stillwatch.simulate.arrays import Ints, Rng
from stillwatch.simulate.assumptions import ASSUMED, Assumptions, Window
from stillwatch.simulate.assumptions.campaigns import Campaigns
from stillwatch.simulate.clients import Client, Clients
from stillwatch.simulate.rhythm import DAY
from stillwatch.simulate.scene import Scene

USUAL_DAYS = ASSUMED.window.days
MOST_SCENE_ACCOUNTS = 100_000
HOMES = 4096
"""Homes made up where the log does not tell at which of its addresses people live."""
NEVER = 1e9


class LogClients(Clients):
    """The programs that the log's accounts use, the popular ones more often."""

    def __init__(self, seen: list[Client]) -> None:
        self._seen = seen
        super().__init__()

    def _popular(self) -> None:
        for client in self._seen:
            self.add(client)

    def draw(self, rng: Rng, family: str, count: int) -> Ints:  # noqa: ARG002
        """Any of them: a log does not say of what kind a program is."""
        return super().draw(rng, "sdk", count)


def scene(log: Likeness, seed: int, channels: frozenset[str]) -> Scene:
    """A scene that no world has: its seed goes into every id and token that is drawn on it."""
    networks = LogNetworks(log.addresses, log.networks)
    made = Scene(
        "rehearsal",
        seed,
        log.sample.rows,
        min(len(log.sample.account_ids), MOST_SCENE_ACCOUNTS),
        assumed=_assumed(log),
        networks=networks,
        clients=LogClients(log.clients(channels)),
    )
    homes = networks.homes
    near = networks.addresses(made.rng("homes"), "residential", HOMES)
    made.homes.append(homes if len(homes) >= FEWEST_ADDRESSES else near)
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
