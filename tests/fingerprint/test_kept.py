"""Columns come back as they went in, from memory and from disk alike."""

from __future__ import annotations

import gc
import resource
import signal
import tempfile
import types
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from stillwatch import scan
from stillwatch.errors import DiskError
from stillwatch.fingerprint import kept as keeping
from stillwatch.fingerprint.kept import InMemory, Kept, OnDisk, WhileTheyFit, kept_where
from stillwatch.settings import load
from stillwatch.simulate.worlds import build

BATCHES = (
    {"n": pa.array([1, None, 3], pa.int32()), "text": pa.array(["a", None, "b"])},
    {"n": pa.array([], pa.int32()), "text": pa.array([], pa.string())},
    {"n": pa.array([4], pa.int32()), "text": pa.array(["灯"])},
)


@pytest.fixture(autouse=True)
def _on_a_disk(monkeypatch):
    """What is tested hangs on no machine: temporary files lie on a disk with room."""
    monkeypatch.setattr(keeping, "is_in_memory", lambda _: False)
    monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=1_000_000_000))


@pytest.fixture(params=["memory", "disk", 0, 20, 30, 40, 1_000])
def kept(request) -> Kept:
    """Columns in memory, on disk, and moved there with the first of the batches, with a later one or with none."""
    return {"memory": InMemory, "disk": OnDisk}.get(request.param, lambda: WhileTheyFit(request.param))()


@pytest.mark.parametrize("whole", [True, False])
def test_columns_come_back_in_order(kept, whole):
    for batch in BATCHES:
        kept.add(batch)
    numbers, texts = kept.take("n", pa.int32(), whole=whole), kept.take("text", pa.string(), whole=False)
    assert numbers.to_pylist() == [1, None, 3, 4]
    assert numbers.type == pa.int32()
    assert texts.to_pylist() == ["a", None, "b", "灯"]
    assert not whole or numbers.num_chunks == 1


def test_a_batch_that_lies_in_a_file_is_not_written_again(monkeypatch):
    kept = OnDisk()
    for batch, is_mapped in zip(BATCHES, (True, False, True), strict=True):
        kept.add(batch, mapped=batch if is_mapped else ())
    assert kept.take("n", pa.int32(), whole=True).to_pylist() == [1, None, 3, 4]
    assert kept.take("text", pa.string(), whole=False).to_pylist() == ["a", None, "b", "灯"]
    monkeypatch.setattr("tempfile.TemporaryFile", None)
    OnDisk().add(BATCHES[0], mapped=BATCHES[0])


def _numbers() -> pa.Array:
    """A thousand of them, 8,000 bytes that are Arrow's own."""
    return pc.add(pa.array(range(1_000), pa.int64()), 1)


def test_columns_move_to_the_disk_once_they_do_not_fit():
    kept, before = WhileTheyFit(20_000), pa.total_allocated_bytes()
    for _ in range(2):
        kept.add({"n": _numbers()})
    assert pa.total_allocated_bytes() - before >= 16_000
    assert not kept.in_files
    kept.add({"n": _numbers()})
    assert pa.total_allocated_bytes() - before < 8_000
    assert kept.in_files
    assert kept.take("n", pa.int64(), whole=False).to_pylist() == [*range(1, 1_001)] * 3


def test_columns_that_lie_in_a_file_already_take_no_memory(monkeypatch):
    monkeypatch.setattr(OnDisk, "add", None)
    kept = WhileTheyFit(20_000)
    for _ in range(2):
        kept.add({"there": _numbers(), "n": _numbers()}, mapped=["there"])
    assert kept.take("there", pa.int64(), whole=False).to_pylist() == [*range(1, 1_001)] * 2


def test_columns_that_lie_in_a_file_already_are_not_moved(monkeypatch):
    kept, added = WhileTheyFit(20_000), []
    monkeypatch.setattr(OnDisk, "add", lambda _, columns, *, mapped: added.append((columns["n"], mapped)))
    numbers = [pc.add(_numbers(), at) for at in range(4)]
    lies = [["there"], [], ["there", "n"], []]
    for one, mapped in zip(numbers, lies, strict=True):
        kept.add({"there": one, "n": one}, mapped=mapped)
    assert added == [*zip(numbers[:2], lies[:2], strict=True), *zip(numbers[2:], lies[2:], strict=True)]


def test_batches_of_the_same_types_are_put_together_in_memory_up_to_a_size(monkeypatch):
    monkeypatch.setattr(keeping, "TOGETHER", 20_000)
    kept = InMemory()
    for at in range(5):
        kept.add({"n": pc.add(_numbers(), at)})
    kept.add({"n": pa.array([7], pa.uint8())})
    numbers = kept.take("n", pa.int64(), whole=False, settled=lambda part: part.cast(pa.int64()))
    assert [len(part) for part in numbers.chunks] == [2_000, 2_000, 1_000, 1]
    assert numbers.to_pylist() == [*(one + at for at in range(5) for one in range(1, 1_001)), 7]


def test_batches_that_lie_in_a_file_are_not_put_together():
    kept, there = InMemory(), [pc.add(_numbers(), at) for at in range(3)]
    for one, mapped in zip(there, ([], ["n"], []), strict=True):
        kept.add({"n": one}, mapped=mapped)
    assert kept.taken == 16_000
    lies = kept.take("n", pa.int64(), whole=False).chunks
    assert [part.buffers()[1].address for part in lies] == [one.buffers()[1].address for one in there]


