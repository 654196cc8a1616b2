"""Assays in a dossier: all that they say and all that they do not, in every document, and no judgement moved by them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from stillwatch.errors import InputError
from stillwatch.model.assay import AssayReport
from stillwatch.model.finding import FAMILIES
from stillwatch.model.pack import Pack, Record
from stillwatch.model.recorded import MODEL_FAMILY, RecordedAssay
from stillwatch.report.dossier.assay_checks import assay_checks
from stillwatch.report.dossier.assayed import CLEARS_NOBODY
from stillwatch.report.dossier.checked import Opened
from stillwatch.report.dossier.documents import documents
from stillwatch.report.dossier.packed import RECORD, files_of, pack_of
from stillwatch.report.dossier.sealed import opened, sealed
from tests.assay.made import SET, report
from tests.cli.handmade import campaign, findings

Take = Callable[..., Pack]
Tell = Callable[..., dict[str, bytes]]


def recorded(told: AssayReport, **more: object) -> RecordedAssay:
    usual = {"agreed": ("ben",), "reason": "it answers as ours does"}
    return RecordedAssay(
        entry=7, campaign_id=SET, who="ana", recorded="2026-04-01T10:00:00Z", account_sets=(SET,), report=told,
        **(usual | more),
    )  # fmt: skip


def documented(take: Take, tell: Tell, *assays: RecordedAssay) -> dict[str, str]:
    pack = take(findings(campaign()), record=Record(assays=assays))
    return {name: content.decode() for name, content in tell(pack).items()}


def test_word_tests_controls_power_and_seal_stand_in_every_document(take: Take, tell: Tell) -> None:
    made = documented(take, tell, recorded(report()))
    needed = ("trained on served text", "6e-10", "unserved keys", "97", "72,000", "5ea1" * 16, "ana", "ben")
    for name in ("dossier.html", "dossier.md", "dossier.json"):
        assert not [word for word in needed if word not in made[name].replace("\\", "")], name
    assert "trained on served text" in made["one-page.html"]
    (part,) = json.loads(made["dossier.json"])["assays"]
    assert (part["family"], part["counts"], part["account_sets"]) == (MODEL_FAMILY, True, [SET])


def test_an_assay_moves_no_judgement_and_no_bit(take: Take, tell: Tell) -> None:
    without, given = (
        json.loads(documented(take, tell, *a)["dossier.json"]) for a in ((), (recorded(report()),))
    )
    for name in ("judgements", "weights", "left_out", "coordination_bits", "extraction_bits", "hypotheses"):
        assert given["dossier"][name] == without["dossier"][name]
    assert given["evidence"] == without["evidence"]
    assert given["attribution"]["level"] == without["attribution"]["level"]


def test_the_family_of_models_is_none_that_a_scan_weighs() -> None:
    assert MODEL_FAMILY not in FAMILIES


def test_an_assay_that_found_nothing_clears_nobody(take: Take, tell: Tell) -> None:
    made = documented(take, tell, recorded(report("no finding")))
    assert all(CLEARS_NOBODY in made[name] for name in ("dossier.html", "dossier.json", "dossier.md"))
    assert "clears nobody" in made["one-page.html"]
    told = json.loads(made["dossier.json"])["dossier"]["not_claimed"]
    assert told[0].startswith("That any model was trained on these answers. That needs evidence")
    assert told[-1].startswith("That suspect was not trained on these answers")


def test_what_one_person_recorded_is_reported_and_what_two_stand_for_is_inferred(
    take: Take, tell: Tell
) -> None:
    for agreed, kind in (((), "reported"), (("ben",), "inferred")):
        told = json.loads(documented(take, tell, recorded(report(), agreed=agreed))["dossier.json"])
        (line,) = [line for line in told["ledger"] if line["pieces"] == ["A1"]]
        assert (line["kind"], line["side"]) == (kind, "")
        beyond = told["dossier"]["not_claimed"][0]
        assert ("beyond what assay A1 says of suspect" in beyond) is bool(agreed)


def test_an_assay_without_its_controls_is_never_inferred_whoever_agrees(take: Take, tell: Tell) -> None:
    made = documented(take, tell, recorded(report("uncalibrated")))
    told = json.loads(made["dossier.json"])
    assert told["assays"][0]["counts"] is False
    assert [line["kind"] for line in told["ledger"] if line["pieces"] == ["A1"]] == ["reported"]
    assert "it does not count, and lacks its controls" in made["dossier.md"]
    assert "not agreed to" not in made["dossier.md"] + made["dossier.html"] + made["one-page.html"]


def test_a_name_that_is_markup_stays_text(take: Take, tell: Tell) -> None:
    hostile = recorded(report(suspect="<script>x</script>"), reason="a|b `c` [d](e)")
    made = documented(take, tell, hostile)
    assert "<script>" not in made["dossier.html"] + made["one-page.html"]
    assert "<script>" not in made["dossier.md"]


def held(take: Take, *assays: RecordedAssay) -> Opened:
    files = files_of(take(findings(campaign()), record=Record(assays=assays)))
    return Opened(*opened(sealed(SET, files, documents(files, frozenset({"json"})), None), "x.zip"))


def test_a_pack_keeps_the_report_whole_and_is_checked_by_it(take: Take) -> None:
    mine = recorded(report())
    pack = held(take, mine)
    assert pack_of(pack.pack_files).record.assays == (mine,)
    assert [c.outcome for c in assay_checks(pack)] == ["same", "not checked"]
    assert [c.outcome for c in assay_checks(pack, [report()])] == ["same", "same"]
    assert [c.told for c in assay_checks(held(take), [report()])] == [
        "the dossier tells of no assay, and one was given"
    ]
    other = replace(report(), transcript_digest="0" * 64)
    assert [c.outcome for c in assay_checks(pack, [other])] == ["same", "altered"]


@pytest.mark.parametrize(
    ("altered", "told"),
    [
        ({"word": "no finding", "controls": ()}, "its word and its controls do not fit"),
        ({"account_sets": ("UDC-2026-009",)}, "no keyed test of the account set that it names rejects"),
        ({"word": "not distilled"}, "is no word of the ladder"),
    ],
)
def test_a_report_whose_word_its_own_figures_do_not_bear_is_named(
    take: Take, altered: dict[str, object], told: str
) -> None:
    wrong = recorded(replace(report(), **altered))
    if told.startswith("is no word"):
        with pytest.raises(InputError, match=RECORD):
            held(take, wrong)
    else:
        check = next(iter(assay_checks(held(take, wrong))))
        assert (check.outcome, told in check.told) == ("altered", True)
