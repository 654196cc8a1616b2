"""Extensions are found, and those that cannot be used are named."""

from __future__ import annotations

from importlib import metadata

import pytest

from stillwatch import registry
from stillwatch.errors import PluginError
from stillwatch.signals._base import Signal


def install(monkeypatch: pytest.MonkeyPatch, *entries: tuple[str, str]) -> None:
    found = [metadata.EntryPoint(name, value, "stillwatch.signals") for name, value in entries]
    monkeypatch.setattr(
        registry.metadata, "entry_points", lambda group: found if group.endswith("signals") else []
    )


def test_signals_are_found_by_being_in_their_room() -> None:
    assert "shared_template" in registry.discover("signals", Signal)


def test_names_come_in_order() -> None:
    names = list(registry.discover("signals", Signal))
    assert names == sorted(names)


def test_a_manual_page_is_the_docstring_of_the_module() -> None:
    assert registry.extensions("signals", Signal)["shared_template"].manual.startswith(
        "Accounts whose prompts"
    )


def test_an_extension_that_does_not_load_is_named_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, ("broken", "no_such_package.signal"))
    with pytest.raises(PluginError, match=r"'broken'.*no_such_package.*STILLWATCH_WITHOUT=broken"):
        registry.discover("signals", Signal)


def test_an_extension_is_left_out_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, ("broken", "no_such_package.signal"))
    monkeypatch.setenv("STILLWATCH_WITHOUT", "other, broken")
    assert registry.discover("signals", Signal)


def test_two_extensions_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, ("copy", "stillwatch.signals.shared_template"))
    with pytest.raises(PluginError, match="Two extensions of signals are called 'shared_template'"):
        registry.discover("signals", Signal)


def test_an_extension_of_the_wrong_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, ("wrong", "stillwatch.errors:PluginError"))
    with pytest.raises(PluginError, match="holds no Signal"):
        registry.discover("signals", Signal)
