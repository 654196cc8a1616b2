"""The page: self-contained, escaped, small, and careful with words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from stillwatch.model.finding import Attribution, Campaign, Findings, Lookalike, SkippedSignal
from stillwatch.model.tables import ACTIVITY, EVIDENCE, TIE
from stillwatch.report.html import headline, render

MakeFindings = Callable[..., Findings]
MakeCampaign = Callable[..., Campaign]

HOSTILE = "</title></style></script><script>alert(1)</script><img src=x onerror=alert(2)>\"' \u202e 203.0.113.7 {{7*7}}"
VOID = {"meta", "br", "rect", "line", "circle", "path"}


class Page(HTMLParser):
    """Collects the tags and attributes of a page, and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def ids(self) -> list[str | None]:
        return [value for name, value in self.attributes if name == "id"]


def hostile(make_findings: MakeFindings, make_campaign: MakeCampaign) -> Findings:
    campaign = replace(
        make_campaign(1, "distillation", 30),
        examples=(HOSTILE, "x" * 3_000_000),
        models=(HOSTILE,) * 40,
        channels=(HOSTILE,),
        techniques=(HOSTILE,),
        attribution=(Attribution(HOSTILE, "L3b", 0.7, "low"),),
        lookalikes=(Lookalike(HOSTILE, consistent=True, reason=HOSTILE * 1000),),
    )
    findings = make_findings(
        campaign,
        unknown_columns={HOSTILE: 3},
        inputs={HOSTILE: HOSTILE},
        signals_computed=(HOSTILE,),
        signals_skipped=(SkippedSignal(HOSTILE, HOSTILE),),
        settings={HOSTILE: HOSTILE * 1000},
        notes=(HOSTILE,),
    )

    def infected(table: pa.Table, schema: pa.Schema, *columns: str) -> pa.Table:
        rows = [row | dict.fromkeys(columns, HOSTILE) for row in table.to_pylist()]
        return pa.Table.from_pylist(rows, schema)

    return replace(
        findings,
        evidence=infected(findings.evidence, EVIDENCE, "text", "signal", "family"),
        ties=infected(findings.ties, TIE, "trait", "signal", "family", "account_id"),
        activity=infected(findings.activity, ACTIVITY, "model"),
    )


def test_hostile_text_makes_no_markup(make_findings: MakeFindings, make_campaign: MakeCampaign) -> None:
    page = Page(render(hostile(make_findings, make_campaign)))
    assert not {"script", "img", "iframe", "object", "link", "form"} & set(page.tags)


def test_hostile_text_makes_no_handlers(make_findings: MakeFindings, make_campaign: MakeCampaign) -> None:
    page = Page(render(hostile(make_findings, make_campaign)))
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]


def test_hostile_text_is_bounded_and_defanged(
    make_findings: MakeFindings, make_campaign: MakeCampaign
) -> None:
    text = render(hostile(make_findings, make_campaign))
    assert ("\u202e" in text, "203.0.113.7" in text, "x" * 700 in text, len(text) < 1_000_000) == (
        False,
        False,
        False,
        True,
    )


def test_every_tag_is_closed_and_nothing_is_fetched(three: Findings) -> None:
    page = Page(render(three))
    outside = [
        v for n, v in page.attributes if n in {"src", "href", "action"} and not (v or "").startswith("#")
    ]
    assert (page.open, outside) == ([], [])


def test_the_page_forbids_what_it_does_not_need(three: Findings) -> None:
    text = render(three)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]


def test_ids_are_unique_and_every_anchor_leads_somewhere(three: Findings) -> None:
    page = Page(render(three))
    ids = page.ids()
    anchors = {(value or "")[1:] for name, value in page.attributes if name == "href"}
    labels = {
        i for name, value in page.attributes if name == "aria-labelledby" for i in (value or "").split()
    }
    assert (len(ids), anchors | labels <= set(ids)) == (len(set(ids)), True)


