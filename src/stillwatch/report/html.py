"""The dossier as one self-contained page."""

from __future__ import annotations

from html import escape

from stillwatch.model.finding import Findings


def render(findings: Findings) -> str:
    """The report as HTML text."""
    rows = "".join(
        f"<li>{escape(c.campaign_id)}: {escape(c.verdict)}, {c.accounts.best} accounts</li>"
        for c in findings.campaigns
    )
    return f"<!doctype html><meta charset=utf-8><title>stillwatch</title><ul>{rows}</ul>"
