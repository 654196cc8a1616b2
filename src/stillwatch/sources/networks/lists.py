"""Lists of ranges, one range or address a line, as lists of hosting providers, VPN services and Tor exits are published.

What stands after `#` or `;` is a comment, what stands after the first word of a line is left out. The file does not say
of what kind its networks are: the caller does. A line that is no range is told with its number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from stillwatch.errors import UsageError
from stillwatch.sources.lines import TooLong, lines
from stillwatch.sources.networks.dated import Dated, day_in_name
from stillwatch.sources.networks.ranges import KINDS, Net, net, of_kind
from stillwatch.sources.stream import blocks


def read_list(path: Path, kind: str, day: date | None = None) -> Dated:
    """A list as networks of that kind; `day` where neither the caller's name nor the file's tells one is unknown."""
    if kind not in KINDS:
        raise UsageError(f"There is no kind of network {kind!r} (for {path}). There are {', '.join(KINDS)}.")
    nets: list[Net] = []
    rejected: list[tuple[int, str]] = []
    for number, told in _told(path):
        if (found := net(told)) is not None:
            nets.append(found)
        else:
            rejected.append((number, told[:200]))
    return Dated(of_kind(nets, kind), day or day_in_name(path), path.name, tuple(rejected))


def _told(path: Path) -> Iterator[tuple[int, str]]:
    """The first word of each line that has one, without comments, and the line's number."""
    number = 0
    for some in lines(blocks(path)):
        for line in some:
            number += 1
            raw = line.excerpt if isinstance(line, TooLong) else line
            words = (
                raw.decode("utf-8", "replace").lstrip("\ufeff").partition("#")[0].partition(";")[0].split()
            )
            if words:
                yield number, words[0].rstrip(",")
