from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from stillwatch.errors import UsageError
from stillwatch.model.tables import ACCOUNT, EXCHANGE, MODEL, NETWORK
from stillwatch.simulate.assumptions import ASSUMED
from stillwatch.simulate.worlds import WORLDS, build, default_exchanges

World = Callable[[str], Any]
NAMES = (
    "clean", "easy", "mixed", "hard", "lowbase", "no-content", "no-network", "dirty", "headline", "million",
    "shared-relay", "silent-relay", "low-and-slow", "hot-spare", "framing", "off-platform", "small", "large",
    "mixed-accounts-0", "mixed-accounts-5", "mixed-accounts-10", "mixed-accounts-25", "mixed-accounts-50",
    "relay-only", "coordinated-only", "authorised-only", "evaluation-only", "lookalikes",
    "elicitation", "harvest", "evasion", "access", "twelve-weeks",
)  # fmt: skip


def test_the_worlds_have_the_names_of_the_scoring_rules() -> None:
    assert tuple(WORLDS) == NAMES


@pytest.mark.parametrize("world_name", ["mixed", "dirty"])
def test_the_same_seed_makes_the_same_bytes(tmp_path: Path, world_name: str) -> None:
    for name in ("a", "b"):
        build(world_name, seed=3, exchanges=2500, out=tmp_path / name)
    files = sorted(p.relative_to(tmp_path) for p in tmp_path.glob("a*/*"))
    assert len(files) >= 8
    for file in files:
        twin = tmp_path / file.as_posix().replace("a", "b", 1)
        assert (tmp_path / file).read_bytes() == twin.read_bytes(), file


def test_another_seed_makes_another_world(tmp_path: Path) -> None:
    for seed in (1, 2):
        build("easy", seed=seed, exchanges=1500, out=tmp_path / str(seed))
    first, second = (json.loads((tmp_path / f"{s}.truth/campaigns.json").read_text()) for s in (1, 2))
    assert first["campaigns"] != second["campaigns"]


@pytest.mark.parametrize("name", ["clean", "mixed", "hard"])
def test_tables_have_the_types_of_the_contract(world: World, name: str) -> None:
    made = world(name)
    for schema in (EXCHANGE, ACCOUNT, NETWORK, MODEL):
        table = made.table(schema.name)
        assert table.schema.equals(schema.arrow), schema.name
        for column in schema.required:
            assert table[column].null_count == 0


def test_about_as_many_exchanges_are_made_as_asked_for(world: World) -> None:
    assert world("mixed").table("exchanges").num_rows == pytest.approx(6000, rel=0.25)


def test_ids_are_unique_and_say_nothing_of_their_owner(world: World) -> None:
    made = world("hard")
    exchanges, accounts = made.table("exchanges"), made.table("accounts")
    assert pc.count_distinct(exchanges["exchange_id"]).as_py() == exchanges.num_rows
    assert pc.count_distinct(accounts["account_id"]).as_py() == accounts.num_rows
    ids = accounts["account_id"].to_pylist()
    assert ids == sorted(ids)
    assert all(len(i) == len(ids[0]) for i in ids)


def test_rows_are_in_order_of_days(world: World) -> None:
    days = pc.floor_temporal(world("mixed").table("exchanges")["ts"], unit="day").to_pylist()
    assert days[: len(days) // 2] <= days[len(days) // 2 :]
    assert len(set(days)) >= ASSUMED.window.days


def test_every_column_loses_values_alike_for_good_and_bad(world: World) -> None:
    made = world("mixed")
    table = made.table("exchanges").append_column("role", made.truth("exchanges")["role"])
    for column in ("prompt", "client_ip", "ja4", "status", "session_id", "temperature"):
        for role in ("benign", "campaign"):
            lost = pc.is_null(table.filter(pc.equal(table["role"], role))[column])
            assert 0.02 < pc.mean(lost.cast("float64")).as_py() < 0.25, (column, role)


def test_all_traffic_lies_inside_the_window(world: World) -> None:
    ends = pc.min_max(world("mixed").table("exchanges")["ts"]).as_py()
    assert str(ends["min"].date()) >= "2026-03-02"
    assert str(ends["max"].date()) <= "2026-03-30"


def test_a_model_is_released_inside_the_window(world: World) -> None:
    released = sorted(str(t.date()) for t in world("clean").table("models")["released_at"].to_pylist())
    assert "2026-03-02" < released[-1] < "2026-03-30"


@pytest.mark.parametrize(
    ("name", "gone", "kept"),
    [
        ("no-content", ("prompt", "system_prompt", "response"), "client_ip"),
        ("no-network", ("client_ip", "ja4", "header_profile", "user_agent"), "prompt"),
    ],
)
def test_a_world_without_columns_holds_the_traffic_of_mixed(
    world: World, name: str, gone: tuple[str, ...], kept: str
) -> None:
    table, whole = world(name).table("exchanges"), world("mixed").table("exchanges")
    assert not set(gone) & set(table.column_names)
    assert table[kept].equals(whole[kept])


def test_a_world_says_that_it_is_simulated(world: World) -> None:
    assert "Simulated" in (world("clean").folder / "SIMULATED").read_text()


def test_sizes_follow_the_world() -> None:
    assert [default_exchanges(n) for n in ("mixed", "lowbase", "headline")] == [
        300_000,
        1_000_000,
        16_000_000,
    ]


def test_an_unknown_world_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lowbase"):
        build("nowhere", seed=1, exchanges=100, out=tmp_path / "x")


def test_a_world_is_not_written_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("keep me")
    with pytest.raises(UsageError, match="not empty"):
        build("clean", seed=1, exchanges=100, out=tmp_path)


def test_a_world_needs_an_exchange(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one"):
        build("clean", seed=1, exchanges=0, out=tmp_path / "x")
