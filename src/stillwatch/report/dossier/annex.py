"""The annex on HR8283 (optional): evidence under the four headings of its sec. 3(11)(B), and the exclusion check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stillwatch.model.pack import Pack
from stillwatch.report.dossier.collateral import Sorted
from stillwatch.report.dossier.events import Event
from stillwatch.report.dossier.pieces import Piece
from stillwatch.report.wording import of

PATTERN = frozenset({"template", "time", "token", "extraction"})
COORDINATED = frozenset({"net", "client", "tool", "pay", "registration"})
CAPABILITY = frozenset(
    {
        "capability_sweep",
        "narrow_capability",
        "training_value",
        "asks_for_training_value",
        "alignment_harvest",
    }
)
NOT_ASKED = "Not answered by the log. A person answers it from the contract."


@dataclass(frozen=True)
class Heading:
    """One heading with the pieces of evidence that stand under it, and sentences beside them."""

    title: str
    pieces: tuple[str, ...]
    sentences: tuple[str, ...]


def headings(pack: Pack, found: Sequence[Piece], happened: Sequence[Event]) -> tuple[Heading, ...]:
    """The four headings. The fourth needs dates that no provider's log holds; releases of its own models are no substitute."""
    capability = [p.name for p in found if p.line.signal in CAPABILITY]
    pattern = [p.name for p in found if p.family in PATTERN and p.name not in capability]
    moved = tuple(e.text for e in happened if e.kind == "release" and "moved to it" in e.text)
    volume = pack.campaign.exchanges
    return (
        Heading(
            "Volume, structure, pattern, coordination or timing",
            tuple(pattern),
            (f"{volume.best:,} exchanges (at least {volume.low:,}, at most {volume.high:,}).", *moved),
        ),
        Heading("Concentration on specific capabilities", tuple(capability), ()),
        Heading("Coordinated multiple accounts", tuple(p.name for p in found if p.family in COORDINATED), ()),
        Heading(
            "Correlation with the development timeline of another model",
            (),
            (_timeline(pack),),
        ),
    )


def _timeline(pack: Pack) -> str:
    """Dates of others' releases are told where the actors' file has some; that two things lie near each other is no correlation."""
    known = (pack.attributed or {}).get("calendar") or ()
    if not known:
        return "Not assessed: the log does not hold the timeline of anybody else's model."
    return (
        f"Not assessed: the actors' file dates {of(len(known), 'release')} within 60 days of it (part 8), and nearness alone "
        "is no correlation."
    )


def exclusions(pack: Pack, members: Sorted) -> Mapping[str, str]:
    """What would take it out of the law's reach, and what is known of each."""
    holders = int((members.code == "agreement").sum())
    if pack.log is None:
        agreed = "The scan looked for agreements before it reported; the accounts table was not at hand for this dossier."
    elif holders:
        agreed = f"{holders} of {len(members.account_ids)} members hold some agreement. Read whether it covers this use."
    else:
        agreed = "No member holds an agreement on file."
    return {
        "Authorised?": agreed,
        "Within the terms of service?": NOT_ASKED,
        "Circumvention for free expression?": NOT_ASKED,
    }