@pytest.mark.parametrize("verdict", ["relay", "coordinated"])
def test_a_finding_of_another_kind_is_never_called_distillation(
    make_findings: MakeFindings, make_campaign: MakeCampaign, verdict: str
) -> None:
    text = render(make_findings(make_campaign(2, verdict, 40)))
    body = text[text.index('<main id="findings">') :]
    told = re.sub(r"distillation_campaigns|false_alarm_budget|SWT|--distillation", "", body)
    assert "distillation" not in told.lower()


def test_findings_are_listed_by_kind(make_findings: MakeFindings, make_campaign: MakeCampaign) -> None:
    findings = make_findings(
        make_campaign(1, "coordinated", 12),
        make_campaign(2, "relay", 12),
        make_campaign(3, "distillation", 12),
    )
    text = render(findings)
    assert text.index("UDC-2026-003") < text.index("UDC-2026-002") < text.index("UDC-2026-001")


def test_simulated_traffic_says_so(make_findings: MakeFindings) -> None:
    assert "Simulated traffic" in render(make_findings(simulated=True))
    assert "Simulated traffic" not in render(make_findings(simulated=False))


def test_finding_nothing_is_no_clearance(make_findings: MakeFindings) -> None:
    text = render(make_findings())
    assert "Absence of a finding is no clearance" in text
    assert "reasoning_token_replay" in text


def test_a_scan_of_an_empty_log_has_a_page_too(make_findings: MakeFindings) -> None:
    text = render(
        make_findings(
            window_start=None,
            window_end=None,
            rows_read=0,
            rows_scanned=0,
            rows_rejected=0,
            accounts=0,
            signals_computed=(),
            signals_skipped=(),
            inputs={},
            unknown_columns={},
        )
    )
    assert "Every signal could be computed" in text


def test_a_campaign_of_twenty_thousand_accounts_stays_small_and_quick(
    make_findings: MakeFindings, make_campaign: MakeCampaign
) -> None:
    findings = make_findings(make_campaign(1, "distillation", 20_000))
    start = time.process_time()
    size = len(render(findings).encode())
    assert (size < 500_000, time.process_time() - start < 8) == (True, True)


def test_a_hundred_findings_stay_below_five_megabytes(
    make_findings: MakeFindings, make_campaign: MakeCampaign
) -> None:
    verdicts = ("distillation", "relay", "coordinated")
    text = render(make_findings(*[make_campaign(i, verdicts[i % 3], 40) for i in range(1, 101)]))
    assert (len(text.encode()) < 5_000_000, text.count("<article "), text.count('scope="row"')) == (
        True,
        25,
        100,
    )
    assert "stillwatch explain DIR FINDING" in text


def test_a_campaign_without_evidence_ties_or_days_is_still_told(three: Findings) -> None:
    bare = replace(
        three, **{n: getattr(three, n).slice(0, 0) for n in ("evidence", "ties", "activity", "births")}
    )
    text = render(bare)
    assert "No single trait ties these accounts" in text
    assert "No activity by day is recorded" in text


def test_numbers_that_are_none_do_not_break_the_page(three: Findings) -> None:
    nan = float("nan")
    first = three.campaigns[0]
    odd = replace(
        first,
        coordination=replace(first.coordination, probability=nan, q_value=nan, log10_bayes_factor=nan),
        distillation=replace(first.distillation, probability=nan, log10_bayes_factor=float("inf")),
        capabilities=(),
        lookalikes=(),
        examples=(),
        techniques=(),
    )
    assert "could not be computed" in render(replace(three, campaigns=(odd,)))


def test_the_headline_counts_each_kind(make_campaign: MakeCampaign) -> None:
    campaigns = [
        make_campaign(1, "distillation", 3),
        make_campaign(2, "relay", 3),
        make_campaign(3, "relay", 3),
    ]
    assert headline(campaigns) == "1 distillation campaign and 2 relays"
