"""What campaigns of one technique leave in the log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from stillwatch.simulate.text import grammar

World = Callable[..., Any]


def _beside_truth(made: Any) -> pa.Table:
    """The log with campaign and extraction of each row, in order of time; both tables are in one order."""
    log, truth = made.table("exchanges"), made.truth("exchanges")
    for column in ("campaign", "extraction"):
        log = log.append_column(column, truth[column])
    return log.sort_by("ts")


@pytest.fixture(scope="module")
def asked(world: World) -> Callable[..., pa.Table]:
    def extraction(name: str, archetype: str, exchanges: int = 6000) -> pa.Table:
        made = world(name, exchanges)
        joined = _beside_truth(made)
        mine = joined.filter(pc.starts_with(pc.fill_null(joined["campaign"], ""), archetype))
        return mine.filter(mine["extraction"])

    return extraction


def _prompts(table: pa.Table) -> list[str]:
    return [text for text in table["prompt"].to_pylist() if text]


def _refused(table: pa.Table) -> float:
    return pc.mean(pc.equal(table["stop_reason"], "refusal").cast("float64")).as_py()


def test_the_answer_stands_in_a_prompt_that_asks_for_the_reasoning_behind_it(asked: Any) -> None:
    endings = grammar()["slots"]["final"][0]
    prompts = _prompts(asked("elicitation", "posthoc"))
    assert all(any(prompt.splitlines()[-1].startswith(words) for words in endings) for prompt in prompts)


def test_one_clause_is_asked_in_many_languages(asked: Any) -> None:
    prompts = _prompts(asked("elicitation", "language"))
    used = {clause for clause in grammar()["ruses"]["coercion"] if any(clause in text for text in prompts)}
    assert len(used) == len(grammar()["ruses"]["coercion"])


def test_a_search_is_refused_less_and_less_and_ends_in_volume_with_one_technique(asked: Any) -> None:
    table = asked("elicitation", "search")
    third = table.num_rows // 3
    early, late = table.slice(0, table.num_rows // 8), table.slice(2 * third)
    assert _refused(early) > 0.4
    assert _refused(late) < 0.2
    openings = [re.split(r"[.]", text)[0] for text in _prompts(late)]
    assert Counter(openings).most_common(1)[0][1] > 0.8 * len(openings)
    assert len({re.split(r"[.]", text)[0] for text in _prompts(early)}) > 0.6 * len(_prompts(early))


def test_pictures_are_in_every_request_of_a_multimodal_sweep(asked: Any) -> None:
    assert pc.min(asked("elicitation", "multimodal")["images"]).as_py() >= 1


def test_answers_of_a_campaign_come_back_as_its_prompts(asked: Any) -> None:
    table = asked("harvest", "cleaner")
    answers = {
        a.partition(" RESULT:")[0] for a in table["response"].to_pylist() if a and a.startswith("Step 1.")
    }
    returned = [text for text in _prompts(table) if "RESULT: as derived." in text]
    assert 0.1 < len(returned) / table.num_rows < 0.4
    assert any(answer in text for text in returned for answer in answers)


def test_stored_sessions_carry_dates_from_before_the_window(asked: Any) -> None:
    dated = [
        text for text in _prompts(asked("harvest", "store")) if re.search(r"2025-(09|1[0-2])-\d\d", text)
    ]
    assert len(dated) > 20


def test_a_relay_of_agent_users_sends_their_programs_prompts_over_its_own_client(asked: Any) -> None:
    table = asked("harvest", "harness")
    assert set(table["system_prompt"].drop_null().to_pylist()) <= set(grammar()["agent_systems"])
    assert len(set(table["header_profile"].drop_null().to_pylist())) == 1


def test_the_same_few_probes_are_asked_over_the_whole_campaign(asked: Any) -> None:
    table = asked("evasion", "canary")
    short = table.filter(pc.less_equal(table["max_tokens"], 64))
    assert 0 < short.num_rows < 0.15 * table.num_rows
    assert len(set(_prompts(short))) <= len(grammar()["ruses"]["canary"])


def test_blocked_requests_are_asked_again_elsewhere_within_seconds(asked: Any) -> None:
    table = asked("evasion", "failover", 30_000)
    rows = table.select(["ts", "account_id", "prompt", "status"]).to_pylist()
    blocked = [row for row in rows if row["status"] == 403 and row["prompt"]]
    again = [row for row in blocked if any(_retries(row, other) for other in rows)]
    assert len(blocked) > 10
    assert len(again) >= 0.6 * len(blocked)


def _retries(row: dict[str, Any], other: dict[str, Any]) -> bool:
    seconds = (other["ts"] - row["ts"]).total_seconds()
    return other["prompt"] == row["prompt"] and other["account_id"] != row["account_id"] and 0 < seconds < 10


def test_a_refused_task_list_moves_to_the_weaker_model(asked: Any) -> None:
    table = asked("evasion", "arbitrage")
    half = table.num_rows // 2
    before, after = table.slice(0, half // 2), table.slice(half + half // 2)
    assert _refused(before) > 0.25
    assert _refused(after) < 0.1
    assert Counter(before["model"].to_pylist())["opal-4-mini"] < 0.1 * before.num_rows
    assert Counter(after["model"].to_pylist())["opal-4-mini"] > 0.8 * after.num_rows


def test_a_stolen_key_is_used_by_its_owner_and_by_the_thief_from_elsewhere(world: World) -> None:
    made = world("access")
    joined = _beside_truth(made)
    mine = joined.filter(pc.starts_with(pc.fill_null(joined["campaign"], ""), "stolen-keys"))
    thief, owner = mine.filter(mine["extraction"]), mine.filter(pc.invert(mine["extraction"]))
    for column in ("client_ip", "header_profile"):
        assert not set(thief[column].drop_null().to_pylist()) & set(owner[column].drop_null().to_pylist())
    keys = [set(side["api_key_id"].drop_null().to_pylist()) for side in (thief, owner)]
    assert keys[0] & keys[1]
    assert pc.min(thief["ts"]).as_py() > pc.min(owner["ts"]).as_py()


def test_some_accounts_of_a_concession_campaign_hold_the_programme(world: World) -> None:
    made = world("access")
    accounts = made.truth("accounts")
    mine = accounts.filter(pc.starts_with(pc.fill_null(accounts["campaign"], ""), "concession"))
    ids = set(mine["account_id"].to_pylist())
    held = [bool(r["programmes"]) for r in made.table("accounts").to_pylist() if r["account_id"] in ids]
    assert 0 < sum(held) < len(held)
