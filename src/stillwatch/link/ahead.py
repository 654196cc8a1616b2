"""Attempts that begin before those ahead of them are done, and give what they would have given in their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import TypeVar

from stillwatch.engine.crew import Crew
from stillwatch.link.cluster import Found
from stillwatch.weigh.holding import Integers

R = TypeVar("R")


class Glimpse(Found):
    """Clusters that an attempt adds to those found when it began; and whom none of these covered when it asked.

    What is found later can only cover more. So an attempt would have gone no other way if it covers none of them.
    """

    def __init__(self, found: Found) -> None:
        """Of what is found now; others may add to it meanwhile."""
        super().__init__(found.everyone)
        self._seen, self._before = len(found.clusters), copy(found)
        self._missed: list[Integers] = []

    def covers(self, members: Integers) -> bool:
        """Whether a cluster, of those before or of its own, holds most of these principals."""
        is_covered = self._before.covers(members) or super().covers(members)
        if not is_covered:
            self._missed.append(members)
        return is_covered

    def stands(self, found: Found) -> bool:
        """Whether nothing found since covers any of those that were asked about in vain."""
        since = Found(found.everyone)
        for cluster in found.clusters[self._seen :]:
            since.add(cluster)
        return not since.clusters or not any(since.covers(members) for members in self._missed)


def in_turn(
    starts: Iterable[Integers], attempt: Callable[[Integers, Glimpse], R], found: Found, crew: Crew
) -> Iterator[R]:
    """What an attempt gives for each start, as if those before it were done and what the caller makes of them were found."""

    def begun(start: Integers) -> tuple[Integers, Glimpse, R]:
        known = Glimpse(found)
        return start, known, attempt(start, known)

    for start, known, result in crew.each(begun, starts):
        yield result if known.stands(found) else attempt(start, Glimpse(found))
