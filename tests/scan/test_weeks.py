"""Ten weekly scans of one simulated log with one casebook: campaigns keep their ids while they grow, churn, merge and split."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.casebook.cases import case, lines
from stillwatch.casebook.store import Casebook
from stillwatch.model.finding import Findings
from stillwatch.scan import scan
from stillwatch.simulate.worlds import build

SEED, EXCHANGES, WEEKS, SCANS = 611, 300_000, 3, 10
WEEK = 7 * 86_400_000_000
ALONE = ("growing", "replacing")


def weekly(world: Path, folder: Path) -> Iterator[Path]:
    """The log of the last three weeks, week after week."""
    whole = pq.read_table(world / "exchanges.parquet")
    when = whole["ts"].cast(pa.int64())
    first = pc.min(when).as_py() // WEEK * WEEK
    for at in range(SCANS):
        part = folder / f"week-{at}"
        part.mkdir()
        for name in ("accounts", "networks", "models"):
            (part / f"{name}.parquet").symlink_to(world / f"{name}.parquet")
        start, end = first + at * WEEK, first + (at + WEEKS) * WEEK
        pq.write_table(
            whole.filter(pc.and_(pc.greater_equal(when, start), pc.less(when, end))),
            part / "exchanges.parquet",
        )
        yield part


def held(found: Findings, archetype: Mapping[str, str]) -> Mapping[str, str]:
    """The id of the finding that holds most accounts of each campaign."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in found.accounts.to_pylist():
        if row["campaign_id"] and row["account_id"] in archetype:
            counts[archetype[row["account_id"]]][row["campaign_id"]] += 1
    return {campaign: names.most_common(1)[0][0] for campaign, names in counts.items()}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("weeks")
    build("twelve-weeks", seed=SEED, exchanges=EXCHANGES, out=folder / "log")
    truth = pq.read_table(folder / "log.truth" / "accounts.parquet", columns=["account_id", "campaign"])
    archetype = {a: c.partition("-")[0] for a, c in zip(*truth.to_pydict().values(), strict=True) if c}
    book = folder / "cases.db"
    scans = [scan(part, casebook=book) for part in weekly(folder / "log", folder)]
    return book, [held(found, archetype) for found in scans], [found.run.notes for found in scans]


@pytest.mark.slow
def test_a_campaign_that_grows_or_replaces_its_accounts_keeps_one_id_over_ten_weekly_scans(told: Any) -> None:
    _, seen, _ = told
    ids = {name: {one[name] for one in seen if name in one} for name in ALONE}
    assert all(len(found) == 1 for found in ids.values()), (SEED, ids)
    assert all(sum(name in one for one in seen) >= SCANS - 3 for name in ALONE), (SEED, seen)


@pytest.mark.slow
def test_two_campaigns_that_begin_to_work_together_become_one_and_the_casebook_says_so(told: Any) -> None:
    book, seen, notes = told
    before, after = seen[0], seen[-1]
    assert before["joining"] != before["host"]
    assert after["joining"] == after["host"]
    goes_on = after["host"]
    (ended,) = {before["joining"], before["host"]} - {goes_on}
    said = f"{ended} has merged into {goes_on}"
    assert sum(any(note.startswith(said) for note in of) for of in notes) == 1, (SEED, notes)
    with closing(Casebook(book)) as opened, opened.reading() as connection:
        assert case(connection, ended)["merged_into"] == goes_on
        assert case(connection, goes_on)["took_in"] == [ended]
        states = {line.campaign_id: line.state for line in lines(connection)}
    assert states[ended] == f"merged into {goes_on}"


@pytest.mark.slow
def test_a_campaign_part_of_which_goes_its_own_way_becomes_two_and_the_casebook_says_so(told: Any) -> None:
    book, seen, notes = told
    before, after = seen[0], seen[-1]
    assert before["staying"] == before["leaving"]
    parts = {after["staying"], after["leaving"]}
    assert len(parts) == 2
    (new,) = parts - {before["staying"]}
    said = f"{new} has split from {before['staying']}"
    assert sum(any(note.startswith(said) for note in of) for of in notes) == 1, (SEED, notes)
    with closing(Casebook(book)) as opened, opened.reading() as connection:
        assert case(connection, new)["split_from"] == before["staying"]
