"""Find out whether a dossier is what it was: by its digests, and by telling it again from its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from stillwatch.errors import InputError, StillwatchError
from stillwatch.model.checked import Check, Outcome
from stillwatch.model.pack import Pack
from stillwatch.report.dossier.attributed_again import faults, told_of
from stillwatch.report.dossier.documents import documents, pack_digest
from stillwatch.report.dossier.packed import QUERIES, pack_of, queries
from stillwatch.report.dossier.sealed import FORMAT, MANIFEST, Seal, digest, opened, sealed

SET_BY_TEMPLATES = ("dossier.html", "one-page.html", "dossier.md")


@dataclass(frozen=True, eq=False)
class Opened:
    """A dossier.zip, read; `digest` is that of the whole file."""

    seal: Seal
    files: Mapping[str, bytes]
    digest: str = ""

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
    return Opened(seal, files, digest(content))


def checks(held: Opened) -> tuple[Check, ...]:
    """By digests, and then by telling the dossier again, if all that it is told from is as it was."""
    by_digest = tuple(_by_digest(held))
    altered = {check.name for check in by_digest if check.is_bad}
    if altered & set(held.seal.pack):
        return (*by_digest, Check("told again", "not checked", "what it is told from is not what it was"))
    return (*by_digest, *_made(held.seal), *_told_again(held, altered))


def unchecked(found: Iterable[Check]) -> tuple[str, ...]:
    """Names of what stayed unchecked."""
    return tuple(check.name for check in found if check.outcome == "not checked")


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


def _made(seal: Seal) -> Iterator[Check]:
    """Whether the manifest names what would make it here; what it says of another machine nobody can check."""
    here = sealed(seal.campaign_id, {}, {}, None)
    mine = asdict(opened(here, MANIFEST)[0])
    said = asdict(seal)
    other = [name for name in ("made_by", "python", "libraries") if said[name] != mine[name]]
    how = (
        f"it says another of: {', '.join(other)}, and only who made it knows"
        if other
        else "as on this machine"
    )
    yield Check("what made it", "not checked" if other else "same", how)


def _told_again(held: Opened, altered: set[str]) -> Iterator[Check]:
    mine, said = version("stillwatch"), held.seal.made_by
    is_mine = mine == said
    try:
        told = documents(held.pack_files, frozenset({"html", "md", "json"}))
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, StillwatchError) as error:
        yield Check(
            "told again",
            "altered" if is_mine else "not checked",
            f"no scan writes such tables: {error!r:.200}"
            if is_mine
            else f"made by version {said}; this is {mine}",
        )
        return
    pack = pack_of(held.pack_files)
    yield _of_one(held.seal, pack)
    yield from _follows(pack)
    asked = queries(pack.run.get("signals_computed", ())).encode()
    told[QUERIES] = asked
    for name in (QUERIES, *sorted(set(held.seal.documents) - altered)):
        how = _excuse(name, held.seal, is_mine=is_mine)
        yield _told(name, is_same=told.get(name) == held.files[name], excuse=how)


def _of_one(seal: Seal, pack: Pack) -> Check:
    """Whether manifest and tables are of the same campaign."""
    name = pack.campaign.campaign_id
    named = {seal.campaign_id, *pack.evidence["campaign_id"].unique().to_pylist()}
    other = ", ".join(sorted(str(n)[:60] for n in named - {name}))
    how = (
        f"the finding is {name}, and there is {other}" if other else "manifest and tables are of one campaign"
    )
    return Check("of one campaign", "altered" if other else "same", how)


def _excuse(name: str, seal: Seal, *, is_mine: bool) -> str:
    """Why a document may be another one than is told here, if there is a reason."""
    if name.endswith(".pdf"):
        return "its digest only: fonts differ between machines"
    if not is_mine:
        return f"made by version {seal.made_by}, and this one tells it differently"
    if seal.templates is not None and name in SET_BY_TEMPLATES:
        return "set with an operator's own templates"
    return ""


def _follows(pack: Pack) -> Iterator[Check]:
    """Whether the statement on who is behind it follows from the tables of actors, if there are any."""
    told = told_of(pack)
    if told is not None:
        wrong = faults(pack, told)
        how = "; ".join(wrong) if wrong else "level, order and statement follow from its tables"
        yield Check("attribution, by its own tables", "altered" if wrong else "same", how)


def _told(name: str, *, is_same: bool, excuse: str) -> Check:
    """A document beside the same one told from the tables; with an excuse for not being the same it stays unchecked."""
    if is_same:
        return Check(f"{name}, told again", "same", "the tables say the same")
    if excuse:
        return Check(f"{name}, told again", "not checked", excuse)
    return Check(f"{name}, told again", "altered", "the tables say something else than this file")
