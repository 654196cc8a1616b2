"""How much memory there is, as the machine and groups of processes tell."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stillwatch.fingerprint import limit
from stillwatch.fingerprint.limit import UNKNOWN, is_in_memory, memory_limit

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


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"\n\n",
        b"rubbish\n",
        b"0::\n",
        b"0::relative\n",
        b"0::/../outside\n",
        b"0::/sl\xe9ice\n",
        "0::/of\u2028two: lines\n".encode(),
    ],
)
def test_a_line_that_is_like_no_other_stops_no_scan(groups: Path, told: bytes) -> None:
    (groups / "own").write_bytes(told)
    assert memory_limit() == 8192 * MIB


@pytest.mark.parametrize("told", ["-1\n", "", "none\n"])
def test_what_is_no_number_of_bytes_bounds_nothing(groups: Path, told: str) -> None:
    _write(groups / "own", "0::/named: so\n")
    _write(groups / "groups/named: so/memory.max", told)
    assert memory_limit() == 8192 * MIB
    _write(groups / "groups/named: so/memory.max", f"{MIB}\n")
    assert memory_limit() == MIB


def test_a_kind_of_group_is_its_whole_name(groups: Path) -> None:
    _write(groups / "own", "4:nomemory:/a\n")
    _write(groups / "groups/memory/a/memory.limit_in_bytes", f"{MIB}\n")
    assert memory_limit() == 8192 * MIB


def test_a_folder_lies_where_the_nearest_mount_around_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts, disk = tmp_path / "mounts", tmp_path / "run" / "disk"
    monkeypatch.setattr(limit, "_MOUNTS", mounts)
    disk.mkdir(parents=True)
    assert not is_in_memory(disk)
    mounts.write_text(f"/dev/a / ext4 rw 0 0\n\nshort\ntmpfs {tmp_path}/run tmpfs rw 0 0\n", "utf-8")
    assert is_in_memory(disk)
    assert not is_in_memory(tmp_path)
    (tmp_path / "link").symlink_to(disk)
    assert is_in_memory(tmp_path / "link")
    mounts.write_text(mounts.read_text("utf-8") + f"/dev/b {disk} xfs rw 0 0\n", "utf-8")
    assert not is_in_memory(disk / "below")


@pytest.mark.usefixtures("groups")
def test_where_the_system_does_not_say_nothing_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": -1, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert memory_limit() == UNKNOWN
    monkeypatch.delattr(os, "sysconf")
    assert memory_limit() == UNKNOWN
