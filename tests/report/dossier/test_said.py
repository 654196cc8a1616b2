"""What is said of an actor rests on the families that speak for it, and is as good as the statements that they compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from stillwatch.attribute.attribute import attributions
from stillwatch.model.attributed import Attributed
from stillwatch.model.finding import Findings
from stillwatch.model.pack import Pack
from stillwatch.report.dossier.pieces import Line
from stillwatch.report.dossier.telling import whole
from tests.attribute.made import Made, attributed, profile, statement

Take = Callable[..., Pack]


def told(code_of_cards: str = "B1") -> Attributed:
    cards = [s for s in profile("actor-a", "B1").statements if s.kind != "payment_fingerprint"]
    paid = [statement("payment_fingerprint", code_of_cards, fingerprint=f"pm_{name}") for name in "ab"]
    return replace(
        attributed(Made(), replace(profile(), statements=(*cards, *paid))), campaign_id="UDC-2026-001"
    )


def lines(who: Attributed, three: Findings, take: Take) -> Sequence[Line]:
    first = replace(three.campaigns[0], attribution=attributions(who))
    return whole(take(replace(three, campaigns=(first, *three.campaigns[1:]), attributed=(who,)))).ledger


def only(found: Sequence[Line], basis: str) -> Line:
    (line,) = [line for line in found if line.claim.basis == basis]
    return line


def test_who_is_behind_it_rests_on_the_families_that_speak_for_the_actor(three: Findings, take: Take) -> None:
    line = only(lines(told(), three, take), "judgement C3")
    assert [piece.split()[0] for piece in line.pieces] == ["client", "content", "payment", "staff"]
    assert all(piece.endswith(" nats") for piece in line.pieces)
    assert line.source == "B1"


def test_the_least_believed_code_among_them_is_told(three: Findings, take: Take) -> None:
    found = lines(told("C3"), three, take)
    assert only(found, "judgement C3").source == "C3"
    assert only(found, "actors file").source == "C3"


def test_what_the_file_describes_has_the_code_of_its_statements(three: Findings, take: Take) -> None:
    line = only(lines(told(), three, take), "actors file")
    assert (line.kind, line.source, line.pieces) == ("reported", "B1", ("actors file: a report",))


@pytest.mark.parametrize("code", ["", "Z9", "B", "<b>"])
def test_a_code_of_another_shape_stops_no_dossier(code: str, three: Findings, take: Take) -> None:
    who: Any = told()
    pack = take(replace(three, attributed=(who,)))
    assert pack.attributed is not None
    for candidate in pack.attributed["candidates"]:
        for family in candidate["families"]:
            for compared in family["compared"]:
                compared["code"] = code
    assert whole(pack).ledger
