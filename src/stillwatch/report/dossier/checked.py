"""Find out whether a dossier is what it was: by its digests, and by telling it again from its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from stillwatch.errors import InputError, StillwatchError
from stillwatch.model.pack import Pack
from stillwatch.report.dossier.attributed_again import faults, told_of
from stillwatch.report.dossier.documents import documents, pack_digest
from stillwatch.report.dossier.packed import QUERIES, pack_of, queries
from stillwatch.report.dossier.sealed import FORMAT, Seal, digest, opened

Outcome = Literal["same", "altered", "missing", "added", "not checked"]
SET_BY_TEMPLATES = ("dossier.html", "one-page.html", "dossier.md")


@dataclass(frozen=True)
class Check:
    """One thing that was checked, what came of it, and how."""

    name: str
    outcome: Outcome
    told: str

    @property
    def is_bad(self) -> bool:
        """Whether it speaks against the dossier."""
        return self.outcome in {"altered", "missing", "added"}


@dataclass(frozen=True, eq=False)
class Opened:
    """A dossier.zip, read."""

    seal: Seal
    files: Mapping[str, bytes]

    @property
    def pack_files(self) -> dict[str, bytes]:
        """The files that the dossier is told from."""
        return {name: self.files[name] for name in self.seal.pack if name in self.files}


def read_zip(path: Path) -> Opened:
    """Open a dossier.zip; what is none is refused."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    seal, files = opened(content, str(path))
    if seal.format != FORMAT:
        raise InputError(f"{path} is of format {seal.format[:40]!r}; this version reads {FORMAT}.")
    return Opened(seal, files)


def checks(held: Opened) -> tuple[Check, ...]:
    """By digests, and then by telling the dossier again, if all that it is told from is as it was."""
    by_digest = tuple(_by_digest(held))
    altered = {check.name for check in by_digest if check.is_bad}
    if altered & set(held.seal.pack):
        return (*by_digest, Check("told again", "not checked", "what it is told from is not what it was"))
    return (*by_digest, *_told_again(held, altered))


def _by_digest(held: Opened) -> Iterator[Check]:
    sealed = {**held.seal.pack, **held.seal.documents}
    for name, expected in sorted(sealed.items()):
        if name not in held.files:
            yield Check(name, "missing", "named in the manifest, and not there")
        elif digest(held.files[name]) != expected:
            yield Check(
                name, "altered", f"SHA-256 {digest(held.files[name])[:16]}…, sealed as {expected[:16]}…"
            )
        else:
            yield Check(name, "same", f"SHA-256 {expected[:16]}…")
    for name in sorted(set(held.files) - set(sealed)):
        yield Check(name, "added", "there, and not named in the manifest")
    whole = pack_digest(held.pack_files)
    outcome: Outcome = "same" if whole == held.seal.pack_digest else "altered"
    yield Check("digest of the pack", outcome, whole)


def _told_again(held: Opened, altered: set[str]) -> Iterator[Check]:
    mine = version("stillwatch")
    if mine != held.seal.made_by:
        yield Check("told again", "not checked", f"made by version {held.seal.made_by}; this is {mine}")
        return
    try:
        told = documents(held.pack_files, frozenset({"html", "md", "json"}))
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, StillwatchError) as error:
        yield Check("told again", "altered", f"no scan writes such tables: {error!r:.200}")
        return
    pack = pack_of(held.pack_files)
    yield from _follows(pack)
    asked = queries(pack.run.get("signals_computed", ())).encode()
    yield _told(QUERIES, is_same=asked == held.files[QUERIES], by="this version asks")
    for name in sorted(set(held.seal.documents) - altered):
        if name.endswith(".pdf"):
            yield Check(
                f"{name}, told again", "not checked", "its digest only: fonts differ between machines"
            )
        elif held.seal.templates is not None and name in SET_BY_TEMPLATES:
            yield Check(f"{name}, told again", "not checked", "set with an operator's own templates")
        else:
            yield _told(name, is_same=told.get(name) == held.files[name], by="the tables say")


def _follows(pack: Pack) -> Iterator[Check]:
    """Whether the statement on who is behind it follows from the tables of actors, if there are any."""
    told = told_of(pack)
    if told is not None:
        wrong = faults(pack, told)
        how = "; ".join(wrong) if wrong else "level, order and statement follow from its tables"
        yield Check("attribution, by its own tables", "altered" if wrong else "same", how)


def _told(name: str, *, is_same: bool, by: str) -> Check:
    how = f"{by} the same" if is_same else f"{by} something else than this file"
    return Check(f"{name}, told again", "same" if is_same else "altered", how)
