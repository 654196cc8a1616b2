"""The reproducibility pack `dossier.zip`: the files that the dossier is told from, the documents, and a manifest of them all."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import msgspec

from stillwatch.errors import InputError
from stillwatch.report.dossier.documents import pack_digest
from stillwatch.report.result import stable_json

MANIFEST = "manifest.json"
FORMAT = "stillwatch-pack/1"
LIBRARIES = ("duckdb", "jinja2", "numpy", "numba", "pyarrow")
NO_TIME = (1980, 1, 1, 0, 0, 0)
"""A time for all files of a zip, so that the same dossier has the same bytes."""
MOST_FILES, MOST_BYTES = 64, 1 << 30
DOCUMENTS = ("dossier.", "one-page.", "proposals.")


@dataclass(frozen=True)
class Seal:
    """`manifest.json`: digests of all other files, and what made them. `templates` is a digest of an operator's own, if any."""

    format: str
    campaign_id: str
    made_by: str
    python: str
    libraries: dict[str, str]
    templates: str | None
    pack_digest: str
    pack: dict[str, str]
    documents: dict[str, str]


def sealed(
    campaign_id: str, files: Mapping[str, bytes], documents: Mapping[str, bytes], templates: str | None
) -> bytes:
    """The zip: the same content, the same bytes."""
    seal = Seal(
        format=FORMAT,
        campaign_id=campaign_id,
        made_by=version("stillwatch"),
        python=".".join(map(str, sys.version_info[:3])),
        libraries={name: version(name) for name in LIBRARIES},
        templates=templates,
        pack_digest=pack_digest(files),
        pack=_digests(files),
        documents=_digests(documents),
    )
    held = {MANIFEST: stable_json(seal).encode("ascii"), **files, **documents}
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as made:
        for name in sorted(held):
            entry = ZipInfo(name, NO_TIME)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, held[name])
    return written.getvalue()


def opened(content: bytes, told: str) -> tuple[Seal, dict[str, bytes]]:
    """A zip's manifest and its other files, read within bounds; nothing is written anywhere."""
    try:
        with ZipFile(BytesIO(content)) as held:
            files = _read(held, told)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InputError(f"{told} cannot be read as a zip: {error}. Give a dossier.zip.") from error
    if MANIFEST not in files:
        raise InputError(
            f"{told} holds no {MANIFEST}, so there is nothing to compare with. Give a dossier.zip."
        )
    try:
        return msgspec.json.decode(files.pop(MANIFEST), type=Seal), files
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(f"{MANIFEST} of {told} cannot be read: {error}.") from error


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: digest(content) for name, content in sorted(files.items())}


def _read(held: ZipFile, told: str) -> dict[str, bytes]:
    """All files; names that stand twice and sizes beyond all measure are refused before anything is unpacked."""
    entries = held.infolist()
    names = [entry.filename for entry in entries]
    if len(names) != len(set(names)):
        raise InputError(f"{told} holds two files of one name. Do not trust it.")
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise InputError(f"{told} holds more than {MOST_FILES} files or a gigabyte. No dossier does.")
    files, left = {}, MOST_BYTES
    for entry in entries:
        with held.open(entry) as file:
            files[entry.filename] = file.read(left + 1)
        left -= len(files[entry.filename])
        if left < 0:
            raise InputError(f"{told} holds more than a gigabyte. No dossier does.")
    return files
