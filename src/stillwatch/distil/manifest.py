"""The signed statement of how a student was made, and the check that nothing was altered since.

`provenance.json` is an in-toto Statement whose subjects are the files of the folder by SHA-256; `provenance.sig` is an Ed25519 signature over its bytes. A
signature says who states it, if the public key came by another way; it does not say that the statement is true.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stillwatch.errors import InputError, UsageError

STATEMENT, SIGNATURE, PUBLIC = "provenance.json", "provenance.sig", "provenance.pub"
EXTRA = "Signing needs the package cryptography: pip install 'stillwatch[share]'."
PREDICATE = "https://stillwatch.dev/distillation/v1"
_OURS = {STATEMENT, SIGNATURE, PUBLIC}
_LIBRARIES = ("stillwatch", "torch", "tokenizers", "safetensors", "numpy")


def digests(folder: Path) -> Mapping[str, str]:
    """Each file of a folder, by its SHA-256, without the statement itself. A link is refused: it could point anywhere."""
    found = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_symlink():
            raise InputError(
                f"{file} is a link. A statement holds for files only; put the file itself there."
            )
        if file.is_file() and name not in _OURS:
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def statement(folder: Path, told: Mapping[str, Any]) -> bytes:
    """The statement on the files of a folder; `told` holds teacher, prompts, recipe, seeds, counts, marks, authorisation."""
    made = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in digests(folder).items()],
        "predicateType": PREDICATE,
        "predicate": {**told, "versions": {name: version(name) for name in _LIBRARIES if find_spec(name)}},
    }
    return (json.dumps(made, indent=1, sort_keys=True) + "\n").encode()


def sign(folder: Path, told: Mapping[str, Any], key: bytes) -> None:
    """Write and sign the statement. `key` is a private Ed25519 key of 32 bytes."""
    if find_spec("cryptography") is None:
        raise UsageError(EXTRA)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  an extra

    private = Ed25519PrivateKey.from_private_bytes(key)
    content = statement(folder, told)
    (folder / STATEMENT).write_bytes(content)
    (folder / SIGNATURE).write_text(private.sign(content).hex() + "\n", "ascii")
    (folder / PUBLIC).write_text(private.public_key().public_bytes_raw().hex() + "\n", "ascii")


def altered(folder: Path, public: bytes | None = None) -> list[str]:
    """What was altered since the statement was signed, one sentence each; none if all is as it was.

    Without a public key that came by another way, the folder's own is used, which shows accidents and not forgery.
    """
    if find_spec("cryptography") is None:
        raise UsageError(EXTRA)
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  an extra
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  an extra

    try:
        content = (folder / STATEMENT).read_bytes()
        signature = bytes.fromhex((folder / SIGNATURE).read_text("ascii"))
        key = public or bytes.fromhex((folder / PUBLIC).read_text("ascii"))
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
        subjects = {one["name"]: one["digest"]["sha256"] for one in json.loads(content)["subject"]}
    except InvalidSignature:
        return [f"{STATEMENT} is not what was signed, or another key signed it."]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder} holds no signed statement: {error}. It needs {STATEMENT} and {SIGNATURE}."
        ) from error
    found = digests(folder)
    changed = [
        f"{name} was altered." for name in sorted(set(subjects) & set(found)) if subjects[name] != found[name]
    ]
    gone = [f"{name} is missing." for name in sorted(set(subjects) - set(found))]
    return [*changed, *gone, *(f"{name} was added." for name in sorted(set(found) - set(subjects)))]
