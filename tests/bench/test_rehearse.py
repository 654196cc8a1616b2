"""A rehearsal from end to end: what it finds, says, writes and leaves behind."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import stillwatch
from stillwatch.bench.rehearsal import SIMULATED
from stillwatch.bench.rehearse import rehearse
from stillwatch.errors import InputError, PartialInputError, UsageError
from tests.bench.conftest import Rehearsed
from tests.scan.conftest import Scanned, easy, worlds
from tests.scan.logs import as_json_lines, copied, in_parts

__all__ = ["easy", "worlds"]

QUICK = {"archetype": ("pathways",), "accounts": (60,), "rates": (6.0,), "repeats": 1}


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def beside(out: Path) -> list[str]:
    return sorted(entry.name for entry in out.parent.iterdir())


def test_a_large_campaign_is_found_and_one_too_small_to_be_reported_is_not(rehearsed: Rehearsed) -> None:
    assert [point.found for point in rehearsed.value.points] == [0, 2]


def test_the_accounts_of_a_campaign_that_is_found_are_named(rehearsed: Rehearsed) -> None:
    assert rehearsed.value.points[1].named > 0.9


def test_the_folder_holds_the_document_and_the_page(rehearsed: Rehearsed) -> None:
    assert sorted(digests(rehearsed.out)) == ["rehearsal.html", "rehearsal.json"]
    assert beside(rehearsed.out) == ["out"]


def test_both_files_say_that_the_campaigns_are_simulated(rehearsed: Rehearsed) -> None:
    page = (rehearsed.out / "rehearsal.html").read_text("utf-8")
    document = json.loads((rehearsed.out / "rehearsal.json").read_text("ascii"))
    assert SIMULATED in page
    assert document["what"] == SIMULATED


def test_the_document_holds_settings_seeds_and_every_trial(rehearsed: Rehearsed) -> None:
    document = json.loads((rehearsed.out / "rehearsal.json").read_text("ascii"))
    assert document["design"]["accounts"] == [9, 60]
    assert document["run"]["settings"]["judge"]["false_alarm_budget"] == 0.05
    assert len({trial["seed"] for trial in document["trials"]}) == 4


def test_no_text_of_the_log_is_in_what_is_written(rehearsed: Rehearsed, exchanges: pa.Table) -> None:
    written = "".join(file.read_text("utf-8") for file in rehearsed.out.iterdir())
    texts = {text for text in exchanges["prompt"].drop_null().to_pylist() if len(text) > 25}
    assert texts
    assert not [text for text in texts if text in written]


def test_the_page_fetches_nothing(rehearsed: Rehearsed) -> None:
    page = (rehearsed.out / "rehearsal.html").read_text("utf-8")
    assert not [word for word in ("http://", "https://", "<script", "url(", "@import") if word in page]


@pytest.mark.slow
def test_the_same_log_gives_the_same_bytes_in_another_order_and_form(
    log: Path, exchanges: pa.Table, tmp_path: Path
) -> None:
    order = np.random.default_rng(8).permutation(exchanges.num_rows)
    shuffled = copied(log, tmp_path / "shuffled", lambda table: table.take(order))
    for place in (log, as_json_lines(shuffled, tmp_path / "lines")):
        rehearse(place, out=tmp_path / "out" / place.name, **QUICK)
    assert digests(tmp_path / "out" / log.name) == digests(tmp_path / "out" / "lines")


def test_a_trial_is_the_same_whatever_else_is_tried(log: Path, rehearsed: Rehearsed) -> None:
    alone = rehearse(log, archetype="pathways", accounts=(60,), rates=(6,), repeats=1)
    assert alone.trials[0] == rehearsed.value.trials[2]


def test_the_log_is_only_read(log: Path, tmp_path: Path) -> None:
    before = digests(log)
    rehearse(log, out=tmp_path / "out", **QUICK)
    assert digests(log) == before


def test_planted_copies_are_removed(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    rehearse(log, **QUICK)
    assert not list((tmp_path / "temporary").iterdir())


def test_an_interrupted_rehearsal_leaves_the_earlier_one(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "place" / "out"
    rehearse(log, out=out, **QUICK)
    before = digests(out)

    def interrupt(stage: str, done: int, _total: int | None) -> None:
        if stage.startswith("planting") and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rehearse(log, out=out, **QUICK | {"seed": 3}, progress=interrupt)
    assert (digests(out), beside(out)) == (before, ["out"])


def test_what_is_found_without_planting_is_not_counted(easy: Scanned) -> None:
    on = rehearse(easy.log, archetype="pathways", accounts=(9,), rates=(5,), repeats=1)
    assert on.baseline.distillation == len(easy.findings.of_verdict("distillation")) > 0
    assert not on.trials[0].is_found
    assert not on.trials[0].newly_named


def test_a_stricter_budget_is_the_one_that_is_rehearsed(log: Path) -> None:
    strict = stillwatch.load(overrides={"judge.false_alarm_budget": 1e-9})
    found = [stillwatch.rehearse(log, settings=s, **QUICK).trials[0].is_found for s in (None, strict)]
    assert found == [True, False]


def test_findings_of_a_scan_are_not_overwritten(log: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "findings.json").write_text("{}", "utf-8")
    with pytest.raises(UsageError, match=r"rehearsal\.json"):
        rehearse(log, out=tmp_path / "out", **QUICK)


def test_a_log_without_an_exchange_is_refused(log: Path, tmp_path: Path) -> None:
    copied(log, tmp_path / "log", lambda table: table.slice(0, 0))
    with pytest.raises(InputError, match="no exchange that could be scanned"):
        rehearse(tmp_path / "log", **QUICK)


def test_a_log_of_one_moment_is_refused(log: Path, tmp_path: Path) -> None:
    def at_once(table: pa.Table) -> pa.Table:
        at = pa.repeat(table["ts"][0], table.num_rows)
        return table.set_column(table.schema.get_field_index("ts"), "ts", at)

    copied(log, tmp_path / "log", at_once)
    with pytest.raises(InputError, match="about the same time"):
        rehearse(tmp_path / "log", **QUICK)


def test_a_log_of_one_account_is_rehearsed_and_the_limit_is_told(log: Path, tmp_path: Path) -> None:
    def of_one(table: pa.Table) -> pa.Table:
        who = pa.repeat(pa.scalar("only"), table.num_rows)
        return table.set_column(table.schema.get_field_index("account_id"), "account_id", who).slice(0, 300)

    copied(log, tmp_path / "log", of_one)
    (tmp_path / "log" / "accounts.parquet").unlink()
    done = rehearse(tmp_path / "log", **QUICK)
    assert not done.trials[0].is_found
    assert any("half of the log or more (1 account of its own)" in note for note in done.notes)


def test_a_log_of_which_a_part_cannot_be_read_is_rehearsed_and_told(log: Path, tmp_path: Path) -> None:
    in_parts(log, tmp_path / "log")
    (tmp_path / "log" / "exchanges" / "part-9.parquet").write_bytes(b"PAR1 no more than this PAR1")
    with pytest.raises(PartialInputError, match=r"part-9\.parquet"):
        rehearse(tmp_path / "log", out=tmp_path / "out", **QUICK)
    assert (tmp_path / "out" / "rehearsal.json").exists()
