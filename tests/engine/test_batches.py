from __future__ import annotations

import threading
import time

import pytest

from stillwatch.engine.batches import in_order, together


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads):
    def slow_at_first(number):
        time.sleep(0.02 if number == 0 else 0)
        return number * number

    assert list(in_order(range(20), slow_at_first, threads=threads)) == [n * n for n in range(20)]


def test_no_items_give_no_results():
    assert list(in_order([], str, threads=3)) == []


@pytest.mark.parametrize("threads", [1, 3])
def test_only_a_few_items_are_drawn_ahead(threads):
    drawn = []

    def items():
        for number in range(100):
            drawn.append(number)
            yield number

    results = in_order(items(), str, threads=threads)
    next(results)
    assert len(drawn) <= threads + 1
    results.close()


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_comes_where_its_result_would_have_come(threads):
    def fails_on_two(number):
        if number == 2:
            raise ValueError("two")
        return number

    results = in_order(range(10), fails_on_two, threads=threads)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_of_the_items_is_raised(threads):
    def items():
        yield 1
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        list(in_order(items(), str, threads=threads))


def test_leaving_early_stops_the_threads():
    before = threading.active_count()
    results = in_order(range(1000), str, threads=2)
    next(results)
    results.close()
    assert threading.active_count() == before


def test_what_is_under_way_is_told_that_it_is_given_up():
    told = []
    results = in_order(range(1000), str, threads=2, given_up=lambda: told.append(True))
    next(results)
    results.close()
    assert told == [True]
    assert list(in_order(range(3), str, threads=2, given_up=lambda: told.append(True))) == ["0", "1", "2"]
    assert told == [True]


def test_as_many_as_asked_for_are_drawn_ahead_of_one_that_takes_long():
    others = threading.Semaphore(0)

    def function(number):
        if number:
            others.release()
            return number
        return sum(others.acquire(timeout=20) for _ in range(6))

    assert list(in_order(range(7), function, threads=2, ahead=7)) == [6, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("threads", [1, 3])
def test_jobs_give_what_they_give_by_their_names(threads):
    jobs = {"first": lambda: 1, "second": lambda: "two"}
    assert together(jobs, threads=threads) == {"first": 1, "second": "two"}
    assert list(together(jobs, threads=threads)) == ["first", "second"]


@pytest.mark.parametrize("threads", [1, 3])
def test_of_jobs_that_fail_the_first_is_told(threads):
    def late():
        time.sleep(0.02)
        raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        together({"late": late, "soon": lambda: {}["second"]}, threads=threads)
