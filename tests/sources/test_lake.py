"""Tables of Delta and Iceberg as their own packages write them: only what is live is read, and what is more than files is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from deltalake import CommitProperties, DeltaTable, write_deltalake

from stillwatch.errors import InputError, UsageError
from stillwatch.model.finding import Findings
from stillwatch.model.tables import EXCHANGE
from stillwatch.scan import scan
from stillwatch.simulate.worlds import build
from stillwatch.sources import lake
from stillwatch.sources.files import sources
from stillwatch.sources.gather import open_logs
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject
from tests.sources.lakes import catalogue, delta, iceberg

Write = Callable[[Path, list[pa.Table]], Path]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake") / "easy"
    build("easy", seed=5, exchanges=3_000, out=folder)
    return folder


@pytest.fixture(scope="module")
def findings(world: Path) -> Findings:
    return scan(world)


@pytest.fixture(scope="module")
def exchanges(world: Path) -> pa.Table:
    return pq.read_table(world / "exchanges.parquet")


def ids(place: Path) -> list[str]:
    with Reject(place.parent / "rejected.jsonl") as reject:
        found = open_input(place).exchange_table.batches(reject)
        return sorted(name for batch in found for name in batch.column("exchange_id").to_pylist())


@pytest.mark.parametrize(("kind", "write"), [("delta", delta), ("iceberg", iceberg)])
def test_rows_of_earlier_states_are_not_read(
    kind: str, write: Write, tmp_path: Path, exchanges: pa.Table
) -> None:
    place = write(tmp_path / "log", [exchanges[:50], exchanges[50:90], exchanges[90:100]])
    assert lake.table_format(place) == kind
    assert ids(place) == sorted(exchanges["exchange_id"].to_pylist()[50:100])


@pytest.mark.parametrize("write", [delta, iceberg])
def test_a_table_in_the_place_of_exchanges_gives_the_findings_of_the_file(
    write: Write, tmp_path: Path, world: Path, exchanges: pa.Table, findings: Findings
) -> None:
    for name in ("accounts", "networks", "models"):
        (tmp_path / f"{name}.parquet").write_bytes((world / f"{name}.parquet").read_bytes())
    write(tmp_path / "exchanges", [exchanges[:7], exchanges[:1000], exchanges[1000:]])
    here = scan(tmp_path)
    assert here.campaigns == findings.campaigns
    assert here.accounts.equals(findings.accounts)
    assert any("table" in note and "exchanges" in note for note in here.run.notes)


def test_the_state_that_was_read_is_named_and_its_rows_keep_their_places(
    tmp_path: Path, exchanges: pa.Table
) -> None:
    bad = exchanges[:3].set_column(0, "exchange_id", pa.array(["a", None, "c"]))
    found = open_input(delta(tmp_path / "log", [exchanges[:2], bad]), log_format="delta")
    assert found.notes == ("log: a Delta table, version 1",)
    with Reject(tmp_path / "rejected.jsonl") as reject:
        assert sum(batch.num_rows for batch in found.exchanges(reject)) == 2
    assert '"line":2' in (tmp_path / "rejected.jsonl").read_text("utf-8").replace(" ", "")


def test_days_in_folders_are_read(tmp_path: Path, exchanges: pa.Table) -> None:
    days = exchanges[:100].append_column("day", pc.strftime(exchanges["ts"][:100], format="%d/%m %Y"))
    write_deltalake(tmp_path / "log", days, partition_by=["day"])
    assert len(ids(tmp_path / "log")) == 100


def test_a_conversion_reads_the_live_files_too(tmp_path: Path, exchanges: pa.Table) -> None:
    place = delta(tmp_path / "log", [exchanges[:5], exchanges[5:8]])
    found = open_logs([str(place)], sources(), None, tmp_path)
    with Reject(tmp_path / "rejected.jsonl") as reject:
        assert sum(batch.num_rows for batch in found.exchanges(reject)) == 3
    with pytest.raises(UsageError, match="known by its folder"):
        open_input(tmp_path / "log", log_format="iceberg")


def test_a_delta_table_that_is_more_than_its_files_is_refused_by_name(
    tmp_path: Path, exchanges: pa.Table
) -> None:
    write_deltalake(tmp_path / "parted", exchanges[:20], partition_by=["model"])
    with pytest.raises(InputError, match=r"partitioned by model.*--engine spark"):
        open_input(tmp_path / "parted")
    write_deltalake(tmp_path / "mapped", exchanges[:20], configuration={"delta.columnMapping.mode": "name"})
    with pytest.raises(InputError, match=r"other names in its files|cannot be read as a table of Delta"):
        open_input(tmp_path / "mapped")


def test_an_iceberg_table_whose_column_was_renamed_or_dropped_is_refused_by_name(
    tmp_path: Path, exchanges: pa.Table
) -> None:
    some = exchanges.select(["exchange_id", "ts", "account_id", "model", "prompt", "sdk"])[:20]
    table = catalogue(tmp_path).create_table(
        "log.exchanges", schema=some.schema, location=f"file://{tmp_path}/log"
    )
    table.append(some)
    with table.update_schema() as update:
        update.delete_column("sdk")
    with pytest.raises(InputError, match="its column sdk was renamed, or dropped"):
        open_input(tmp_path / "log")


def test_of_two_latest_states_of_an_iceberg_table_one_must_be_named(
    tmp_path: Path, exchanges: pa.Table
) -> None:
    place = iceberg(tmp_path / "log", [exchanges[:5]])
    latest = max((place / "metadata").glob("*.metadata.json"))
    rival = latest.with_name(latest.name.replace("-", "-f", 1))
    rival.write_bytes(latest.read_bytes())
    with pytest.raises(InputError, match=r"both .* describe its latest state"):
        open_input(place)
    assert ids(rival) == sorted(exchanges["exchange_id"].to_pylist()[:5])
    (place / "metadata" / "version-hint.text").write_text(latest.name, "utf-8")
    assert lake.live(place, EXCHANGE).note == f"log: an Iceberg table as {latest.name} describes it"


def test_what_is_no_table_any_more_is_told(tmp_path: Path, exchanges: pa.Table) -> None:
    place = delta(tmp_path / "log", [exchanges[:5]])
    next(place.glob("*.parquet")).unlink()
    with pytest.raises(InputError, match="which is not here"):
        open_input(place)
    (place / "_delta_log" / "00000000000000000000.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="cannot be read as a table of Delta"):
        open_input(place)
    write_deltalake(tmp_path / "none", exchanges[:5])
    DeltaTable(tmp_path / "none").delete(commit_properties=CommitProperties())
    with pytest.raises(InputError, match="holds no rows"):
        open_input(tmp_path / "none")


def test_a_table_in_an_object_store_is_not_read_file_by_file() -> None:
    assert lake.table_in(["bucket/log/part-0.parquet", "bucket/log/_delta_log/0.json"]) == "delta"
    assert lake.table_in(["bucket/log/metadata/v1.metadata.json"]) == "iceberg"
    assert lake.table_in(["bucket/log/part-0.parquet"]) is None
