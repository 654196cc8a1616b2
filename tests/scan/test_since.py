"""Repeated scans of one growing log: what they say of a group adds up, and what one scan finds stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from stillwatch.cli.main import stillwatch
from stillwatch.judge.sequence import weight
from stillwatch.scan import scan
from tests.scan.conftest import Scanned, contents
from tests.scan.logs import copied

SCANS = 3


@dataclass(frozen=True)
class Growing:
    """A simulated world as it grows over the scans: the log and what each scan of it wrote, the first first."""

    logs: list[Path]
    outs: list[Path]

    def alarms(self, number: int) -> Any:
        """The false alarms of that scan, from 1."""
        return document(self.outs[number - 1])["false_alarms"]

    def followed(self, number: int) -> list[tuple[Any, Any]]:
        """The groups of that scan that could be campaigns, each with how it is followed."""
        alarms = self.alarms(number)
        could = [group for group in alarms["groups"] if group["could_be_campaign"]]
        return list(zip(could, alarms["sequence"]["groups"][: len(could)], strict=True))


def document(out: Path) -> Any:
    return json.loads((out / "findings.json").read_text("ascii"))


def until(log: Path, to: Path, share: float) -> Path:
    """The log up to that share of its time."""

    def early(exchanges: pa.Table) -> pa.Table:
        ts = exchanges["ts"].cast(pa.int64())
        least, most = pc.min_max(ts).as_py().values()
        return exchanges.filter(pc.less_equal(ts, least + int((most - least) * share)))

    return copied(log, to, early)


@pytest.fixture(scope="module")
def growing(worlds: Callable[[str], Scanned], tmp_path_factory: pytest.TempPathFactory) -> Growing:
    place = tmp_path_factory.mktemp("growing")
    logs = [until(worlds("easy").log, place / f"log-{n}", n / SCANS) for n in range(1, SCANS + 1)]
    outs = [place / f"findings-{n}" for n in range(1, SCANS + 1)]
    for number, (log, out) in enumerate(zip(logs, outs, strict=True)):
        scan(log, out=out, since=outs[number - 1] if number else None)
    return Growing(logs, outs)


def run(log: Path, out: Path, since: Path) -> Result:
    return CliRunner().invoke(stillwatch, ["scan", str(log), "--out", str(out), "--since", str(since)])


def test_scans_are_counted_and_know_where_the_first_and_the_last_ended(growing: Growing) -> None:
    told = [growing.alarms(number)["sequence"] for number in range(1, SCANS + 1)]
    ends = [document(out)["run"]["input_window"]["end"] for out in growing.outs]
    assert [s["number"] for s in told] == [1, 2, 3]
    assert [s["end"] for s in told] == ends == sorted(ends)
    assert {s["first_end"] for s in told} == {ends[0]}


def test_a_running_value_is_the_weighted_sum_of_what_the_scans_said(growing: Growing) -> None:
    before: dict[str, float] = {}
    added = 0
    for number in range(1, SCANS + 1):
        now = {}
        for compared, group in growing.followed(number):
            earlier = before[group["earlier_id"]] if group["earlier_id"] else None
            if earlier is not None:
                added += 1
                assert group["value"] == pytest.approx(
                    earlier + weight(number) * compared["e_value"], rel=1e-6
                )
            if group["campaign_id"]:
                now[group["campaign_id"]] = group["value"]
        before = now
    assert added >= SCANS - 1


def test_true_campaigns_alone_are_told_apart_over_all_scans(growing: Growing, easy: Scanned) -> None:
    truth = pq.read_table(easy.truth / "accounts.parquet").to_pylist()
    role = {row["account_id"]: row["role"] for row in truth}
    members = pq.read_table(growing.outs[-1] / "accounts.parquet").to_pylist()
    confirmed = [g for _, g in growing.followed(SCANS) if g["is_confirmed_over_scans"] and g["seen"] == SCANS]
    assert confirmed
    for group in confirmed:
        mine = [m["account_id"] for m in members if m["campaign_id"] == group["campaign_id"]]
        assert sum(role[account] == "campaign" for account in mine) > 0.9 * len(mine)
    page = (growing.outs[-1] / "report.html").read_text("utf-8")
    assert f"{confirmed[0]['campaign_id']} (first in scan {confirmed[0]['first_confirmed']})" in page


def test_what_a_scan_finds_is_the_same_without_an_earlier_one(growing: Growing, easy: Scanned) -> None:
    tables = ("accounts.parquet", "exchanges.parquet", "evidence.parquet", "rejected.jsonl")
    with_it, without = document(growing.outs[-1]), json.loads((easy.out / "findings.json").read_text("ascii"))
    assert with_it["false_alarms"].pop("sequence") != without["false_alarms"].pop("sequence")
    assert with_it == without
    assert contents(growing.outs[-1], tables) == contents(easy.out, tables)


def test_findings_name_no_account_that_a_sketch_stands_for(growing: Growing) -> None:
    written = (growing.outs[-1] / "findings.json").read_text("ascii")
    ids = pq.read_table(growing.outs[-1] / "accounts.parquet")["account_id"].to_pylist()
    assert not [account for account in ids if account in written]


def test_the_folder_of_the_earlier_scan_may_be_the_one_that_is_written(
    growing: Growing, tmp_path: Path
) -> None:
    scan(growing.logs[0], out=tmp_path / "out")
    ended = run(growing.logs[1], tmp_path / "out", tmp_path / "out")
    assert ended.exit_code == 0
    assert "Scan 2 of this log" in ended.stdout
    names = ("findings.json", "report.html", "accounts.parquet")
    assert contents(tmp_path / "out", names) == contents(growing.outs[1], names)


def test_a_log_that_ends_before_the_earlier_one_did_ends_with_2_and_leaves_the_result(
    growing: Growing, tmp_path: Path
) -> None:
    ended = run(growing.logs[0], tmp_path / "out", growing.outs[1])
    assert (ended.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert "read a log that ends 20" in ended.stderr


def test_what_is_no_findings_folder_ends_with_2(growing: Growing, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for since, said in (
        (tmp_path / "empty", "is not a findings folder"),
        (tmp_path / "no", "There is no folder"),
    ):
        ended = run(growing.logs[0], tmp_path / "out", since)
        assert (ended.exit_code, (tmp_path / "out").exists()) == (2, False)
        assert said in " ".join(ended.stderr.split())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda alarms: alarms.pop("sequence"), "an older version wrote it"),
        (lambda alarms: alarms["sequence"].update(number=0), "of another making"),
        (lambda alarms: alarms["sequence"].update(begun=10**30), "of another making"),
        (lambda alarms: alarms["sequence"]["groups"][0].update(value=-5), "of another making"),
        (lambda alarms: alarms["sequence"]["groups"][0].update(sketch="ff"), "of another making"),
        (lambda alarms: alarms["sequence"].update(groups="none"), "of another making"),
    ],
)
def test_an_earlier_result_that_no_scan_wrote_ends_with_2(
    change: Callable[[Any], None], said: str, growing: Growing, tmp_path: Path
) -> None:
    forged = copied_result(growing.outs[0], tmp_path / "forged")
    told = document(forged)
    change(told["false_alarms"])
    (forged / "findings.json").write_text(json.dumps(told))
    ended = run(growing.logs[1], tmp_path / "out", forged)
    assert (ended.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert said in " ".join(ended.stderr.split())


def copied_result(out: Path, to: Path) -> Path:
    to.mkdir()
    for file in out.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    return to
