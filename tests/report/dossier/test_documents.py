"""What a dossier says, in each format: all fourteen parts, nothing live, nothing that reads as more than was found."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pytest
from markdown_it import MarkdownIt

from stillwatch.errors import InputError, UsageError
from stillwatch.model.finding import Campaign, Findings, Lookalike
from stillwatch.model.pack import FromLog, Pack, Record
from stillwatch.model.tables import ACTIVITY, EVIDENCE, TIE
from stillwatch.report.dossier.documents import documents
from stillwatch.report.dossier.masked import masked_prompt, whole_prompt
from stillwatch.report.dossier.packed import files_of, pack_of
from stillwatch.report.dossier.page import TITLES

MakeFindings = Callable[..., Findings]
MakeCampaign = Callable[..., Campaign]
Take = Callable[..., Pack]
Tell = Callable[..., dict[str, bytes]]

HOSTILE = (
    "</title></style></script><script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:a) | `a` "
    "*b* ![i](http://203.0.113.7/p) \u202egro.live\u202c <svg onload=alert(3)> {{7*7}} {% raw %}"
)


@pytest.fixture
def hostile(make_findings: MakeFindings, make_campaign: MakeCampaign, take: Take) -> Pack:
    """A pack in which every text that comes from a log or a person is hostile."""
    campaign = replace(
        make_campaign(1, "distillation", 30),
        models=(HOSTILE,) * 9,
        channels=(HOSTILE,),
        techniques=(HOSTILE,),
        lookalikes=(Lookalike(HOSTILE, consistent=True, reason=HOSTILE * 1000),),
    )
    made = make_findings(campaign, settings={HOSTILE: HOSTILE}, inputs={HOSTILE: HOSTILE})

    def infected(table: pa.Table, schema: pa.Schema, *columns: str) -> pa.Table:
        rows = [row | dict.fromkeys(columns, HOSTILE) for row in table.to_pylist()]
        return pa.Table.from_pylist(rows, schema)

    made = replace(
        made,
        evidence=infected(made.evidence, EVIDENCE, "text", "signal", "family"),
        ties=infected(made.ties, TIE, "trait", "signal", "family", "account_id"),
        activity=infected(made.activity, ACTIVITY, "model"),
    )
    record = Record(
        prepared_by=HOSTILE, reviewers=(HOSTILE,), dissent=(HOSTILE,), contact=HOSTILE, permitted=HOSTILE
    )
    examples = (whole_prompt(HOSTILE + "x" * 1_000_000), masked_prompt(HOSTILE * 30_000))
    log = FromLog(1, 1, (), (), (), (), examples, is_unmasked=True)
    return replace(take(made, record=record), log=log)


def test_all_fourteen_parts_stand_in_page_and_markdown(three: Findings, take: Take, tell: Tell) -> None:
    told = tell(take(three))
    for number, title in enumerate(TITLES, start=1):
        assert f'id="p{number}"><span>{number}</span> {title}' in told["dossier.html"].decode()
        assert f"## {number}. {title}" in told["dossier.md"].decode().replace("\\", "")


def test_the_same_pack_gives_the_same_bytes_after_a_round_trip(three: Findings, take: Take) -> None:
    files = files_of(take(three))
    assert files_of(pack_of(files)) == files


def test_hostile_text_is_no_markup_in_a_page(hostile: Pack, tell: Tell) -> None:
    for name in ("dossier.html", "one-page.html"):
        page = tell(hostile)[name].decode()
        assert not re.search(
            r"<(script|img|iframe|object|link|form)\b|<svg onload|\son\w+=\S*alert\(\d\)>", page
        )
        assert not re.search(r"<[a-z]+ [^>]*(href|src)=\"(?!#)", page)


def test_hostile_text_is_no_markup_in_markdown(hostile: Pack, tell: Tell) -> None:
    text = tell(hostile, "md")["dossier.md"].decode()
    made = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert not re.findall(r"<(?!/?(?:h[12]|p|ul|li|strong|table|thead|tbody|tr|t[hd]|code)\b)[^>]*>", made)
    tables = [line for line in text.splitlines() if line.startswith("| K")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {7}


def test_hidden_characters_and_long_texts_reach_no_document(hostile: Pack, tell: Tell) -> None:
    for name, content in tell(hostile).items():
        text = content.decode()
        assert "\u202e" not in text, name
        assert "203.0.113.7" not in text, name
        assert "x" * 3_000 not in text, name
        assert len(text) < 2_000_000, name


def test_a_cell_of_the_table_is_no_formula(three: Findings, take: Take, tell: Tell) -> None:
    pack = take(three)
    ids = ["=cmd()", "+1", "-1", "@x", *pack.members["account_id"].to_pylist()[4:]]
    pack = replace(pack, members=pack.members.set_column(0, "account_id", pa.array(ids)))
    rows = list(csv.reader(StringIO(tell(pack, "zip")["proposals.csv"].decode())))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_prompts_are_masked_and_shortened() -> None:
    prompt = (
        "Send 4111 1111 to jo@corp.com via https://corp.com/?k=1 with AKIAABCDEFGHIJKLMNOP " + "word " * 90
    )
    shown = masked_prompt(prompt)
    assert not re.search(r"\d{3}|corp|AKIA", shown)
    assert "words …]" in shown


@pytest.mark.parametrize("number", [1, 2])
def test_a_finding_of_another_kind_never_reads_as_distillation(
    three: Findings, take: Take, tell: Tell, number: int
) -> None:
    told = tell(take(three, number, record=Record(has_hr8283=True)))
    body = told["dossier.html"].decode().partition("<body")[2]
    for text in (body, told["dossier.md"].decode(), told["one-page.html"].decode().partition("<body")[2]):
        assert "distil" not in re.sub(r"judge\.false_alarm_budget", "", text).lower()


def test_without_profiles_the_actor_is_unknown(
    make_findings: MakeFindings, make_campaign: MakeCampaign, take: Take, tell: Tell
) -> None:
    told = json.loads(tell(take(make_findings(make_campaign(2, "relay", 40))), "json")["dossier.json"])
    assert told["attribution"]["level"] == "unknown"
    assert {h["mark"] for h in told["attribution"]["hypotheses"]} == {"not tested"}


def test_what_a_scan_says_of_actors_is_told(three: Findings, take: Take, tell: Tell) -> None:
    family = {"family": "pay", "nats": 2.0, "counts": True, "compared": [{"is_shown": True}]}
    candidate = {
        "actor": "actor-a", "actor_class": "commercial lab", "probability": 0.6, "low": 0.4, "high": 0.7,
        "families": [family],
    }  # fmt: skip
    attributed = {
        "campaign_id": "UDC-2026-001", "level": "L3a", "unknown": 0.3, "candidates": [candidate],
        "gates": [{"level": "L3b", "asks": "two reviewers", "is_met": False, "found": "none"}],
        "matrix": [{"evidence": "one card", "marks": ["consistent", "neutral"]}],
        "ranked": [{"code": "H1", "hypothesis": "it is actor-a", "inconsistencies": 1}],
        "missing": ["a payment"],
        "reviews": [{"reviewer": "Reviewer One", "agrees": False, "actor": "actor-a"}],
    }  # fmt: skip
    text = tell(replace(take(three), attributed=attributed), "html")["dossier.html"].decode()
    for told in ("actor-a", "L3a", "two reviewers", "not met", "a payment", "Reviewer One disagrees"):
        assert told in text


def test_a_dossier_without_reviewers_says_that_it_is_a_draft(three: Findings, take: Take, tell: Tell) -> None:
    told = [
        tell(take(three, record=Record(reviewers=names)), "html")["dossier.html"] for names in ((), ("A B",))
    ]
    assert [b"<b>Draft.</b>" in page for page in told] == [True, False]


def test_the_annex_stands_only_where_it_was_asked_for(three: Findings, take: Take, tell: Tell) -> None:
    asked = tell(take(three, record=Record(has_hr8283=True)), "html")["dossier.html"].decode()
    assert "Coordinated multiple accounts" in asked
    assert "Exclusion check" in asked


def test_an_operators_template_takes_the_place_of_ours(three: Findings, take: Take, tmp_path: Path) -> None:
    mine = tmp_path / "templates"
    mine.mkdir()
    (mine / "onepage.html.jinja").write_text("<p>{{ x.campaign_id }}: {{ run.notes }} {{ '<b>' }}</p>")
    told = documents(files_of(take(three)), frozenset({"html"}), mine)
    assert told["one-page.html"] == b"<p>UDC-2026-001: () &lt;b&gt;</p>"
    assert b"Key judgements" in told["dossier.html"]


def test_what_an_operators_template_does_wrong_is_said(three: Findings, take: Take, tmp_path: Path) -> None:
    (tmp_path / "onepage.html.jinja").write_text("{{ 1 / 0 }}")
    with pytest.raises(UsageError, match="division by zero"):
        documents(files_of(take(three)), frozenset({"html"}), tmp_path)


def test_a_broken_template_is_named_with_its_line(three: Findings, take: Take, tmp_path: Path) -> None:
    (tmp_path / "onepage.html.jinja").write_text("\n{% if %}")
    with pytest.raises(UsageError, match=r"onepage\.html\.jinja cannot be used, line 2"):
        documents(files_of(take(three)), frozenset({"html"}), tmp_path)


def test_what_is_said_of_actors_in_another_way_is_refused(three: Findings, take: Take, tell: Tell) -> None:
    with pytest.raises(InputError, match="attributed"):
        tell(replace(take(three), attributed={"level": "L1"}), "html")


def test_of_a_relay_actors_are_told_without_the_word(three: Findings, take: Take, tell: Tell) -> None:
    attributed = {
        "level": "L0", "unknown": 1.0, "candidates": [], "gates": [], "matrix": [], "missing": [],
        "ranked": [{"code": "H6", "hypothesis": "Authorised distillation", "inconsistencies": 2}],
    }  # fmt: skip
    text = tell(replace(take(three, 1), attributed=attributed), "md")["dossier.md"].decode()
    assert "distil" not in text.lower()
    assert "harvest" in text


def test_hostile_text_stays_on_the_page(hostile: Pack, tell: Tell) -> None:
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError), reason="the extra [pdf] and pango")
    document = pytest.importorskip("pypdfium2").PdfDocument(tell(hostile, "pdf")["dossier.pdf"])
    assert len(document) < 60
    for page in document:
        width, _ = page.get_size()
        bounds = [drawn.get_bounds() for drawn in page.get_objects(max_depth=1)]
        assert not [b for b in bounds if b[0] < -1 or b[2] > width + 1]
