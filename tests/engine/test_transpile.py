from __future__ import annotations

import pytest

from stillwatch.errors import EngineError
from stillwatch.registry import discover
from stillwatch.signals._base import Signal

pytest.importorskip("sqlglot", reason="sqlglot is not installed: pip install 'stillwatch[spark]'")

from stillwatch.engine.transpile import tables_of, to_spark

SIGNALS = discover("signals", Signal)


@pytest.mark.parametrize("name", SIGNALS)
def test_every_signal_is_in_the_part_of_sql_that_spark_can_be_asked(name: str) -> None:
    assert to_spark(SIGNALS[name].query, {"wanted": 1}, frozenset()).startswith(("SELECT", "WITH"))


def test_a_number_with_a_point_is_a_double() -> None:
    assert to_spark("SELECT avg(1.0)", {}, frozenset()) == "SELECT AVG(CAST(1.0 AS DOUBLE))"


def test_dividing_by_zero_is_no_error_also_inside_of_another_division() -> None:
    asked = to_spark("SELECT a / (b / c) FROM t", {}, frozenset())
    assert asked.count("TRY_DIVIDE") == 2
    assert "/" not in asked


def test_whole_numbers_are_divided_without_going_through_fractions() -> None:
    assert "DIV" in to_spark("SELECT ts // 3600000000 FROM t", {}, frozenset())


def test_a_parameter_becomes_a_literal_wherever_it_stands() -> None:
    assert to_spark("SELECT $n + $n", {"n": 7}, frozenset()) == "SELECT 7 + 7"


def test_a_parameter_without_a_value_is_named() -> None:
    with pytest.raises(EngineError, match=r"no value for \$n"):
        to_spark("SELECT $n", {}, frozenset())


def test_keys_are_sorted_as_unsigned_numbers() -> None:
    asked = to_spark("SELECT row_number() OVER (ORDER BY k, n) FROM t", {}, frozenset({"k"}))
    assert "ORDER BY `k` < 0 NULLS LAST, `k` NULLS LAST, `n` NULLS LAST" in asked


def test_what_is_no_sql_is_refused_with_its_text() -> None:
    with pytest.raises(EngineError, match="SELEC a"):
        to_spark("SELEC a FRM", {}, frozenset())


def test_the_tables_that_a_statement_reads_are_told_without_those_that_it_makes() -> None:
    sql = "WITH own AS (SELECT * FROM first) SELECT * FROM own JOIN second USING (n), (SELECT n FROM third)"
    assert tables_of(sql) == {"first", "second", "third"}
