"""Two plain drawings: shares as horizontal bars, and memberships as a histogram in tenths."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from stillwatch.model.dossier import Share
from stillwatch.report.svg import box, cut, joined, line, picture, text
from stillwatch.report.wording import count, percent

ROW, LABEL, NUMBERS = 28.0, 110.0, 128.0
BARS_WIDTH = 460.0
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT, FOOT = 420.0, 120.0, 40.0
MARGIN = 20.0


def draw_shares(shares: Sequence[Share], key: str, title: str) -> Markup:
    """One bar a share, the longest first."""
    room = BARS_WIDTH - LABEL - NUMBERS
    most = max((s.share for s in shares), default=1.0) or 1.0
    rows = [
        text(LABEL - 10, i * ROW + 19, cut(s.name, 16), "", "end")
        + box(LABEL, i * ROW + 6, room, 16, "track")
        + box(LABEL, i * ROW + 6, room * max(s.share, 0) / most, 16, "bar")
        + text(LABEL + room + 8, i * ROW + 19, f"{percent(s.share)} · {count(s.count)}", "t-number")
        for i, s in enumerate(shares)
    ]
    told = "; ".join(f"{s.name} {percent(s.share)}" for s in shares) or "none"
    height = max(len(shares), 1) * ROW
    return picture(joined(rows), key=key, height=height, title=title, description=told, width=BARS_WIDTH)


def draw_tenths(tenths: Sequence[int], key: str) -> Markup:
    """How many members belong with which probability."""
    step, most = (HISTOGRAM_WIDTH - 2 * MARGIN) / 10, max(tenths, default=1) or 1
    parts = [line((0, HISTOGRAM_HEIGHT), (HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT), "zero")]
    for i, n in enumerate(tenths):
        height = (HISTOGRAM_HEIGHT - 20) * n / most
        top = HISTOGRAM_HEIGHT - height
        parts.append(box(MARGIN + i * step + 3, top, step - 6, height, "bar"))
        if n:
            parts.append(text(MARGIN + i * step + step / 2, top - 5, count(n), "t-number", "middle"))
    parts += [
        text(MARGIN + i * step, HISTOGRAM_HEIGHT + 16, f"{i / 10:.1f}", "t-muted", "middle")
        for i in (0, 5, 10)
    ]
    parts.append(
        text(HISTOGRAM_WIDTH / 2, HISTOGRAM_HEIGHT + 32, "probability of belonging", "t-muted", "middle")
    )
    told = (
        "; ".join(f"{i / 10:.1f} to {(i + 1) / 10:.1f}: {count(n)}" for i, n in enumerate(tenths) if n)
        or "no members"
    )
    return picture(
        joined(parts),
        key=key,
        height=HISTOGRAM_HEIGHT + FOOT,
        title="Members by probability of belonging",
        description=told,
        width=HISTOGRAM_WIDTH,
    )
