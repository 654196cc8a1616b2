"""The range files that clouds publish: AWS `ip-ranges.json`, Google `cloud.json` and `goog.json`, Azure `ServiceTags`.

All their ranges are hosting, though some are a cloud's own services. AWS and Google say of what day they are; Azure has
only a number, and the day in its file's name counts. The provider is told as `as_name`; whose number announces a range
none of the files says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.errors import UsageError
from stillwatch.sources.nested.values import at, items
from stillwatch.sources.networks.dated import Dated, day_in_name
from stillwatch.sources.networks.ranges import Net, net, network_table
from stillwatch.sources.stream import blocks

_Ranges = Callable[[Mapping[str, Any]], Iterator[object]]


def _aws(tree: Mapping[str, Any]) -> Iterator[object]:
    for one in items(tree.get("prefixes")):
        yield at(one, "ip_prefix")
    for one in items(tree.get("ipv6_prefixes")):
        yield at(one, "ipv6_prefix")


def _google(tree: Mapping[str, Any]) -> Iterator[object]:
    for one in items(tree.get("prefixes")):
        yield at(one, "ipv4Prefix") or at(one, "ipv6Prefix")


def _azure(tree: Mapping[str, Any]) -> Iterator[object]:
    for one in items(tree.get("values")):
        yield from items(at(one, "properties", "addressPrefixes"))


_CLOUDS: tuple[tuple[str, str, str, _Ranges], ...] = (
    ("createDate", "Amazon Web Services", "createDate", _aws),
    ("creationTime", "Google Cloud", "creationTime", _google),
    ("changeNumber", "Microsoft Azure", "", _azure),
)
"""The key that only this cloud's file has, the cloud's name, the key of its day, and what gives its ranges."""


def read_cloud(path: Path) -> Dated:
    """A cloud's range file as networks of the kind hosting."""
    tree = _tree(path)
    for mark, name, day, ranges in _CLOUDS:
        if mark in tree:
            nets, rejected = _nets(ranges(tree))
            told = _day(tree.get(day)) or day_in_name(path)
            rows = ({"cidr": str(one), "as_name": name, "kind": "hosting"} for one in nets)
            return Dated(network_table(rows), told, path.name, rejected)
    raise UsageError(
        f"{path} is no range file of a cloud that is known. Known are AWS ip-ranges.json, Google cloud.json and Azure "
        "ServiceTags; give others as a list of ranges, one a line."
    )


def _tree(path: Path) -> Mapping[str, Any]:
    try:
        tree = msgspec.json.decode(b"".join(blocks(path)))
    except OSError as error:
        raise UsageError(f"The range file {path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"The range file {path} is no JSON: {error}.") from error
    return tree if isinstance(tree, dict) else {}


def _nets(told: Iterator[object]) -> tuple[list[Net], tuple[tuple[int, str], ...]]:
    nets: set[Net] = set()
    rejected: list[tuple[int, str]] = []
    for number, text in enumerate(told, 1):
        if (found := net(text)) is not None:
            nets.add(found)
        else:
            rejected.append((number, str(text)[:200]))
    order = sorted(nets, key=lambda one: (one.version, int(one.network_address), one.prefixlen))
    return order, tuple(rejected)


def _day(told: object) -> date | None:
    try:
        return date.fromisoformat(str(told)[:10])
    except ValueError:
        return None
