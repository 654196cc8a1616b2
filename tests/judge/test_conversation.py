"""Which requests open a conversation, and which belong to one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.judge.conversation import keys, numbers, opens


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
    assert keys(np.zeros(2, np.uint64), np.array([1, 2])).tolist() == [0, 0]


def test_no_requests_open_nothing() -> None:
    assert opens(log([])).tolist() == []
    assert numbers(log([]), np.arange(0)).tolist() == []
