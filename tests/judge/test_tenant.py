"""A tenant found among the customers of a pool, by texts around a changing slot."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.streams import Carried
from stillwatch.judge.tenant import Tenant, tenant

FRAME, POPULAR = 7, 8
PARTIES, CARRIERS, EACH = 30, 20, 200


def pool(
    rng: np.random.Generator, share: float, *, tasks: int = 1_000_000, unread: float = 0.0
) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """Requests of a pool, the party of each, and which of them the tenant made.

    The first `CARRIERS` of `PARTIES` carry a tenant with that share of their requests, through one template with so many
    tasks. A twentieth of all other requests are one popular prompt or another.
    """
    party = np.repeat(np.arange(PARTIES), EACH)
    mine = (party < CARRIERS) & (rng.random(len(party)) < share)
    popular = ~mine & (rng.random(len(party)) < 0.05)
    prompt = rng.integers(1_000, 1_000_000_000, len(party))
    prompt = np.where(mine, 2_000_000_000 + rng.integers(0, tasks, len(party)), prompt)
    prompt = np.where(popular, 100 + rng.integers(0, 5, len(party)), prompt)
    template = np.where(mine, FRAME, np.where(popular, POPULAR, 0))
    seen = rng.random(len(party)) >= unread
    columns = {"prompt": np.where(seen, prompt, 0), "template": np.where(seen, template, 0)}
    texts = {k: v.astype(np.uint64) for k, v in columns.items()}
    return pa.table(texts | talk(party)), party, mine


def talk(party: np.ndarray, conversation: np.ndarray | None = None) -> dict[str, object]:
    """Columns of requests that follow each other, in those conversations or in none."""
    none = np.zeros(len(party), np.uint64)
    return {
        "account": pa.array(party, pa.int32()),
        "ts": np.arange(len(party)),
        "conversation": none if conversation is None else conversation.astype(np.uint64),
        "turns": pa.nulls(len(party), pa.int32()),
    }


def found(exchange: pa.Table, party: np.ndarray) -> Tenant | None:
    frames = [Carried("shared_template", "template", np.array([FRAME, POPULAR], np.uint64))]
    return tenant(exchange, np.arange(len(party)), party, frames)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("share", [0.05, 0.25, 0.9])
def test_a_tenant_is_found_with_its_parties_and_its_requests(share: float, seed: int) -> None:
    exchange, party, mine = pool(np.random.default_rng(seed), share)
    one = found(exchange, party)
    assert one is not None
    assert set(one.parties.tolist()) <= set(range(CARRIERS))
    assert len(one.parties) >= 0.9 * CARRIERS
    assert mine[one.rows].all()
    assert [f.keys.tolist() for f in one.frames] == [[FRAME]]


def test_popular_prompts_are_no_tenant() -> None:
    exchange, party, _ = pool(np.random.default_rng(1), 0.0)
    assert found(exchange, party) is None


def test_a_text_that_all_parties_repeat_is_none_of_the_tenants() -> None:
    exchange, party, _ = pool(np.random.default_rng(1), 0.3)
    one = found(exchange, party)
    assert one is not None
    assert POPULAR not in one.frames[0].keys


def test_a_second_template_whose_tasks_come_again_is_the_tenants_too() -> None:
    rng = np.random.default_rng(2)
    exchange, party, mine = pool(rng, 0.4)
    again = mine & (rng.random(len(party)) < 0.5)
    prompt = np.where(again, 3_000_000_000 + rng.integers(0, 200, len(party)), exchange["prompt"].to_numpy())
    template = np.where(again, POPULAR + 1, exchange["template"].to_numpy())
    texts = {"prompt": prompt.astype(np.uint64), "template": template.astype(np.uint64)}
    exchange = pa.table(texts | talk(party))
    frames = [Carried("shared_template", "template", np.array([FRAME, POPULAR, POPULAR + 1], np.uint64))]
    one = tenant(exchange, np.arange(len(party)), party, frames)
    assert one is not None
    assert np.isin(np.flatnonzero(again), one.rows).all()


def test_requests_without_a_prompt_are_nobodys() -> None:
    exchange, party, mine = pool(np.random.default_rng(3), 0.3, unread=0.2)
    one = found(exchange, party)
    assert one is not None
    assert mine[one.rows].all()
    assert (exchange["prompt"].to_numpy()[one.rows] != 0).all()


def test_a_pool_without_readable_requests_has_no_tenant() -> None:
    exchange, party, _ = pool(np.random.default_rng(1), 0.3, unread=1.0)
    assert found(exchange, party) is None


def test_the_order_of_rows_does_not_matter() -> None:
    exchange, party, _ = pool(np.random.default_rng(5), 0.1)
    order = np.random.default_rng(6).permutation(len(party))
    one, other = found(exchange, party), found(exchange.take(order), party[order])
    assert one is not None
    assert other is not None
    assert one.parties.tolist() == other.parties.tolist()
    assert one.rows.tolist() == np.sort(order[other.rows]).tolist()


def test_a_tenant_whose_tasks_all_come_again_is_found_by_how_many_it_has() -> None:
    exchange, party, mine = pool(np.random.default_rng(7), 0.6, tasks=900)
    one = found(exchange, party)
    assert one is not None
    assert one.parties.tolist() == list(range(CARRIERS))
    assert np.isin(np.flatnonzero(mine), one.rows).all()


def test_a_tenant_has_all_of_the_conversations_that_its_frames_stand_in() -> None:
    exchange, party, mine = pool(np.random.default_rng(1), 0.25)
    conversation = np.arange(len(party)) // 4 + 1
    exchange = pa.table(
        dict(zip(exchange.column_names, exchange.columns, strict=True)) | talk(party, conversation)
    )
    one = found(exchange, party)
    assert one is not None
    carried = np.isin(conversation, conversation[mine]) & np.isin(party, one.parties)
    assert set(one.rows.tolist()) == set(np.flatnonzero(carried).tolist())
