"""A planted campaign looks like the log it is planted in, and takes nothing from anybody in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.bench.design import Cell
from stillwatch.bench.likeness import Likeness
from stillwatch.bench.planting import Planted, plant
from stillwatch.model.tables import TIMESTAMP
from stillwatch.simulate.single import archetypes
from stillwatch.sources.layout import open_input
from stillwatch.sources.rejected import Reject
from tests.bench.conftest import likeness
from tests.scan.logs import copied

SHARED = ("payment_fingerprint", "device_id")


def planted(
    like: Likeness, folder: Path, cell: Cell, *, camouflage: float = 0.5, seed: int = 77
) -> tuple[Planted, pa.Table, pa.Table]:
    """A planted campaign: what is said of it, its exchanges, its accounts."""
    folder.mkdir(parents=True, exist_ok=True)
    made = plant(like, cell, folder, camouflage=camouflage, seed=seed)
    return made, pq.read_table(folder / "exchanges.parquet"), pq.read_table(folder / "accounts.parquet")


def changed(name: str, values: Callable[[pa.Table], pa.Array]) -> Callable[[pa.Table], pa.Table]:
    """A change of one column of the exchanges."""
    return lambda table: table.set_column(table.schema.get_field_index(name), name, values(table))


def null_share(table: pa.Table, name: str) -> float:
    return table[name].null_count / table.num_rows


@pytest.mark.parametrize("archetype", archetypes())
@pytest.mark.parametrize("stealth", [pytest.param("plain", marks=pytest.mark.slow), "careful"])
def test_every_archetype_can_be_planted_and_no_row_breaks_the_contract(
    archetype: str, stealth: str, like: Likeness, log: Path, tmp_path: Path
) -> None:
    made, rows, _ = planted(like, tmp_path / "p", Cell(archetype, stealth, 6.0, 12))
    joined = open_input(log).followed_by(open_input(tmp_path / "p"))
    with Reject() as reject:
        read = sum(batch.num_rows for batch in joined.exchanges(reject))
        joined.accounts(reject)
    assert (reject.count, read - like.sample.rows) == (0, rows.num_rows)
    assert 0 < made.exchanges == rows.num_rows


@pytest.mark.parametrize("rate", [5.0, 50.0])
def test_accounts_make_as_many_exchanges_a_day_as_asked(rate: float, like: Likeness, tmp_path: Path) -> None:
    _, rows, _ = planted(like, tmp_path, Cell("paraphrased", "plain", rate, 80))
    days = pc.count_distinct(pc.floor_temporal(rows["ts"], unit="day")).as_py()
    assert rows.num_rows / 80 / days == pytest.approx(rate, rel=0.25)


def test_planted_rows_lie_within_the_window_of_the_log(
    like: Likeness, exchanges: pa.Table, tmp_path: Path
) -> None:
    _, rows, _ = planted(like, tmp_path, Cell("pathways", "plain", 20.0, 30))
    ends = pc.min_max(exchanges["ts"]).as_py()
    own = pc.min_max(rows["ts"]).as_py()
    assert ends["min"] <= own["min"] < own["max"] <= ends["max"]


def test_a_short_log_holds_the_whole_campaign(log: Path, tmp_path: Path) -> None:
    start = pa.scalar(1_772_600_000_000_000, pa.int64()).cast(TIMESTAMP)
    end = pa.scalar(1_772_600_000_000_000 + 36 * 3_600_000_000, pa.int64()).cast(TIMESTAMP)
    copied(
        log,
        tmp_path / "log",
        lambda table: table.filter(pc.and_(pc.greater(table["ts"], start), pc.less(table["ts"], end))),
    )
    made, rows, _ = planted(likeness(tmp_path / "log"), tmp_path / "p", Cell("hydra", "plain", 30.0, 30))
    assert len(made.account_ids) >= 20
    assert pc.all(pc.and_(pc.greater(rows["ts"], start), pc.less(rows["ts"], end))).as_py()


@pytest.mark.parametrize("column", ["model", "channel"])
def test_planted_rows_name_only_what_the_log_names(
    column: str, log: Path, exchanges: pa.Table, tmp_path: Path
) -> None:
    names = sorted({f"our-{name}" for name in exchanges[column].drop_null().to_pylist()})[:2]
    renamed = changed(column, lambda table: pa.array([names[i % 2] for i in range(table.num_rows)]))
    copied(log, tmp_path / "log", renamed)
    _, rows, _ = planted(likeness(tmp_path / "log"), tmp_path / "p", Cell("pathways", "plain", 10.0, 20))
    assert set(rows[column].drop_null().to_pylist()) <= set(names)


def test_a_column_that_the_log_lacks_stays_absent(log: Path, tmp_path: Path) -> None:
    lacking = ["ja4", "prompt", "client_ip"]
    copied(log, tmp_path / "log", lambda table: table.drop_columns(lacking))
    _, rows, _ = planted(likeness(tmp_path / "log"), tmp_path / "p", Cell("lone", "plain", 10.0, 20))
    assert not set(lacking) & set(rows.column_names)


def test_a_log_without_accounts_gets_none(log: Path, tmp_path: Path) -> None:
    copied(log, tmp_path / "log")
    (tmp_path / "log" / "accounts.parquet").unlink()
    (tmp_path / "p").mkdir()
    plant(likeness(tmp_path / "log"), Cell("lone", "plain", 5.0, 20), tmp_path / "p", camouflage=0.5, seed=1)
    assert [file.name for file in (tmp_path / "p").iterdir()] == ["exchanges.parquet"]


@pytest.mark.parametrize("column", ["prompt", "client_ip", "user_agent", "api_key_id", "input_tokens"])
def test_planted_rows_lack_as_much_as_the_logs_own(
    column: str, like: Likeness, exchanges: pa.Table, tmp_path: Path
) -> None:
    _, rows, _ = planted(like, tmp_path, Cell("blatant-coding", "plain", 40.0, 40))
    assert null_share(rows, column) == pytest.approx(null_share(exchanges, column), abs=0.02)


def test_what_is_null_by_nature_is_not_taken_for_lost(like: Likeness, tmp_path: Path) -> None:
    _, rows, _ = planted(like, tmp_path, Cell("token-replay", "plain", 40.0, 40))
    assert (
        null_share(rows, "reasoning_token") < 0.85 < like.sample.nulls["reasoning_token"] / like.sample.rows
    )


def test_the_asked_share_of_a_camouflaged_campaign_is_copied_from_the_log(
    like: Likeness, exchanges: pa.Table, tmp_path: Path
) -> None:
    made, rows, _ = planted(like, tmp_path, Cell("lone", "camouflage", 20.0, 40), camouflage=0.6)
    own = set(exchanges["prompt"].drop_null().to_pylist())
    seen = [prompt in own for prompt in rows["prompt"].drop_null().to_pylist()]
    assert made.copied / made.exchanges == pytest.approx(0.6, abs=0.05)
    assert sum(seen) / len(seen) == pytest.approx(0.6, abs=0.07)


def test_no_two_planted_accounts_copy_from_one_organisation(like: Likeness, tmp_path: Path) -> None:
    _, rows, _ = planted(like, tmp_path, Cell("lone", "camouflage", 20.0, 20), camouflage=0.9)
    owner: dict[str, set[str]] = {}
    innocent = like.sample.innocent["prompt"].to_pylist()
    for prompt, who in zip(innocent, like.owners.to_pylist(), strict=True):
        owner.setdefault(prompt or "", set()).add(who)
    copiers: dict[str, set[str]] = {}
    for prompt, account in zip(rows["prompt"].to_pylist(), rows["account_id"].to_pylist(), strict=True):
        if len(owner.get(prompt or "", ())) == 1:
            copiers.setdefault(next(iter(owner[prompt or ""])), set()).add(account)
    assert copiers
    assert {len(accounts) for accounts in copiers.values()} == {1}


def test_ids_are_new_even_where_the_log_holds_ids_like_ours(
    log: Path, like: Likeness, tmp_path: Path
) -> None:
    cell = Cell("lone", "plain", 5.0, 20)
    _, first, _ = planted(like, tmp_path / "one", cell)

    def with_ours(table: pa.Table) -> pa.Table:
        return pa.concat_tables([table, first.select(table.column_names)])

    copied(log, tmp_path / "log", with_ours)
    _, second, _ = planted(likeness(tmp_path / "log"), tmp_path / "two", cell)
    for column in ("exchange_id", "account_id"):
        assert not set(second[column].to_pylist()) & set(first[column].to_pylist())


def test_cards_and_devices_of_the_log_are_nobodys_but_its_own(
    log: Path, like: Likeness, tmp_path: Path
) -> None:
    _, _, accounts = planted(like, tmp_path, Cell("lone", "plain", 5.0, 60))
    own = pq.read_table(log / "accounts.parquet")
    for column in SHARED:
        assert not set(accounts[column].drop_null().to_pylist()) & set(own[column].drop_null().to_pylist())


def test_planted_accounts_belong_to_no_organisation_and_hold_no_agreement(
    log: Path, like: Likeness, tmp_path: Path
) -> None:
    _, _, accounts = planted(like, tmp_path, Cell("lone", "plain", 5.0, 200))
    own = pq.read_table(log / "accounts.parquet")
    verified = own.filter(pc.is_valid(own["org_domain"]))
    organisations = {*verified["org_domain"].to_pylist(), *verified["email_domain"].to_pylist()} - {None}
    assert not organisations & set(accounts["email_domain"].to_pylist())
    assert not any(accounts["programmes"].to_pylist())


def test_plans_and_card_numbers_are_the_logs_own(log: Path, like: Likeness, tmp_path: Path) -> None:
    _, _, accounts = planted(like, tmp_path, Cell("pathways", "plain", 5.0, 60))
    own = pq.read_table(log / "accounts.parquet")
    for column in ("plan", "card_bin", "phone_prefix", "email_domain"):
        assert set(accounts[column].to_pylist()) <= set(own[column].to_pylist())


def test_texts_are_withheld_where_the_log_shows_hashes(log: Path, tmp_path: Path) -> None:
    hashed = changed("content_state", lambda table: pa.array(["hashed"] * table.num_rows))
    copied(log, tmp_path / "log", hashed)
    _, rows, _ = planted(likeness(tmp_path / "log"), tmp_path / "p", Cell("lone", "plain", 5.0, 20))
    assert null_share(rows, "prompt") == 1.0


def test_the_same_seed_plants_the_same_campaign_and_another_seed_another(
    like: Likeness, tmp_path: Path
) -> None:
    cell = Cell("hydra", "careful", 10.0, 15)
    one, two, other = (planted(like, tmp_path / str(i), cell, seed=s)[1] for i, s in enumerate((4, 4, 5)))
    assert one.equals(two)
    assert not one.equals(other)


def test_no_planted_host_is_one_of_an_innocent_account_that_does_not_live_there(
    like: Likeness, tmp_path: Path
) -> None:
    _, rows, _ = planted(like, tmp_path, Cell("blatant-reasoning", "plain", 20.0, 60))
    own = set(like.sample.innocent["client_ip"].drop_null().to_pylist())
    assert not own & set(rows["client_ip"].drop_null().to_pylist())
