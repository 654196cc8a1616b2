"""A crew: what it is asked comes back in order, whoever did it, and its end does not wait for what nobody asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from stillwatch.engine.crew import Crew

SEVERAL = pytest.mark.parametrize("threads", [1, 2, 4])


@SEVERAL
def test_results_come_in_the_order_of_the_items(threads: int) -> None:
    def slow_at_first(number: int) -> int:
        time.sleep(0.01 if number % 3 == 0 else 0)
        return number

    with Crew(threads) as crew:
        assert list(crew.each(slow_at_first, range(20))) == list(range(20))


@SEVERAL
def test_pieces_have_pieces_of_their_own(threads: int) -> None:
    def sums(number: int) -> int:
        return sum(crew.each(lambda below: sum(crew.each(abs, range(below))), range(number)))

    with Crew(threads) as crew:
        assert list(crew.each(sums, range(9))) == [sum(sum(range(j)) for j in range(i)) for i in range(9)]


def test_who_is_free_helps_with_the_pieces_of_a_piece() -> None:
    met = threading.Barrier(2, timeout=20)

    def meets(_number: int) -> int:
        return met.wait()

    def one_piece(_number: int) -> list[int]:
        return sorted(crew.each(meets, range(2)))

    with Crew(2) as crew:
        assert list(crew.each(one_piece, range(1))) == [[0, 1]]


@SEVERAL
def test_only_a_few_items_are_drawn_ahead(threads: int) -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    with Crew(threads) as crew:
        assert list(islice(crew.each(str, items()), 3)) == ["0", "1", "2"]
    assert len(drawn) <= 3 + threads


@SEVERAL
def test_an_error_comes_where_its_result_would_have_come(threads: int) -> None:
    def fails_from_two_on(number: int) -> int:
        if number >= 2:
            raise ValueError(number)
        time.sleep(0.02)
        return number

    with Crew(threads) as crew:
        found = crew.each(fails_from_two_on, range(10))
        assert [next(found), next(found)] == [0, 1]
        with pytest.raises(ValueError, match="2"):
            next(found)


def test_what_ends_a_piece_that_is_no_error_ends_the_caller_too() -> None:
    def ends(_: int) -> None:
        raise SystemExit(3)

    with Crew(2) as crew, pytest.raises(SystemExit):
        list(crew.each(ends, range(4)))


def test_who_is_interrupted_does_not_wait_for_what_nobody_has_begun() -> None:
    done: list[int] = []
    begun = threading.Event()

    def slow(number: int) -> None:
        begun.set()
        time.sleep(0.01)
        done.append(number)

    def interrupted() -> Iterator[int]:
        yield 0
        assert begun.wait(timeout=20)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Crew(2) as crew:
        list(crew.each(lambda _: list(crew.each(slow, range(1000))), interrupted()))
    assert len(done) < 500


def test_before_and_after_it_was_called_the_caller_does_everything() -> None:
    crew = Crew(4)
    with crew:
        pass
    assert set(crew.each(lambda _: threading.get_ident(), range(8))) == {threading.get_ident()}
