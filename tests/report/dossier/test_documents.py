"""What a dossier says, in each format: all fourteen parts, nothing live, nothing that reads as more than was found."""

from __future__ import annotations

import csv
import datetime as dt
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
from stillwatch.model.dossier import Membership
from stillwatch.model.finding import Campaign, Findings, Lookalike
from stillwatch.model.pack import FromLog, Pack, Record
from stillwatch.model.tables import ACTIVITY, EVIDENCE, TIE
from stillwatch.report.dossier.documents import documents
from stillwatch.report.dossier.masked import masked_prompt, whole_prompt
from stillwatch.report.dossier.packed import files_of, pack_of
from stillwatch.report.dossier.page import TITLES
from stillwatch.report.members import not_belonging

MakeFindings = Callable[..., Findings]
MakeCampaign = Callable[..., Campaign]
Take = Callable[..., Pack]
Tell = Callable[..., dict[str, bytes]]

HOSTILE = (
    "</title></style></script><script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:a) | `a` "
    "*b* ![i](http://203.0.113.7/p) \u202egro.live\u202c <svg onload=alert(3)> {{7*7}} {% raw %}"
)


def said(**changes: object) -> dict[str, object]:
    """What a scan says of one actor, as `findings.json` holds it."""
    compared = {
        "kind": "card_bin", "told": "424242", "source": "a report", "code": "B2", "holders": 3, "elsewhere": 0,
        "inside": 0.5, "outside": 0.0, "is_shown": True, "nats": 2.0,
    }  # fmt: skip
    family = {
        "family": "payment", "nats": 2.0, "nats_beside_rival": 2.0, "is_hard_to_fake": True, "counts": True,
        "why": "", "compared": [compared],
    }  # fmt: skip
    candidate = {
        "actor": "actor-a", "actor_class": "commercial lab", "probability": 0.6, "low": 0.2, "high": 0.8,
        "least": 0.4, "most": 0.7, "nats": 2.0, "families": [family], "expired": 0,
    }  # fmt: skip
    marks = ["consistent", "strongly inconsistent", *["neutral"] * 5]
    return {
        "campaign_id": "UDC-2026-001", "level": "L3a", "unknown": 0.3, "candidates": [candidate],
        "gates": [{"level": "L3b", "asks": "two reviewers", "is_met": False, "found": "none"}],
        "matrix": [{"evidence": "one card pays for it", "marks": marks}],
        "ranked": [
            {"code": "H1", "hypothesis": "it is actor-a", "inconsistencies": 0},
            {"code": "H2", "hypothesis": "it is another", "inconsistencies": 2},
        ],
        "missing": ["a payment"],
        "reviews": [{"campaign_id": "UDC-2026-001", "reviewer": "Reviewer One", "agrees": False, "actor": "actor-a"}],
        "calendar": [
            {"actor": "actor-a", "product": "A 2", "day": "2026-10-20", "source": "press", "code": "C3"},
            {"actor": "actor-b", "product": "B 7", "day": "2027-01-02", "source": "press", "code": "C3"},
        ],
        **changes,
    }  # fmt: skip


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
        prepared_by=HOSTILE, reviewers=(HOSTILE,), dissent=(HOSTILE,), contact=HOSTILE, permitted=HOSTILE,
        log=HOSTILE, custody=(HOSTILE,), legal_hold=HOSTILE,
    )  # fmt: skip
    examples = (whole_prompt(HOSTILE + "x" * 1_000_000), masked_prompt(HOSTILE * 30_000))
    log = FromLog(1, 1, (), (), (), (), examples, is_unmasked=True)
    actors = infected_text(said(), keep={"campaign_id", "level", "code", "kind", "day", "marks"})
    return replace(take(made, record=record), log=log, attributed=actors)


def infected_text(told: object, keep: frozenset[str] | set[str]) -> object:
    """The same with every text hostile, but for those that only certain words may stand in."""
    if isinstance(told, dict):
        return {name: value if name in keep else infected_text(value, keep) for name, value in told.items()}
    if isinstance(told, list):
        return [infected_text(item, keep) for item in told]
    return HOSTILE if isinstance(told, str) else told


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
    assert not re.findall(
        r"<(?!/?(?:h[12]|p|ul|li|strong|table|thead|tbody|tr|t[hd]|code|pre)\b)[^>]*>", made
    )
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
    assert told["attribution"]["level"] in {"L0", "L1"}
    assert any("No profiles of actors" in sentence for sentence in told["attribution"]["sentences"])
    assert {h["mark"] for h in told["attribution"]["hypotheses"]} == {"not tested"}


def test_what_a_scan_says_of_actors_is_told(three: Findings, take: Take, tell: Tell) -> None:
    text = tell(replace(take(three), attributed=said()), "html")["dossier.html"].decode()
    for told in ("actor-a", "L3a", "two reviewers", "not met", "a payment", "Reviewer One disagrees"):
        assert told in text