@pytest.mark.parametrize("mended", ["room", "disk"])
def test_columns_stay_in_memory_where_the_disk_has_no_room_or_is_none_until_they_are_twice_as_many(
    monkeypatch, mended
):
    if mended == "room":
        monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=4 * 24_000 - 1))
    else:
        monkeypatch.setattr(keeping, "is_in_memory", lambda _: True)
    kept, before = WhileTheyFit(20_000), pa.total_allocated_bytes()
    for _ in range(3):
        kept.add({"n": _numbers()})
    monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=4 * 56_000))
    monkeypatch.setattr(keeping, "is_in_memory", lambda _: False)
    for _ in range(3):
        kept.add({"n": _numbers()})
    assert pa.total_allocated_bytes() - before >= 48_000
    kept.add({"n": _numbers()})
    assert pa.total_allocated_bytes() - before < 8_000
    assert isinstance(kept.room(2, 2), np.memmap)
    assert kept.take("n", pa.int64(), whole=False).to_pylist() == [*range(1, 1_001)] * 7


def test_columns_stay_in_memory_where_there_is_no_folder_for_files(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    kept = WhileTheyFit(100)
    kept.add({"n": _numbers()})
    assert len(kept.take("n", pa.int64(), whole=True)) == 1_000


def test_where_there_is_no_folder_for_files_it_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(DiskError, match="TMPDIR"):
        OnDisk().add({"n": _numbers()})


def test_where_columns_are_kept_hangs_on_the_bound_and_on_the_memory_that_there_is(monkeypatch):
    assert isinstance(kept_where(is_bounded=True), OnDisk)
    monkeypatch.setattr(keeping, "memory_limit", lambda: 60_000)
    kept, before = kept_where(is_bounded=False), pa.total_allocated_bytes()
    for _ in range(2):
        kept.add({"n": _numbers()})
    assert pa.total_allocated_bytes() - before >= 16_000
    kept.add({"n": _numbers()})
    assert pa.total_allocated_bytes() - before < 8_000
    assert len(kept.take("n", pa.int64(), whole=False)) == 3_000


@pytest.mark.parametrize("whole", [True, False])
def test_batches_of_several_types_are_settled_to_one(kept, whole):
    parts = [pa.array([1, None], pa.uint8()), pa.array([300], pa.uint16()), pa.array([2], pa.uint8())]
    for part in parts:
        kept.add({"n": part, "text": pa.array(["a"] * len(part))}, mapped=["text"])
    column = kept.take("n", pa.uint16(), whole=whole, settled=lambda part: part.cast(pa.uint16()))
    assert column.type == pa.uint16()
    assert column.to_pylist() == [1, None, 300, 2]
    assert kept.take("text", pa.string(), whole=False).to_pylist() == ["a"] * 4


def test_without_a_batch_a_column_is_empty(kept):
    assert kept.take("n", pa.int32(), whole=True) == pa.chunked_array([], pa.int32())


@pytest.mark.parametrize("rows", [0, 5])
def test_room_is_for_numbers(kept, rows):
    room = kept.room(rows, 3)
    room[:] = 7
    assert room.shape == (rows, 3)
    assert room.dtype == np.int32
    assert int(room.sum()) == rows * 21


def test_columns_on_disk_have_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = OnDisk()
    for batch in BATCHES:
        kept.add(batch)
    numbers, texts = kept.take("n", pa.int32(), whole=True), kept.take("text", pa.string(), whole=False)
    room = kept.room(4, 2)
    assert not list(tmp_path.iterdir())
    assert len(numbers) == len(texts) == len(room)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the system does not tell what is open")
def test_a_column_has_a_file_that_is_gone_once_it_was_put_together(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = OnDisk()
    for batch in BATCHES:
        kept.add(batch)

    def held() -> int:
        """Files there that are open or mapped."""
        links = [one for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
        told = Path("/proc/self/maps").read_text("utf-8").splitlines()
        mapped = {int(line.split()[4]) for line in told if str(tmp_path) in line}
        return len(mapped | {one.stat().st_ino for one in links if str(tmp_path) in str(one.readlink())})

    before = held()
    columns = [kept.take(name, kind, whole=True) for name, kind in (("n", pa.int32()), ("text", pa.string()))]
    assert before == held() == len(columns) == 2
    columns.clear()
    gc.collect()
    assert held() == 0


def test_batches_of_other_columns_are_not_put_together():
    kept = InMemory()
    for columns in (("n",), ("n", "m"), ("m", "n")):
        kept.add({name: _numbers() for name in columns})
    assert [len(kept.take(name, pa.int64(), whole=True)) for name in ("n", "m")] == [3_000, 2_000]


def test_a_full_disk_is_told():
    usual, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    kept = OnDisk()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, usual[1]))
        with pytest.raises(DiskError, match="TMPDIR"):
            kept.add({"n": pa.array(range(100_000), pa.int32())})
        with pytest.raises(DiskError, match="TMPDIR"):
            kept.room(100_000, 8)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_bound_of_memory_changes_no_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    world = tmp_path / "world"
    build("easy", seed=3, exchanges=30_000, out=world)
    scan(world, out=tmp_path / "free")
    scan(world, out=tmp_path / "bounded", settings=load(overrides={"engine.memory": "500MB"}))
    monkeypatch.setattr(keeping, "memory_limit", lambda: 6_000_000)
    monkeypatch.setattr("stillwatch.judge.brought.MOST_BROUGHT", 3_000)
    scan(world, out=tmp_path / "moved", keep=tmp_path / "kept")
    scan(world, out=tmp_path / "moved from kept", keep=tmp_path / "kept")
    names = sorted(path.name for path in (tmp_path / "free").iterdir())
    for other in ("bounded", "moved", "moved from kept"):
        for name in names:
            assert (tmp_path / "free" / name).read_bytes() == (tmp_path / other / name).read_bytes()
    assert not list(tmp_path.glob("stillwatch-*"))
