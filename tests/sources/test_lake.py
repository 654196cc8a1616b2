"""Tables of Delta and Iceberg as their own packages write them: only what is live is read, and what is more than files is refused."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import fsspec
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
    mapped = {"delta.columnMapping.mode": "name"}
    write_deltalake(tmp_path / "mapped", exchanges[:20], configuration=mapped)
    with pytest.raises(InputError, match=r"other names in its files|cannot be read as a table of Delta"):
        open_input(tmp_path / "mapped")
    write_deltalake(tmp_path / "plain", exchanges[:20], configuration={"delta.columnMapping.mode": "none"})
    assert len(ids(tmp_path / "plain")) == 20


def test_an_iceberg_table_whose_files_have_other_columns_is_refused_until_they_are_written_anew(
    tmp_path: Path, exchanges: pa.Table
) -> None:
    some = exchanges.select(["exchange_id", "ts", "account_id", "model", "prompt", "sdk"])[:20]
    table = catalogue(tmp_path).create_table(
        "log.exchanges", schema=some.schema, location=f"file://{tmp_path}/log"
    )
    table.append(some)
    with table.update_schema() as update:
        update.delete_column("sdk")
    with pytest.raises(InputError, match="its column sdk was dropped or renamed"):
        open_input(tmp_path / "log")
    table.overwrite(some.drop_columns(["sdk"]))
    assert len(ids(tmp_path / "log")) == 20
    with table.update_schema() as update:
        update.rename_column("prompt", "asked")
    with pytest.raises(InputError, match="its column prompt was dropped or renamed"):
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


def test_a_catalogue_in_files_may_note_its_last_state_late(tmp_path: Path, exchanges: pa.Table) -> None:
    place = iceberg(tmp_path / "log", [exchanges[:5], exchanges[5:8]])
    for number, state in enumerate(sorted((place / "metadata").glob("*.metadata.json"))):
        state.rename(state.with_name(f"v{number}.metadata.json"))
    (place / "metadata" / "version-hint.text").write_text("1", "utf-8")
    assert ids(place) == sorted(exchanges["exchange_id"].to_pylist()[5:8])
    assert lake.live(place, EXCHANGE).note == "log: an Iceberg table as v2.metadata.json describes it"


def test_a_table_is_found_below_the_folder_and_behind_a_link(tmp_path: Path, exchanges: pa.Table) -> None:
    delta(tmp_path / "lake" / "log", [exchanges[:5], exchanges[5:8], exchanges[8:9]])
    (tmp_path / "layout").mkdir()
    (tmp_path / "layout" / "exchanges").symlink_to(tmp_path / "lake" / "log")
    expected = sorted(exchanges["exchange_id"].to_pylist()[5:9])
    for place, asked in ((tmp_path / "lake", "parquet"), (tmp_path / "layout", None)):
        found = open_input(place, log_format=asked)
        with Reject(tmp_path / "rejected.jsonl") as reject:
            batches = [b.column("exchange_id").to_pylist() for b in found.exchanges(reject)]
        assert sorted(name for batch in batches for name in batch) == expected
    files = [file.name for file, _ in found.exchange_table.opened]
    assert len(set(files)) == 2
    assert all(name.startswith("exchanges/part-") for name in files)


def test_files_outside_the_folder_are_told(tmp_path: Path, exchanges: pa.Table) -> None:
    place = iceberg(tmp_path / "log", [exchanges[:5]])
    copied = shutil.copytree(place, tmp_path / "copied")
    assert "1 of its files lie outside its folder" in open_input(copied).notes[1]
    assert len(open_input(place).notes) == 1


def test_what_another_program_logs_may_lie_in_a_table(tmp_path: Path) -> None:
    request = {"messages": [{"role": "user", "content": "What is a gasket?"}]}
    rows = [payload(f"r{n}", request) for n in range(3)]
    place = delta(tmp_path / "payload", [pa.Table.from_pylist(rows[:1]), pa.Table.from_pylist(rows[1:])])
    found = open_logs([str(place)], sources(), None, tmp_path)
    with Reject(tmp_path / "rejected.jsonl") as reject:
        assert sum(batch.num_rows for batch in found.exchanges(reject)) == 2
    assert {file.source.name for file, _ in found.exchange_table.opened} == {"databricks"}


def payload(number: str, request: dict[str, object]) -> dict[str, object]:
    """A row of an inference table of Databricks."""
    return {
        "databricks_request_id": number,
        "request_time": dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC),
        "status_code": 200,
        "requester": "u1@example.com",
        "served_entity_id": "m1",
        "request": json.dumps(request),
        "response": json.dumps({"model": "m", "choices": [{"message": {"content": "A seal."}}]}),
    }


def test_a_log_that_only_has_such_a_name_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    file = tmp_path / "metadata" / "log.metadata.json"
    file.write_text("{}", "utf-8")
    assert lake.table_format(file) is None


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


def test_a_table_in_an_object_store_is_not_read_file_by_file(tmp_path: Path, exchanges: pa.Table) -> None:
    store = fsspec.filesystem("memory")
    for name in ("log/part-0.parquet", "log/_delta_log/0.json"):
        store.pipe(f"/lake/{name}", b"PAR1")
    for asked in ("memory://lake/log", "memory://lake", "memory://lake/log/*.parquet"):
        with pytest.raises(InputError, match=r"lake/log is a table of Delta"):
            open_logs([asked], sources(), None, tmp_path)
    delta(tmp_path / "log", [exchanges[:5]])
    found = open_logs([str(tmp_path / "log" / "*.parquet")], sources(), sources()["parquet"], tmp_path)
    assert "named one by one" in found.notes[0]
