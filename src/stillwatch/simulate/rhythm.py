"""When things happen: start times of conversations within a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Floats, Ints, Rng, generator, pick
from stillwatch.simulate.assumptions import ASSUMED

DAY = 86_400_000_000
HOUR = DAY // 24
SECOND = 1_000_000


@dataclass(frozen=True)
class Rhythm:
    """Hours of the local day, the weight of a weekend day, and common start times if there are any.

    `beats` is the number of common start times a day (0 = none); `seed` names who shares them.
    """

    hours: tuple[float, ...]
    weekend: float
    beats: int = 0
    seed: int = 0

    def starts(self, rng: Rng, day: int, zone: Ints) -> Ints:
        """Start times, in microseconds from the window's start, one for each entry of `zone`."""
        if self.beats:
            times = self._common_times(day)
            jitter = np.abs(rng.normal(0, ASSUMED.rhythms.beat_jitter_seconds, len(zone))) * SECOND
            beats: Ints = (day * DAY + times[rng.integers(0, self.beats, len(zone))] + jitter).astype(
                np.int64
            )
            return beats
        hour = (pick(rng, self.hours, len(zone)) - zone) % 24
        started: Ints = day * DAY + hour * HOUR + rng.integers(0, HOUR, len(zone))
        return started

    def _common_times(self, day: int) -> Floats:
        if not self.seed:
            return np.linspace(0, DAY, self.beats, endpoint=False)
        times: Floats = generator("beats", self.seed, day).random(self.beats) * DAY
        return times


def make(name: str, weekend: float, *, beats: int = 0, seed: int = 0) -> Rhythm:
    """A rhythm of the assumptions; `class` is lecture hours, `cron` is once an hour on the hour."""
    rhythms = ASSUMED.rhythms
    table = {
        "human": rhythms.human,
        "office": rhythms.office,
        "shift": rhythms.shift,
        "class": rhythms.lecture,
    }
    return Rhythm(table.get(name, rhythms.flat), weekend, 24 if name == "cron" else beats, seed)


def overlap(start: Floats, end: Floats, day: int) -> Floats:
    """The share of the day in which each account is active."""
    result: Floats = (np.minimum(end, day + 1) - np.maximum(start, day)).clip(0, 1)
    return result
