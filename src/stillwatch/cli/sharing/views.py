"""What a findings folder holds of other views: innocent explanations that were tried, rival hypotheses, reviews. Nobody is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stillwatch.model.attributed import Attributed
from stillwatch.model.shared import View
from stillwatch.report.files import Filed

RIVALS: Mapping[str, str] = {
    "H2": "another organisation, perhaps through the same relay",
    "H3": "a relay with ordinary users only",
    "H4": "evaluation or research",
    "H5": "batch work of an enterprise",
    "H6": "distillation that was authorised",
    "H7": "framing: somebody plants the marks of another",
}
"""The standing hypotheses in words that name nobody."""
OUR_OWN = "H1"


def views_in(filed: Filed) -> dict[str, tuple[View, ...]]:
    """Other views by finding."""
    said = {a.campaign_id: a for a in filed.attributed}
    names = {str(c["campaign_id"]) for c in filed.campaigns}
    return {name: (*_innocent(filed, name), *_of_attribution(said.get(name))) for name in sorted(names)}


def _innocent(filed: Filed, name: str) -> Iterator[View]:
    told = filed.told.get(name)
    for tried in told.lookalikes if told is not None else ():
        if tried.is_consistent:
            yield View("finding", "neutral", f"Not ruled out: {tried.name.lower()}.")


def _of_attribution(said: Attributed | None) -> Iterator[View]:
    if said is None:
        return
    against = {r.code: r.inconsistencies for r in said.ranked}
    for code, words in RIVALS.items():
        if code in against and against[code] <= against.get(OUR_OWN, -1):
            yield View(
                "attribution",
                "disagree" if against[code] < against[OUR_OWN] else "neutral",
                f"As consistent with the evidence, or more: {words}.",
            )
    dissent = sum(not review.agrees for review in said.reviews)
    if dissent:
        yield View("attribution", "disagree", f"{dissent} of {len(said.reviews)} reviews do not share it.")
