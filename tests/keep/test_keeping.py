"""A scan that takes what earlier ones kept writes the same bytes as one that reads everything."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from pathlib import Path

import pytest

from stillwatch.errors import PartialInputError, UsageError
from stillwatch.fingerprint import assemble
from stillwatch.scan import scan
from stillwatch.settings import load
from stillwatch.testing.written import write_model
from tests.keep.conftest import DAYS, Log, both, files, rows_of


def test_a_new_day_is_the_only_one_that_is_read(world: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    shutil.copytree(world, log)
    (last, *_) = sorted((log / "exchanges").iterdir(), reverse=True)
    last.rename(tmp_path / last.name)
    days = len(list((log / "exchanges").iterdir()))
    assert both(log, tmp_path, tmp_path / "keep").counts == (0, days)
    (tmp_path / last.name).rename(last)
    grown = both(log, tmp_path, tmp_path / "keep")
    assert grown.counts == (days, 1)
    assert json.loads(grown.kept["findings.json"])["campaigns"]
    first, *_ = sorted((log / "exchanges").iterdir())
    first.unlink()
    assert both(log, tmp_path, tmp_path / "keep").counts == (days, 0)


@pytest.mark.parametrize("memory", [None, "500MB"])
def test_a_bound_of_memory_and_earlier_findings_go_with_it(
    world: Path, tmp_path: Path, memory: str | None
) -> None:
    settings = load(overrides={"engine.memory": memory} if memory else {})
    scan(world, out=tmp_path / "earlier", keep=tmp_path / "keep")
    again = both(world, tmp_path, tmp_path / "keep", settings=settings, since=tmp_path / "earlier")
    assert again.counts[1] == 0
    assert json.loads(again.kept["findings.json"])["false_alarms"]["sequence"]["number"] == 2


def test_nothing_is_read_if_nothing_changed(log: Log) -> None:
    assert log.scanned().counts == (0, 3)
    assert log.scanned().counts == (3, 0)


def test_a_late_file_takes_its_place_among_the_others(log: Log) -> None:
    log.scanned()
    log.write("2026-03-02-late", rows_of("2026-03-01"))
    assert log.scanned().counts == (3, 1)


def test_a_file_that_changed_is_read_again(log: Log) -> None:
    log.scanned()
    log.write(DAYS[1], rows_of(DAYS[1], 13))
    assert log.scanned().counts == (2, 1)


def test_a_file_that_went_back_to_what_it_was_is_known(log: Log) -> None:
    log.scanned()
    log.write(DAYS[1], rows_of(DAYS[1], 13))
    log.scanned()
    log.write(DAYS[1], rows_of(DAYS[1]))
    assert log.scanned().counts == (3, 0)


def test_a_removed_file_is_out_of_the_result(log: Log) -> None:
    log.scanned()
    log.path(DAYS[0]).unlink()
    assert log.scanned().counts == (2, 0)


def test_a_renamed_file_is_known_by_its_bytes(log: Log) -> None:
    log.scanned()
    log.path(DAYS[0]).rename(log.path("archived"))
    assert log.scanned().counts == (3, 0)


def test_rows_of_a_repeated_file_are_duplicates_as_long_as_both_lie_there(log: Log) -> None:
    log.write("again", rows_of(DAYS[0]) + rows_of("2026-03-05"))
    log.scanned()
    repeated = log.scanned()
    assert len(repeated.rejected) == 12
    assert {file for file, _, _ in repeated.rejected} == {"exchanges/again.jsonl"}
    assert repeated.told.remarks == ("exchanges/again.jsonl: read again, it repeats ids of a file before it",)
    log.path(DAYS[0]).unlink()
    alone = log.scanned()
    assert (alone.rejected, alone.counts) == ([], (3, 0))


def test_what_was_rejected_is_rejected_again(log: Log) -> None:
    broken = ["no JSON", {"exchange_id": "x"}, {**rows_of(DAYS[0])[0], "turns": -1}, '{"truncated": ']
    log.write(
        DAYS[1],
        [
            *broken,
            *rows_of(DAYS[1]),
            *rows_of(DAYS[1])[:3],
            {**rows_of("2026-03-09")[0], "odd": 1, "\u2028": 2},
        ],
    )
    log.scanned()
    again = log.scanned()
    assert again.counts == (3, 0)
    assert len(again.rejected) == len(broken) + 3
    told = json.loads(again.kept["findings.json"])["run"]["unknown_columns"]
    assert told == {"exchanges.odd": 1, "exchanges.\u2028": 1}


def test_columns_that_only_some_files_hold_are_there(log: Log) -> None:
    log.write(
        DAYS[2],
        [{**row, "session_id": f"s{at}", "tools": ["a", "b"]} for at, row in enumerate(rows_of(DAYS[2]))],
    )
    log.scanned()
    assert "tool_set" in json.loads(log.scanned().kept["findings.json"])["run"]["signals_computed"]


def test_a_file_without_a_good_row_is_kept_too(log: Log) -> None:
    log.write(DAYS[1], ["nothing"])
    log.path(DAYS[2]).write_bytes(b"")
    log.scanned()
    assert log.scanned().counts == (3, 0)


def test_more_unknown_columns_than_are_named_are_counted_alike(log: Log) -> None:
    for part, day in enumerate(DAYS):
        log.write(
            day,
            [
                {**row, **{f"odd_{part * 600 + at * 50 + n}": 1 for n in range(50)}}
                for at, row in enumerate(rows_of(day))
            ],
        )
    log.scanned()
    log.scanned()


@pytest.mark.parametrize("seed", range(2))
def test_any_mix_of_files_gives_the_same_bytes_however_often_it_changes(log: Log, seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201  the seed belongs into the report of a failure
    chance = random.Random(seed)
    pool = [row for day in DAYS for row in rows_of(day)]
    for _ in range(3):
        for day in chance.sample(DAYS, 2):
            rows = chance.choices(pool, k=chance.randrange(1, 20))
            log.write(day, [*rows, *chance.sample(["{}", "junk", json.dumps({**pool[0], "n": "many"})], 1)])
        log.scanned()
        log.scanned()


def test_another_file_of_the_same_bytes_is_one_partial(log: Log) -> None:
    shutil.copy(log.path(DAYS[0]), log.path("copy"))
    log.scanned()
    assert len(log.partials()) == 3
    assert len(log.scanned().rejected) == 12


def test_codes_of_meaning_are_kept_for_the_model_that_made_them(log: Log, tmp_path: Path) -> None:
    asked = []
    for name, synonyms in (("one", (("write", "give", "say"),)), ("two", ())):
        (tmp_path / name).mkdir()
        write_model(tmp_path / name, [row["prompt"] for day in DAYS for row in rows_of(day)], synonyms)
        asked.append(load(overrides={"signals.meaning_model": str(tmp_path / name)}))
    assert log.scanned(settings=asked[0]).counts == (0, 3)
    again = log.scanned(settings=asked[0])
    assert again.counts == (3, 0)
    assert "same_meaning" in json.loads(again.kept["findings.json"])["run"]["signals_computed"]
    assert log.scanned(settings=asked[1]).counts == (0, 3)
    assert log.scanned().counts == (0, 3)


def test_a_file_that_breaks_off_is_told_each_time_and_never_kept(log: Log) -> None:
    whole = gzip.compress(log.path(DAYS[1]).read_bytes())
    log.path(DAYS[1]).unlink()
    (log.folder / "exchanges" / f"{DAYS[1]}.jsonl.gz").write_bytes(whole[:-20])
    for _ in range(2):
        for out, keep in (("full", None), ("kept", log.keep)):
            with pytest.raises(PartialInputError, match="breaks off"):
                scan(log.folder, out=log.folder.parent / out, keep=keep)
        assert files(log.folder.parent / "full") == files(log.folder.parent / "kept")
        assert len(log.partials()) == 2
    assert scan(log.folder / "exchanges" / f"{DAYS[0]}.jsonl", keep=log.keep).kept.taken == 1


def test_a_folder_within_the_log_or_the_findings_is_refused(log: Log, tmp_path: Path) -> None:
    for keep in (log.folder / "exchanges" / "kept", tmp_path / "out", tmp_path / "out" / "kept"):
        with pytest.raises(UsageError, match="Name a folder of its own"):
            scan(log.folder, out=tmp_path / "out", keep=keep)


def test_names_that_keys_stood_for_are_kept(log: Log) -> None:
    log.scanned()
    told = json.loads((log.partials()[0] / "partial.json").read_bytes().partition(b"\n")[0])
    assert set(told["names"]) <= set(assemble.NAMED)
    assert set(told["names"]["user_agent"].values()) == {"agent/0", "agent/1"}


def test_partials_hold_no_prompt_and_no_address(log: Log) -> None:
    log.scanned()
    written = b"".join(path.read_bytes() for partial in log.partials() for path in partial.iterdir())
    assert b"account-1" in written
    assert b"teacher" not in written
    assert b"203.0.113" not in written
