"""What decides, besides a file's bytes, what comes out of its door: code, versions, format, and a model of meanings.

A partial is taken only if all of it was the same. Code is told by its bytes, not by a version that somebody has to
remember to raise; so a change to a reader or to a key makes every partial anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from stillwatch import fingerprint, model, sources
from stillwatch.registry import PACKAGE, extensions
from stillwatch.sources._base import Source
from stillwatch.sources.files import LogFile

LAYOUT = 1
"""Of the files of a partial; another number reads no earlier partial."""
LIBRARIES = (PACKAGE, "msgspec", "numba", "numpy", "pyarrow", "zstandard")
"""What text is turned into keys with."""


def making(file: LogFile, models: dict[str, str]) -> str:
    """A digest of all that decides how this file is read; `models` are digests of what the log is read with."""
    told = (
        str(LAYOUT),
        _ours(),
        _outside(file),
        file.source.name,
        file.path.suffix.lower(),
        repr(sorted(models.items())),
    )
    return sha256("\n".join(told).encode("utf-8", "surrogateescape")).hexdigest()


@cache
def _ours() -> str:
    versions = [python_version(), *(f"{name} {version(name)}" for name in LIBRARIES)]
    rooms = [_code(Path(str(room.__file__)).parent) for room in (fingerprint, model, sources)]
    return " ".join((*versions, *rooms))


def _outside(file: LogFile) -> str:
    """What reads the file if it is no format of ours: its code, and the file's name, which it may look at."""
    code = _code_outside(file.source.name)
    return f"{code} {file.path.name}" if code else ""


@cache
def _code_outside(name: str) -> str:
    """Where a format comes from and the code of its package; nothing for one of ours."""
    module = extensions("sources", Source)[name].origin.partition(" of package ")[0]
    top = module.partition(":")[0].partition(".")[0]
    if top == PACKAGE:
        return ""
    place = Path(str(import_module(top).__file__))
    return f"{module} {_code(place.parent if place.name == '__init__.py' else place)}"


def _code(place: Path) -> str:
    """A digest of a module, or of all files of a package but what Python makes of them."""
    told = sha256()
    for path in _files(place):
        told.update(path.relative_to(place.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()


def _files(place: Path) -> Iterator[Path]:
    found = [place] if place.is_file() else sorted(place.rglob("*"))
    return (path for path in found if path.is_file() and "__pycache__" not in path.parts)
