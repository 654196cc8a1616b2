"""What the log adds: counted from the campaign's own exchanges, and nothing of anybody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from stillwatch.errors import InputError
from stillwatch.model.dossier import Release
from stillwatch.model.finding import Campaign, Findings
from stillwatch.model.pack import AGREEMENT, ORGANISATION, UNDECLARED, Block, Pack, Record, SweepDay
from stillwatch.report.dossier import sweep
from tests.report.dossier.logged import NOON, small_log


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return small_log(tmp_path / "log")


@pytest.fixture
def pack(
    make_findings: Callable[..., Findings],
    make_campaign: Callable[..., Campaign],
    take: Callable[..., Pack],
    log: Path,
) -> Pack:
    return take(make_findings(make_campaign(1, "distillation", 4)), log=log)


def test_only_the_campaigns_exchanges_are_counted(pack: Pack) -> None:
    assert pack.log is not None
    assert (pack.log.found, pack.log.wanted) == (4, 4)
    assert [(d.day, d.capability, d.exchanges) for d in pack.log.sweep] == [
        (NOON.date(), "coding", pytest.approx(3.72))
    ]


def test_what_is_on_file_of_each_member_is_told(pack: Pack) -> None:
    standing = dict(zip(*(pack.members[n].to_pylist() for n in ("account_id", "standing")), strict=True))
    assert list(standing.values()) == [AGREEMENT, ORGANISATION, UNDECLARED, UNDECLARED]


def test_releases_and_blocks_of_members_are_dated(pack: Pack) -> None:
    assert pack.log is not None
    assert pack.log.releases == (Release("opus-5", NOON.date()),)
    assert pack.log.blocks == (Block(NOON.date(), 2),)


def test_examples_are_masked_and_what_is_somebody_elses_is_only_counted(pack: Pack) -> None:
    assert pack.log is not None
    assert sorted(pack.log.examples) == ["Grade the answer", "Mail [mail] at once", "Solve task #"]
    assert [(s.kind, s.times) for s in pack.log.sensitive] == [("prompts that hold a mail address", 1)]


@pytest.mark.parametrize("verdict", ["relay", "coordinated"])
def test_prompts_of_customers_are_no_examples(
    make_findings: Callable[..., Findings],
    make_campaign: Callable[..., Campaign],
    take: Callable[..., Pack],
    log: Path,
    verdict: str,
) -> None:
    found = take(make_findings(make_campaign(1, verdict, 4)), log=log)
    assert found.log is not None
    assert found.log.examples == ()


def test_the_sweep_is_drawn_and_the_exclusion_check_knows_agreements(
    pack: Pack, tell: Callable[..., dict[str, bytes]]
) -> None:
    asked = replace(pack, record=Record(has_hr8283=True))
    page = tell(asked, "html")["dossier.html"].decode()
    assert "Capabilities by day" in page
    assert "1 of 4 members hold some agreement" in page
    assert "opus-5 was released" in page


def test_a_long_sweep_has_as_many_columns_as_a_page_holds(pack: Pack) -> None:
    assert pack.log is not None
    days = tuple(SweepDay(NOON.date() + dt.timedelta(days=i), "coding", float(i % 7)) for i in range(400))
    drawn = sweep.draw(replace(pack.log, sweep=days), "k")
    assert drawn.count("<rect") <= sweep.MOST_COLUMNS
    assert 'class="shade-5"' in drawn
    assert sweep.draw(None, "k") == ""


def test_a_sweep_is_shaded_on_one_scale_and_nearly_nothing_is_not_drawn(pack: Pack) -> None:
    assert pack.log is not None
    days = (SweepDay(NOON.date(), "coding", 90.0), SweepDay(NOON.date(), "reasoning", 10.0))
    drawn = sweep.draw(replace(pack.log, sweep=(*days, SweepDay(NOON.date(), "grading", 0.4))), "k")
    assert (drawn.count("shade-5"), drawn.count("shade-1"), "grading" in drawn) == (1, 1, False)
    assert sweep.draw(replace(pack.log, sweep=(SweepDay(NOON.date(), "grading", 0.4),)), "k") == ""


def test_another_log_is_refused(
    make_findings: Callable[..., Findings],
    make_campaign: Callable[..., Campaign],
    take: Callable[..., Pack],
    log: Path,
) -> None:
    made = make_findings(make_campaign(1, "distillation", 4))
    ids = pa.array([f"z_{i}" for i in range(4)])
    other = replace(made, exchanges=made.exchanges.set_column(0, "exchange_id", ids))
    with pytest.raises(InputError, match="Give the log that was scanned"):
        take(other, log=log)
