"""How much memory there is, as the machine and groups of processes tell."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stillwatch.fingerprint import limit
from stillwatch.fingerprint.limit import UNKNOWN, memory_limit

MIB = 1 << 20


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system without groups and with 8 GiB."""
    monkeypatch.setattr(limit, "_OWN", tmp_path / "own")
    monkeypatch.setattr(limit, "_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 2048 * 1024, "SC_PAGE_SIZE": 4096}.__getitem__)
    return tmp_path


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "ascii")


@pytest.mark.usefixtures("groups")
def test_without_groups_it_is_what_the_machine_has() -> None:
    assert memory_limit() == 8192 * MIB


def test_a_group_may_take_less_and_so_may_one_around_it(groups: Path) -> None:
    _write(groups / "own", "0::/outer/inner\n")
    _write(groups / "groups/outer/inner/memory.max", "max\n")
    assert memory_limit() == 8192 * MIB
    _write(groups / "groups/outer/memory.max", f"{512 * MIB}\n")
    assert memory_limit() == 512 * MIB
    _write(groups / "groups/outer/inner/memory.max", f"{256 * MIB}\n")
    assert memory_limit() == 256 * MIB


def test_groups_of_the_first_layout_are_asked_too_and_only_those_of_memory(groups: Path) -> None:
    _write(groups / "own", "5:cpu,cpuacct:/a\n4:memory:/not/here\n0::/\n")
    _write(groups / "groups/cpu/a/memory.limit_in_bytes", f"{MIB}\n")
    _write(groups / "groups/memory/memory.limit_in_bytes", f"{1024 * MIB}\n")
    assert memory_limit() == 1024 * MIB, "in a container the names are those of outside"
    _write(groups / "groups/memory/memory.limit_in_bytes", "9223372036854771712\n")
    assert memory_limit() == 8192 * MIB


@pytest.mark.usefixtures("groups")
def test_where_the_system_does_not_say_nothing_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sysconf")
    assert memory_limit() == UNKNOWN
