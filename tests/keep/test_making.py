"""What a file is read with is part of what its partial is found by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stillwatch.keep import making
from stillwatch.registry import Extension
from stillwatch.sources.files import LogFile, sources


@pytest.fixture(autouse=True)
def forgotten() -> None:
    making._code_outside.cache_clear()


def file(name: str, source: str = "jsonl") -> LogFile:
    return LogFile(Path("logs") / name, f"exchanges/{name}", sources()[source])


def test_the_name_of_a_file_does_not_matter_but_how_it_is_packed_does() -> None:
    assert making.making(file("a.jsonl"), {}) == making.making(file("b.jsonl"), {})
    assert making.making(file("a.jsonl"), {}) != making.making(file("a.jsonl.gz"), {})


def test_format_and_model_of_meanings_matter() -> None:
    found = [
        making.making(file("a.log"), {}),
        making.making(file("a.log", "litellm"), {}),
        making.making(file("a.log"), {"meaning_model": "sha256:1"}),
        making.making(file("a.log"), {"meaning_model": "sha256:2"}),
    ]
    assert len(set(found)) == 4


def test_the_bytes_of_the_code_matter_and_what_python_makes_of_them_does_not(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "__pycache__").mkdir(parents=True)
    (package / "door.py").write_text("one")
    before = making._code(package)
    (package / "__pycache__" / "door.pyc").write_text("compiled")
    assert making._code(package) == before
    (package / "door.py").write_text("two")
    assert making._code(package) != before


@pytest.fixture
def anew() -> Iterator[None]:
    """What is found out about formats is forgotten afterwards."""
    yield
    making._code_outside.cache_clear()


@pytest.mark.usefixtures("anew")
@pytest.mark.parametrize("form", ["package", "module"])
def test_a_format_of_another_package_is_known_by_its_code_and_may_look_at_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    name = f"acme_{form}"
    place = tmp_path / name / "__init__.py" if form == "package" else tmp_path / f"{name}.py"
    place.parent.mkdir(exist_ok=True)
    place.write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    theirs = Extension(sources()["jsonl"], "", f"{name}:SOURCE of package acme")
    monkeypatch.setattr(making, "extensions", lambda _room, _kind: {"jsonl": theirs})
    before = making.making(file("a.jsonl"), {})
    assert before != making.making(file("b.jsonl"), {})
    making._code_outside.cache_clear()
    place.write_text("changed = True")
    assert before != making.making(file("a.jsonl"), {})
