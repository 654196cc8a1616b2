"""By which ways sightings came: each counts once, and nobody speaks or takes back for another way.

A bundle is not signed, so a maker's name in it is a claim; what is known is who handed it over. Of the ways of a sighting one leads: the
way that bears its maker's name (`share read alpha=...` for what says that it is made by alpha), else the one by which it came first.

- A way that tells what the leading one told is a relay. One that tells something else under the same identifier is named; each
  counts by its own way, so that nobody is silenced by who was read first. If the leading way bears the maker's name, it alone counts.
- A retraction takes back what came by its own way. If that is the leading one, what relays told falls, too: of what its maker may have taken
  back, losing some does less harm than accusing on. What another way tells differently stays.

Nothing of this passes in silence: who took back what by which way is told by count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from stillwatch.model.sighting import Retraction, Sighting, Told
from stillwatch.share.bundle import when
from stillwatch.share.marking import STRICTEST


def together(parts: Iterable[Told]) -> Told:
    """What several bundles say, each sighting once, less what was taken back by a way that may."""
    seen: dict[str, _Ways] = {}
    said: Counter[str] = Counter()
    problems: list[str] = []
    retractions: list[Retraction] = []
    for part in parts:
        problems += part.problems
        retractions += part.retractions
        for sighting in part.sightings:
            seen.setdefault(sighting.sighting_id, _Ways()).add(sighting, said)
    for retraction in retractions:
        if retraction.sighting_id in seen:
            seen[retraction.sighting_id].take_back(retraction, said)
    standing = tuple(sighting for ways in seen.values() for sighting in ways.standing(said))
    problems += [f"{count} {what}" for what, count in said.items()]
    return Told(standing, tuple(retractions), tuple(problems))


@dataclass
class _Way:
    """What one way tells now, all that it told, and whether it took that back."""

    now: Sighting
    contents: set[tuple[object, ...]]
    is_back: bool = False


@dataclass
class _Ways:
    """All ways of one sighting, in the order in which they came."""

    by_source: dict[str, _Way] = field(default_factory=dict)

    def add(self, sighting: Sighting, said: Counter[str]) -> None:
        way = self.by_source.get(sighting.source)
        if way is None:
            self.by_source[sighting.source] = _Way(sighting, {_content(sighting)})
        elif when(sighting.modified) > when(way.now.modified) and sighting.maker == way.now.maker:
            if _content(sighting) not in way.contents:
                said[f"sightings {_whose(sighting)} were told anew and otherwise"] += 1
            way.now = sighting
            way.contents.add(_content(sighting))
        else:
            _told_again(way, sighting, said)

    def take_back(self, retraction: Retraction, said: Counter[str]) -> None:
        way = self.by_source.get(retraction.source)
        if way is None or way.now.maker != retraction.maker:
            said[
                "retractions were passed over: they did not come from the maker by the way the sighting came"
            ] += 1
        elif not way.is_back and when(way.now.modified) <= when(retraction.modified):
            way.is_back = True
            said[f"sightings {_whose(way.now)} were taken back"] += 1

    def standing(self, said: Counter[str]) -> Iterator[Sighting]:
        """What of it counts: the leading way, or in place of it and beside it what the rules above say."""
        lead, is_bound = self._lead()
        relays: list[_Way] = []
        others: list[_Way] = []
        for way in self.by_source.values():
            if way is not lead:
                (relays if _content(way.now) in lead.contents else others).append(way)
        if lead.is_back:
            for relay in (r for r in relays if not r.is_back):
                said[
                    f"sightings {_whose(relay.now)} fell, too: {lead.now.source}, which leads, took them back"
                ] += 1
        else:
            if relays:
                said["sightings came more than once and count once"] += 1
            yield _strictest([lead, *relays])
            for relay in (r for r in relays if r.is_back):
                said[
                    f"sightings {_whose(relay.now)} count all the same: {lead.now.source}, which leads, tells them still"
                ] += 1
        for other in (o for o in others if not o.is_back):
            if not is_bound:
                yield other.now
            said[_differs(lead, other, is_bound=is_bound)] += 1

    def _lead(self) -> tuple[_Way, bool]:
        """The way that leads, and whether it bears the name of the maker, of whom all ways tell the same name."""
        names = {_plain(way.now.maker_name) for way in self.by_source.values()}
        bound = [way for source, way in self.by_source.items() if {_plain(source)} == names]
        return (bound[0], True) if bound else (next(iter(self.by_source.values())), False)


def _told_again(way: _Way, sighting: Sighting, said: Counter[str]) -> None:
    """The same version, or an older one, by the same way: it can tighten the marking, and do nothing else."""
    if _content(sighting) not in way.contents and when(sighting.modified) >= when(way.now.modified):
        said[f"sightings {_whose(way.now)} were told in one version with two contents; the first counts"] += 1
    if sighting.modified == way.now.modified:
        way.now = replace(way.now, tlp=min(way.now.tlp, sighting.tlp, key=STRICTEST.index))
    said["sightings came more than once and count once"] += 1


def _strictest(ways: Sequence[_Way]) -> Sighting:
    """The first way's word, by the strictest marking that any of them gives this version."""
    now = ways[0].now
    return replace(
        now, tlp=min((w.now.tlp for w in ways if w.now.modified == now.modified), key=STRICTEST.index)
    )


def _content(sighting: Sighting) -> tuple[object, ...]:
    """What a sighting says, without how it came, how far it may go, and how much was seen."""
    return (
        sighting.maker, sighting.maker_name, sighting.signal, sighting.told, sighting.is_token, sighting.key_rules, sighting.finding,
        sighting.sighted_as, sighting.names, sighting.simulated, sighting.valid_until,
    )  # fmt: skip


def _whose(sighting: Sighting) -> str:
    return f"of {sighting.maker_name or sighting.maker} by way of {sighting.source}"


def _differs(lead: _Way, other: _Way, *, is_bound: bool) -> str:
    what = f"sightings {_whose(other.now)} are told otherwise by way of {lead.now.source} under the same identifier"
    return (
        f"{what}, which bears the maker's name: that counts"
        if is_bound
        else f"{what}: each counts by its own way"
    )


def _plain(word: str) -> str:
    return " ".join(word.casefold().split())
