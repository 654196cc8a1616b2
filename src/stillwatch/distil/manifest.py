"""The statement of how a student was made: an in-toto Statement whose subjects are the files of the folder by SHA-256.

A signature says who states it, if the public key came by another way; it does not say that the statement is true.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stillwatch.distil.exchanges import file_digest
from stillwatch.errors import InputError

STATEMENT, ENVELOPE, PUBLIC = "provenance.json", "provenance.dsse.json", "provenance.pub"
MODEL_SIGNATURE, MODEL_PUBLIC = "model.sig", "model.pub"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://stillwatch.dev/distillation/v1"
_OURS = {STATEMENT, ENVELOPE, PUBLIC, MODEL_SIGNATURE, MODEL_PUBLIC}
LIBRARIES = ("stillwatch", "torch", "tokenizers", "safetensors", "numpy", "transformers", "trl")


def digests(folder: Path, *, follows: bool = False) -> Mapping[str, str]:
    """Each file of a folder, by its SHA-256, without the statement itself.

    A link is refused unless it is followed: it could point anywhere. What is neither file nor folder is refused: whoever reads a pipe waits for ever.
    """
    found = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_symlink() and not follows:
            raise InputError(
                f"{file} is a link. A statement holds for files only; put the file itself there."
            )
        if file.exists() and not file.is_file() and not file.is_dir():
            raise InputError(
                f"{file} is neither a file nor a folder. A statement holds for files only; take it away."
            )
        if file.is_file() and name not in _OURS:
            found[name] = file_digest(file)
    return found


def folder_digest(folder: Path) -> str:
    """One digest of all files of a folder and their names."""
    told = json.dumps(digests(folder, follows=True), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode("ascii")).hexdigest()


def versions() -> Mapping[str, str]:
    """The libraries that had a part in it."""
    return {name: version(name) for name in LIBRARIES if find_spec(name)}


def statement(folder: Path, told: Mapping[str, Any]) -> bytes:
    """The statement on the files of a folder; `told` is what a `Making` tells, and which signatures there will be."""
    made = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in digests(folder).items()],
        "predicateType": PREDICATE,
        "predicate": {**told, "versions": versions()},
    }
    return as_json(made)


def as_json(value: Any) -> bytes:
    """JSON for people and machines: the same value, the same bytes."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("ascii")