@pytest.mark.parametrize("name", ["dossier.html", "dossier.md"])
def test_likelihoods_of_actors_are_told_in_words_and_what_stands_against_a_hypothesis_beside_it(
    three: Findings, take: Take, tell: Tell, name: str
) -> None:
    text = tell(replace(take(three), attributed=said()))[name].decode()
    assert re.search(r"likely \(60.%\)", text)
    assert re.search(r"It is unlikely \(30.%\) that it is none of the actors", text)
    rows = [line for line in text.splitlines() if "it is another" in line]
    assert rows
    assert all("one card pays for it" in line for line in rows)
    (first,) = (line for line in text.splitlines() if "it is actor-a" in line)
    assert "nothing that was seen stands against it" in first


def test_markdown_holds_the_matrix_with_a_sign_for_each_hypothesis(
    three: Findings, take: Take, tell: Tell
) -> None:
    text = tell(replace(take(three), attributed=said()), "md")["dossier.md"].decode()
    (table,) = (
        t
        for t in MarkdownIt("commonmark").enable("table").render(text).split("<table>")
        if "one card pays" in t and "H7" in t
    )
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table)
    assert cells == ["one card pays for it", "+", "\N{MINUS SIGN}\N{MINUS SIGN}", *["\N{MIDDLE DOT}"] * 5]


def test_releases_of_the_actors_own_are_a_layer_of_the_timeline_and_prove_nothing(
    three: Findings, take: Take, tell: Tell
) -> None:
    pack = take(three)
    first = dt.date.fromisoformat(pack.campaign.first_seen[:10])
    near, far = first + dt.timedelta(days=3), first - dt.timedelta(days=30)
    calendar = [
        {"actor": "actor-a", "product": product, "day": day.isoformat(), "source": "press", "code": "C3"}
        for product, day in (("A 2", near), ("A 1", far))
    ]
    told = tell(replace(pack, attributed=said(calendar=calendar)))
    page, text = told["dossier.html"].decode(), told["dossier.md"].decode()
    assert f"actor-a: A 2 was released on {near}" in page
    assert f"actor-a: A 1 was released on {far}" not in page
    assert all(f"{day}, release of another's" in text for day in (near, far))
    assert all("by one band at most" in document for document in (page, text))


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


def test_a_release_on_no_day_is_refused(three: Findings, take: Take, tell: Tell) -> None:
    calendar = [{"actor": "a", "product": "b", "day": "<b>soon</b>", "source": "c", "code": "C3"}]
    with pytest.raises(InputError, match="attributed"):
        tell(replace(take(three), attributed=said(calendar=calendar)), "html")


def test_of_a_relay_actors_are_told_without_the_word(three: Findings, take: Take, tell: Tell) -> None:
    ranked = [{"code": "H6", "hypothesis": "Authorised distillation", "inconsistencies": 2}]
    attributed = said(level="L0", candidates=[], gates=[], matrix=[], missing=[], ranked=ranked)
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


def test_the_last_part_of_markdown_has_a_line_for_each_thing(three: Findings, take: Take, tell: Tell) -> None:
    record = Record(reviewers=("A B",), namers=("C D",), changes=("one", "two"), dissent=("no",))
    text = tell(replace(take(three, record=record), attributed=said()), "md")["dossier.md"].decode()
    last = [line for line in text[text.index("Review record") :].splitlines() if line.startswith("- **")]
    assert [line.split("**")[1] for line in last] == [
        "Version",
        "Prepared by",
        "Reviewed by",
        "Reviewed who is named",
        "Dissent",
        "Changes",
        "Attribution",
    ]
    assert not [line for line in last if line.count("- **") > 1]


def test_settings_in_markdown_are_json(three: Findings, take: Take, tell: Tell) -> None:
    text = tell(take(three), "md")["dossier.md"].decode()
    block = text.split("```json\n")[1].split("\n```")[0]
    assert json.loads(block)["judge"] == {"false_alarm_budget": 0.05}


def test_less_than_one_innocent_member_is_not_told_as_none(three: Findings, take: Take, tell: Tell) -> None:
    pack = take(three)
    few = replace(pack, members=pack.members.slice(0, 3))
    for text in tell(few, "html", "md").values():
        assert b"About 0 members" not in text
    assert tell(few, "md")["dossier.md"].count(b"Fewer than one member of 3 is expected not to belong.") == 2


@pytest.mark.parametrize(
    ("expected", "told"),
    [(1.2, "About 1 member of 117 is expected"), (2.0, "About 2 members of 117 are expected")],
)
def test_how_many_members_are_innocent_is_a_sentence_for_one_and_for_more(expected: float, told: str) -> None:
    membership = Membership(117, (), (), (), expected_innocent=expected)
    assert not_belonging(membership).startswith(told)
