"""CSV for SIEMs and spreadsheets: one row an indicator, with the day on which it expires.

Every row carries its marking and what a reader may do with it, since rows are copied one by one. A cell that a
spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from stillwatch.model.shared import Indicator, Shared, SharedFinding
from stillwatch.share._base import Export
from stillwatch.share.blind import Blind

COLUMNS = (
    "finding", "verdict", "one_party", "training_set", "kind", "signal", "value", "token", "confidence", "parties", "others",
    "first_seen", "last_seen", "valid_from", "valid_until", "state", "tlp", "tier", "permitted", "simulated", "made", "producer",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(shared: Shared, blind: Blind) -> bytes:  # noqa: ARG001  nothing in a row is derived here
    """All indicators; a finding without any has a row of its own, so that nothing is passed over."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in shared.findings:
        for indicator in finding.indicators or (None,):
            writer.writerow([_harmless(cell) for cell in _cells(shared, finding, indicator)])
    return text.getvalue().encode("utf-8")


def _cells(shared: Shared, finding: SharedFinding, indicator: Indicator | None) -> Iterator[object]:
    yield from (finding.name, finding.verdict, f"{finding.one_party:.4g}", f"{finding.training_set:.4g}")
    if indicator is None:
        yield from ["", "", "", "", "", "", "", finding.first_seen, finding.last_seen, "", ""]
    else:
        yield from (indicator.kind, indicator.signal, indicator.value or "", indicator.token)
        yield from (indicator.confidence, indicator.parties, indicator.others)
        yield from (indicator.first_seen, indicator.last_seen, indicator.valid_from, indicator.valid_until)
    yield "valid" if shared.retraction is None else f"withdrawn: {shared.retraction}"
    yield from (f"TLP:{shared.handling.tlp.upper()}", shared.handling.tier, shared.handling.permitted)
    yield from ("true" if shared.simulated else "false", shared.made, shared.producer.name)


def _harmless(cell: object) -> str:
    text = " ".join(str(cell).split())
    return f"'{text}" if text.startswith(FORMULA) else text


EXPORT = Export(
    name="csv",
    suffix=".csv",
    description="one row an indicator, for SIEMs and spreadsheets",
    render=render,
)
