from __future__ import annotations

import sys

import pytest

from stillwatch.engine.open import EngineSettings, open_engine, open_executors
from stillwatch.errors import SettingsError, UsageError
from stillwatch.settings import load


def _most_for_queries(**given: object) -> str:
    with open_engine(**given) as engine:
        return str(engine.query("SELECT current_setting('memory_limit') AS most")["most"][0])


def test_queries_take_half_of_the_memory_that_is_named_or_else_of_what_there_is() -> None:
    named = EngineSettings(memory="4GB")
    assert _most_for_queries(settings=named) == _most_for_queries(settings=named, there_is=12_000_000_000)
    assert _most_for_queries(there_is=4_000_000_000) == _most_for_queries(settings=named)
    assert _most_for_queries(there_is=12_000_000_000) == "5.5 GiB"
    assert _most_for_queries(there_is=1) == "488.2 KiB"


def test_a_master_needs_the_engine_that_has_one() -> None:
    with pytest.raises(SettingsError, match="ask for --engine spark"):
        EngineSettings(master="local[2]")


def test_threads_of_spark_are_the_masters() -> None:
    with pytest.raises(SettingsError, match=r"--master local\[3\]"):
        EngineSettings(name="spark", threads=3)


def test_meanings_are_not_compared_on_spark() -> None:
    with pytest.raises(SettingsError, match="does not compare meanings"):
        load(overrides={"engine.name": "spark", "signals.meaning_model": "models/static"})


@pytest.mark.parametrize("missing", ["pyspark", "sqlglot"])
def test_without_the_extra_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in [
        n for n in sys.modules if n.startswith("stillwatch.engine.") and n != "stillwatch.engine.open"
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UsageError, match=r"pip install 'stillwatch\[spark\]'"):
        open_executors(EngineSettings(name="spark"))


def test_a_server_that_does_not_answer_is_named_at_once() -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'stillwatch[spark]'")
    with pytest.raises(UsageError, match=r"No Spark Connect server answers at sc://127\.0\.0\.1:1"):
        open_executors(EngineSettings(name="spark", master="sc://127.0.0.1:1"))
