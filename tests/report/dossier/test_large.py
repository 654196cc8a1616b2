"""A dossier of 20,000 accounts stays small: what grows with the accounts lies in the pack's tables, not in the page."""

from __future__ import annotations

from collections.abc import Callable

from stillwatch.model.finding import Findings
from stillwatch.model.pack import Pack

MEGABYTE = 1 << 20


def test_a_dossier_of_twenty_thousand_accounts_is_under_five_megabytes(
    many: Findings, take: Callable[..., Pack], tell: Callable[..., dict[str, bytes]]
) -> None:
    sizes = {name: len(content) for name, content in tell(take(many)).items()}
    assert sizes["dossier.html"] < 5 * MEGABYTE
    assert sizes["one-page.html"] < MEGABYTE
    assert sizes["dossier.md"] < MEGABYTE
    assert sizes["dossier.json"] < 5 * MEGABYTE
