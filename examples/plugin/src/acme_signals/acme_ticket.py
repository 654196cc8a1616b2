"""A ticket for each finding, in the plain text that the acme help desk takes by mail."""

from stillwatch.model.shared import Shared, SharedFinding
from stillwatch.share._base import Export
from stillwatch.share.blind import Blind


def render(shared: Shared, blind: Blind) -> bytes:
    """One ticket a finding; the same finding keeps its number."""
    return "\n".join(_ticket(shared, finding, blind) for finding in shared.findings).encode("utf-8")


def _ticket(shared: Shared, finding: SharedFinding, blind: Blind) -> str:
    state = "look at it" if shared.retraction is None else f"withdrawn: {shared.retraction}"
    lines = [
        f"Ticket: {blind.uuid('acme ticket', finding.reference)}",
        f"Subject: {'simulated ' if shared.simulated else ''}{finding.verdict} {finding.name}, {state}",
        f"Handling: TLP:{shared.handling.tlp.upper()}, tier {shared.handling.tier}. {shared.handling.permitted}",
        *(f"{i.kind} {i.value or i.token} until {i.valid_until}" for i in finding.indicators),
        "",
    ]
    return "\n".join(lines)


EXPORT = Export(
    name="acme_ticket",
    suffix=".txt",
    description="tickets of the acme help desk",
    render=render,
)
