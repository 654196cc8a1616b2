"""Other views of a finding as STIX opinions: explanations that its evidence does not rule out, and dissent among those who reviewed it."""

from __future__ import annotations

from typing import Any

from stillwatch.model.shared import SharedFinding
from stillwatch.share.objects import Writer


def opinions(
    finding: SharedFinding, subject: dict[str, Any], cluster: dict[str, Any], writer: Writer
) -> list[dict[str, Any]]:
    """One for each view: on what the traffic is, or on who is behind it."""
    return [
        writer.domain(
            "opinion",
            finding.reference,
            view.on,
            view.text,
            since=finding.first_seen,
            opinion=view.stance,
            explanation=view.text,
            object_refs=[(cluster if view.on == "attribution" else subject)["id"]],
        )
        for view in finding.views
    ]
