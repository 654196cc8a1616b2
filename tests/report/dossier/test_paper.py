"""On paper: no figure is cut, the one page is one page, nothing is fetched, and drawings have their colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stillwatch.errors import UsageError
from stillwatch.model.finding import Findings
from stillwatch.model.pack import Pack
from stillwatch.report.dossier import paper
from stillwatch.report.dossier.page import Page
from stillwatch.report.dossier.paper import drawing_sheet
from stillwatch.report.dossier.telling import whole

pytest.importorskip("weasyprint", exc_type=(ImportError, OSError), reason="the extra [pdf] and pango")
pdfium = pytest.importorskip("pypdfium2")

Tell = Callable[..., dict[str, bytes]]


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    """The papers of the first test, for those after it: setting them takes a few seconds."""
    return {}


@pytest.fixture
def papers(
    three: Findings, take: Callable[..., Pack], tell: Tell, kept: dict[str, bytes]
) -> dict[str, bytes]:
    if not kept:
        kept.update(tell(take(three), "pdf"))
    return kept


def test_the_one_page_is_one_page(papers: dict[str, bytes]) -> None:
    assert len(pdfium.PdfDocument(papers["one-page.pdf"])) == 1


def test_every_part_and_page_number_is_on_paper(papers: dict[str, bytes]) -> None:
    document = pdfium.PdfDocument(papers["dossier.pdf"])
    pages = [document[i].get_textpage().get_text_range() for i in range(len(document))]
    assert all(f"{i} of {len(pages)}" in page for i, page in enumerate(pages, start=1))
    assert any("Review record" in page for page in pages)
    assert "Simulated traffic" in pages[0]


def test_how_far_it_may_go_and_what_it_is_stands_on_every_page(papers: dict[str, bytes]) -> None:
    document = pdfium.PdfDocument(papers["dossier.pdf"])
    pages = [document[i].get_textpage().get_text_range() for i in range(len(document))]
    head = "TLP:AMBER+STRICT · SIMULATED TRAFFIC · DRAFT, NOT REVIEWED"
    assert [i for i, page in enumerate(pages, start=1) if head not in page] == []


def test_no_drawing_and_no_text_reaches_beyond_the_page(papers: dict[str, bytes]) -> None:
    document = pdfium.PdfDocument(papers["dossier.pdf"])
    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        for drawn in page.get_objects(max_depth=1):
            left, bottom, right, top = drawn.get_bounds()
            assert left >= -1, number
            assert right <= width + 1, number
            assert bottom >= -1, number
            assert top <= height + 1, number


def test_the_same_dossier_is_the_same_paper(three: Findings, take: Callable[..., Pack]) -> None:
    page = Page(whole(take(three)), "0" * 64).one_page()
    assert paper.paper(page, "x") == paper.paper(page, "x")


def test_drawings_on_paper_have_plain_colours() -> None:
    sheet = drawing_sheet()
    assert "var(" not in sheet
    assert ".fill.f-pay { fill: #b8651b" in sheet


@pytest.mark.parametrize(
    "place", ["https://192.0.2.1/x.png", "file:///etc/hostname", "data:image/png;base64,AA=="]
)
def test_nothing_is_fetched(place: str, caplog: pytest.LogCaptureFixture) -> None:
    made = paper.paper(f'<html><head></head><img src="{place}"><p>text</p></html>', "x")
    assert made.startswith(b"%PDF")
    assert "disallowed protocol" in caplog.text


def test_a_missing_extra_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"stillwatch\[pdf\]"):
        paper.is_there()
