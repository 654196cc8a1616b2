"""The ledger of what was shared: what a retraction has to take back, whatever the findings hold by then.

One line of JSON for each finding of an export for others, as it was told: reduced to its tier and blinded, so that it holds no more than what
left the house. A later scan finds other traits, another number or another verdict; what was told under the old ones is taken back all the same.
A line is put on record before the export is written: nothing leaves that the ledger does not know.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from stillwatch.errors import InputError, UsageError
from stillwatch.model.shared import Handling, Shared, SharedFinding
from stillwatch.share.blind import Blind


class Line(msgspec.Struct, frozen=True):
    """One finding as it was told: as whom, under which key, and how far it might go. `retraction` is why it was taken back, if it was."""

    producer: str
    key: str
    made: str
    simulated: bool
    handling: Handling
    finding: SharedFinding
    retraction: str | None = None


def lines(path: Path, producer: str, blind: Blind) -> tuple[Line, ...]:
    """All that was told as that producer under this key, in its order."""
    key = blind.uuid("ledger")
    return tuple(line for line in _all(path) if (line.producer, line.key) == (producer, key))


def note(path: Path, shared: Shared, blind: Blind) -> None:
    """Put what is about to be told on record, each line once."""
    told = [
        Line(
            shared.producer.name,
            blind.uuid("ledger"),
            shared.made,
            shared.simulated,
            shared.handling,
            finding,
            shared.retraction,
        )
        for finding in shared.findings
    ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab"
        ) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = set(_all(path))
            for line in (t for t in told if t not in known):
                file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(
            f"The ledger {path} cannot be written: {error.strerror}. Nothing is shared that it does not know; name another with --ledger."
        ) from error


def taken_back(told: Sequence[Line], shared: Shared) -> Shared:
    """The retraction of all that those lines told, and of what `shared` tells: each finding by each verdict that it had, with all of its indicators."""
    whole: dict[tuple[str, str], SharedFinding] = {}
    for finding in (*(line.finding for line in told), *shared.findings):
        at = (finding.reference, finding.verdict)
        whole[at] = _both(whole[at], finding) if at in whole else finding
    return replace(
        shared,
        made=max([shared.made, *(line.made for line in told)]),
        simulated=shared.simulated or any(line.simulated for line in told),
        findings=tuple(whole[at] for at in sorted(whole)),
    )


def with_earlier_names(told: Sequence[Line], shared: Shared) -> Shared:
    """Findings with the numbers under which they were told before."""
    names: dict[str, set[str]] = {}
    for line in told:
        names.setdefault(line.finding.reference, set()).add(line.finding.name)
    return replace(
        shared,
        findings=tuple(
            replace(f, aliases=tuple(sorted(names.get(f.reference, set()) - {f.name})))
            for f in shared.findings
        ),
    )


def _both(earlier: SharedFinding, later: SharedFinding) -> SharedFinding:
    """The later word, with what only the earlier one told."""
    indicators = {(i.kind, i.reference): i for i in (*earlier.indicators, *later.indicators)}
    actors = {(a.actor, a.level): a for a in (*earlier.attribution, *later.attribution)}
    return replace(
        later,
        first_seen=min(earlier.first_seen, later.first_seen),
        last_seen=max(earlier.last_seen, later.last_seen),
        techniques=tuple(dict.fromkeys((*earlier.techniques, *later.techniques))),
        attribution=tuple(actors.values()),
        views=tuple(dict.fromkeys((*earlier.views, *later.views))),
        aliases=tuple(sorted({*earlier.aliases, *later.aliases, earlier.name} - {later.name})),
        indicators=tuple(indicators[at] for at in sorted(indicators)),
    )


def _all(path: Path) -> tuple[Line, ...]:
    if not path.exists():
        return ()
    try:
        return tuple(
            msgspec.json.decode(line, type=Line) for line in path.read_bytes().splitlines() if line.strip()
        )
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(
            f"The ledger {path} cannot be read: {error}. It says what a retraction has to take back; mend it, or name another with --ledger."
        ) from error
