"""Calls to end, whatever is at work when they come."""

from __future__ import annotations

import signal
import time
from typing import Any

import click
import duckdb
import pytest

from stillwatch.cli import ending
from stillwatch.cli.main import main


def make_an_error_of_it(number: signal.Signals) -> None:
    """As a library does that calls back into Python."""
    try:
        signal.raise_signal(number)
    except (SystemExit, KeyboardInterrupt) as error:
        raise ValueError(f"what was called back failed: {type(error).__name__}") from None


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_call_to_end_is_not_told_as_a_failure_of_what_was_at_work(
    number: signal.Signals, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = click.Command("formats", callback=lambda: make_an_error_of_it(number))
    monkeypatch.setattr("stillwatch.cli.formats.formats", command)
    with pytest.raises(SystemExit) as ended:
        main(["formats"])
    assert ended.value.code == status
    assert "did not foresee" not in capsys.readouterr().err


def test_a_call_to_end_during_a_query_is_one() -> None:
    class Asked:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("the call was not heard")

    with pytest.raises(SystemExit, match="143"), ending.heard(), ending.kept():
        duckdb.connect().register("asked", Asked())


def test_a_call_to_end_waits_until_compiled_code_that_cannot_bear_it_is_done() -> None:
    done: list[str] = []
    inside: dict[str, Any] = {"__name__": "numba.core.serialize", "signal": signal, "done": done}
    exec("def called(): signal.raise_signal(signal.SIGTERM); done.append('inside')", inside)  # noqa: S102

    def work() -> None:
        inside["called"]()
        done.append("outside")
        time.sleep(10)

    with pytest.raises(SystemExit, match="143"), ending.heard(), ending.kept():
        work()
    assert done == ["inside", "outside"]


def test_a_failure_without_a_call_stays_what_it_is() -> None:
    with pytest.raises(ValueError, match="garbage"), ending.heard(), ending.kept():
        raise ValueError("garbage")


def test_afterwards_calls_are_heard_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with ending.heard():
        assert signal.getsignal(signal.SIGTERM) != before[0]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
