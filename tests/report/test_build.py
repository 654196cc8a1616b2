"""Judgements, claims and weights, in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from stillwatch.model.finding import Attribution, Campaign, Findings, SkippedSignal
from stillwatch.model.likelihood import likelihood_word
from stillwatch.report.build import dossier, dossiers
from stillwatch.report.drawn import draw
from stillwatch.report.evidence import coordination, extraction, family_weights, left_out, witnesses_for
from stillwatch.report.notebook import ShownFindings, findings_html
from stillwatch.report.wording import VERDICT_MEANING, likelihood, percent, signed_bits

MakeFindings = Callable[..., Findings]
MakeCampaign = Callable[..., Campaign]


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.001, "almost no chance"),
        (0.05, "very unlikely"),
        (0.2, "unlikely"),
        (0.5, "roughly an even chance"),
        (0.55, "likely"),
        (0.8, "very likely"),
        (0.95, "almost certain"),
        (math.nan, "not computed"),
        (None, "not computed"),
    ],
)
def test_likelihood_words_follow_the_bands(probability: float | None, word: str) -> None:
    assert likelihood_word(probability) == word


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100"),
        (0.99999, "above 99.9"),
        (0.9971, "99.7"),
        (0.97, "97"),
        (0.034, "3.4"),
        (0.0, "0"),
        (1e-5, "below 0.1"),
    ],
)
def test_a_share_is_never_a_false_hundred_or_nought(share: float, text: str) -> None:
    assert percent(share).replace("\u202f", "").removesuffix("%") == text


@pytest.mark.parametrize(
    ("bits", "text"), [(3.21, "+3.2"), (-0.8, "\u22120.8"), (0.01, "0.0"), (-0.01, "0.0")]
)
def test_bits_carry_their_sign(bits: float, text: str) -> None:
    assert signed_bits(bits) == text


def test_a_likelihood_reads_as_a_sentence() -> None:
    assert likelihood(0.5, "it rains") == "There is roughly an even chance (50\u202f%) that it rains."


def test_weights_are_told_in_bits_strongest_first(three: Findings) -> None:
    weights = family_weights(three.evidence.slice(0, 9), "UDC-2026-001")
    assert [w.family for w in coordination(weights)] == [
        "template",
        "pay",
        "client",
        "time",
        "net",
        "registration",
    ]
    assert weights[0].bits == pytest.approx(15.9 / math.log10(2))


def test_evidence_for_and_against_is_kept_apart(three: Findings) -> None:
    (purpose,) = extraction(family_weights(three.evidence.slice(0, 9), "UDC-2026-001"))
    assert (purpose.bits_for > 15, purpose.bits_against < -2) == (True, True)


def test_an_account_is_a_subject_too(three: Findings) -> None:
    (weight,) = family_weights(three.evidence.slice(0, 9), "acct_00001")
    assert weight.lines[0].signal == "shared_payment_instrument"


def test_families_of_one_cause_are_one_witness(three: Findings) -> None:
    weights = coordination(family_weights(three.evidence.slice(0, 9), "UDC-2026-001"))
    assert witnesses_for(weights) == ("content", "identity", "product", "behaviour", "network")


def test_leaving_a_family_out_takes_its_bits_and_its_witness(three: Findings) -> None:
    weights = coordination(family_weights(three.evidence.slice(0, 9), "UDC-2026-001"))
    without = {o.family: o for o in left_out(weights)}["template"]
    assert (without.witnesses_left, without.bits_left) == (4, pytest.approx(sum(w.bits for w in weights[1:])))


def test_likelihood_and_confidence_stand_in_separate_sentences(three: Findings) -> None:
    told = dossiers(three)[0]
    assert not [j for j in told.judgements if "onfidence" in j.likelihood or "likely" in j.confidence]


def test_a_scan_that_could_not_see_much_is_less_confident(
    make_findings: MakeFindings, make_campaign: MakeCampaign
) -> None:
    campaign = make_campaign(1, "distillation", 10)
    seeing = dossier(campaign, make_findings(campaign, signals_skipped=())).judgements[0].level
    blind = tuple(SkippedSignal(f"s{i}", "absent") for i in range(9))
    assert (
        seeing,
        dossier(campaign, make_findings(campaign, signals_skipped=blind)).judgements[0].level,
    ) == (
        "high",
        "moderate",
    )


def test_an_unknown_actor_is_told_as_unknown(three: Findings) -> None:
    judgement = dossiers(three)[1].judgements[2]
    assert (judgement.word, judgement.probability, judgement.level) == ("unknown", None, None)


@pytest.mark.parametrize(
    ("level", "part"),
    [("L3b", "operated by or for “Acme”"), ("L2", "a lead and no attribution"), ("L3a", "of the class")],
)
def test_an_actor_is_named_no_further_than_its_level(
    make_findings: MakeFindings, make_campaign: MakeCampaign, level: str, part: str
) -> None:
    campaign = replace(
        make_campaign(1, "distillation", 10), attribution=(Attribution("Acme", level, 0.6, "low"),)
    )
    assert part in dossier(campaign, make_findings(campaign)).judgements[2].likelihood


def test_every_claim_is_observed_inferred_or_reported(three: Findings) -> None:
    kinds = [claim.kind for claim in dossiers(three)[0].ledger]
    assert kinds == sorted(kinds, key=["observed", "inferred", "reported"].index)
    assert set(kinds) == {"observed", "inferred", "reported"}


def test_contrary_evidence_stands_in_the_ledger(three: Findings) -> None:
    assert [
        c.text
        for c in dossiers(three)[0].ledger
        if c.bits is not None and c.bits < 0 and c.kind == "observed"
    ]


def test_expected_innocents_among_the_members_are_told(three: Findings) -> None:
    told = dossiers(three)[0]
    assert round(told.membership.expected_innocent) == 12
    assert any("About 12 members of 120 are" in sentence for sentence in told.not_claimed)


def test_no_model_is_said_to_be_trained_on_the_answers(three: Findings) -> None:
    assert "any model was trained" in dossiers(three)[0].not_claimed[0]


def test_every_verdict_has_its_meaning() -> None:
    assert [v for v, text in VERDICT_MEANING.items() if "distill" in text] == []


def test_a_notebook_shows_a_short_and_escaped_summary(
    make_findings: MakeFindings, make_campaign: MakeCampaign
) -> None:
    campaign = replace(make_campaign(1, "relay", 10), campaign_id="<script>")
    text = findings_html(make_findings(campaign))
    assert ("<script>" in text, "Simulated traffic" in text, "1 relay" in text) == (False, True, True)


def test_a_notebook_says_when_nothing_was_found(make_findings: MakeFindings) -> None:
    assert "no clearance" in findings_html(make_findings())


def test_findings_of_a_scan_show_that_summary_themselves(make_findings: MakeFindings) -> None:
    findings = make_findings()
    shown = ShownFindings(**{field.name: getattr(findings, field.name) for field in fields(findings)})
    assert shown._repr_html_() == findings_html(findings)


def test_bits_on_the_purpose_begin_before_anything_is_seen_and_end_in_a_calibrated_likelihood(
    three: Findings,
) -> None:
    told = dossiers(three)[0]
    bits = told.extraction_bits
    assert bits is not None
    before = bits - sum(w.bits for w in extraction(told.weights))
    (claim,) = [c.text for c in told.ledger if c.basis == "judgement C2"]
    assert f"Before anything is seen it stands at {signed_bits(before)} bits" in claim
    assert (
        f"at {signed_bits(bits)}; calibrated on simulated worlds, and for how many groups might be called, this is {percent(0.97)}."
        in claim
    )
    picture = draw("c1", told)
    assert f"before anything is seen {signed_bits(before)}; " in picture.extraction
    assert f"Together: {signed_bits(bits)}." in picture.extraction
    assert picture.purpose_told is not None
    assert picture.purpose_told in claim


def test_the_bounded_likelihood_of_what_is_no_distillation_is_not_called_calibrated(three: Findings) -> None:
    others = [d for d in dossiers(three) if d.verdict != "distillation"]
    assert others
    assert not [c.text for d in others for c in d.ledger if "calibrated" in c.text]
