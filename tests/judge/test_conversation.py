"""Which requests open a conversation, and which belong to one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.judge.conversation import around, numbers, opens


def log(rows: list[tuple[int, int, int, int | None]]) -> pa.Table:
    """Requests of (account, time, conversation, turns)."""
    account, when, conversation, turns = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table(
        {
            "account": pa.array(account, pa.int32()),
            "ts": pa.array(when, pa.int64()),
            "conversation": pa.array(conversation, pa.uint64()),
            "turns": pa.array(turns, pa.int32()),
        }
    )


def test_a_conversation_is_opened_by_its_first_request_in_any_order_of_rows() -> None:
    assert opens(log([(1, 30, 5, None), (1, 10, 5, 3), (1, 20, 5, 5)])).tolist() == [False, True, False]


def test_one_message_opens_a_conversation_wherever_it_stands() -> None:
    assert opens(log([(1, 10, 5, 1), (1, 20, 5, 1), (1, 30, 5, 3)])).tolist() == [True, True, False]


def test_without_a_conversation_the_number_of_messages_tells() -> None:
    assert opens(log([(1, 10, 0, 1), (1, 20, 0, 4), (1, 30, 0, None)])).tolist() == [True, False, True]


def test_the_same_id_of_two_accounts_is_two_conversations() -> None:
    exchange = log([(1, 10, 5, 3), (2, 20, 5, 3), (1, 30, 5, 5)])
    assert opens(exchange).tolist() == [True, True, False]
    first, second, third = numbers(exchange, np.arange(3)).tolist()
    assert first == third != second


def test_requests_without_a_conversation_stand_alone() -> None:
    exchange = log([(1, 10, 0, 1), (1, 10, 0, 1), (1, 10, 7, 1), (1, 10, 7, 3)])
    assert len(set(numbers(exchange, np.arange(4)).tolist())) == 3


def test_one_id_on_all_that_a_program_asks_is_many_conversations() -> None:
    exchange = log([(1, 40, 5, 3), (1, 10, 5, 1), (1, 20, 5, 3), (1, 30, 5, 2), (1, 50, 5, None)])
    first, again, second, third, fourth = (numbers(exchange, np.arange(5))[at] for at in (1, 2, 3, 0, 4))
    assert first == again != second == third == fourth


def test_conversations_are_the_same_in_any_order_of_rows() -> None:
    rng = np.random.default_rng(5)
    rows = [
        (int(rng.integers(3)), int(rng.integers(6)), int(rng.integers(3)), int(rng.integers(1, 5)))
        for _ in range(60)
    ]
    one, back = numbers(log(rows), np.arange(60)), numbers(log(rows[::-1]), np.arange(60))[::-1]
    assert all(((one == one[at]) == (back == back[at])).all() for at in range(60))


def test_no_requests_open_nothing() -> None:
    assert opens(log([])).tolist() == []
    assert numbers(log([]), np.arange(0)).tolist() == []


REQUEST = st.tuples(
    st.integers(0, 2), st.integers(0, 5), st.integers(0, 3), st.one_of(st.none(), st.integers(1, 4))
)


@given(st.lists(st.tuples(REQUEST, st.booleans(), st.booleans()), max_size=40))
def test_around_chosen_requests_is_all_of_their_conversations(
    rows: list[tuple[tuple[int, int, int, int | None], bool, bool]],
) -> None:
    exchange, looked_at = log([row for row, _, _ in rows]), np.flatnonzero([at for _, at, _ in rows])
    chosen = np.array([is_chosen for _, _, is_chosen in rows], np.bool_)[looked_at]
    number = numbers(exchange, looked_at)
    whole = np.isin(number, number[chosen])
    assert around(exchange, looked_at, chosen).tolist() == whole.tolist()
