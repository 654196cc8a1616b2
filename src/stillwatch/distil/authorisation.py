"""The record without which nothing is distilled: who allows whom, which teacher and which student, from what, under which text, until when."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from stillwatch.errors import InputError, UsageError
from stillwatch.model.sealed import key_name, signed_by

Way = Literal["text", "logit"]
"""From a teacher's answers, or from its scores of each next token."""
WAYS: tuple[Way, ...] = get_args(Way)
EXAMPLE = """\
[authorisation]
teacher = "small-teacher"
teacher_owner = "who owns the teacher, and allows this"
granted_to = "who may distil it"
student = "small-student"
data = "what the student may be taught from, in words"
ways = ["text"]                  # text: its answers; logit: its scores, for which its weights are needed
consent = "consent.txt"          # the licence or the consent, beside this file
consent_sha256 = "..."           # sha256sum consent.txt
purpose = "a positive control for an assay"
granted = 2026-01-31
expires = 2027-01-31
# teacher_sha256 = "..."         # these weights only: `stillwatch distill --dry-run` tells the digest of a folder
# teacher_host = "api.example"   # where a teacher that is asked answers; needed for one
# teacher_model = "..."          # and under which name of a model, if that is bound, too
# data_sha256 = ["..."]          # these files of exchanges or prompts only: sha256sum FILE
"""
SIGNATURE_SUFFIX = ".sig"
_NEEDED = (
    *("teacher", "teacher_owner", "granted_to", "student", "data", "ways"),
    *("consent", "consent_sha256", "purpose", "granted", "expires"),
)
_OPTIONAL = ("teacher_sha256", "teacher_host", "teacher_model", "data_sha256")
_SEE = "`stillwatch distill --example` prints a record."


@dataclass(frozen=True, kw_only=True)
class Authorisation:
    """A record that was found complete. `signed_by` names the key that signed it, empty if no key was given to check it with."""

    teacher: str
    teacher_owner: str
    granted_to: str
    student: str
    data: str
    ways: tuple[Way, ...]
    consent_sha256: str
    purpose: str
    granted: date
    expires: date
    digest: str
    teacher_sha256: str = ""
    teacher_host: str = ""
    teacher_model: str = ""
    data_sha256: tuple[str, ...] = ()
    signed_by: str = ""


@dataclass(frozen=True)
class Wanted:
    """What somebody is about to do."""

    teacher: str
    student: str
    way: Way = "text"


def read_authorisation(file: Path, key: Path | None = None) -> Authorisation:
    """The record of a file, with the consent that it names, or why it allows nothing.

    With the public key of the teacher's owner the record counts only if that key signed it: the signature lies beside it, under `.sig`.
    """
    try:
        content = file.read_bytes()
        told = tomllib.loads(content.decode("utf-8")).get("authorisation", {})
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is no authorisation record: {error}. {_SEE}") from error
    if not isinstance(told, dict):
        raise InputError(f"{file} has no table [authorisation]. Nothing is distilled. {_SEE}")
    signer = "" if key is None else _signer(content, file, key)
    missing = [name for name in _NEEDED if not told.get(name)]
    unknown = sorted(set(told) - set(_NEEDED) - set(_OPTIONAL))
    if missing or unknown:
        what = f"lacks {', '.join(missing)}" if missing else f"has what is not known: {', '.join(unknown)}"
        raise InputError(f"{file}: [authorisation] {what}. Nothing is distilled. {_SEE}")
    _check_consent(file.parent / str(told["consent"]), str(told["consent_sha256"]), file)
    return _record(told, file, hashlib.sha256(content).hexdigest(), signer)


def _record(told: Mapping[str, Any], file: Path, digest: str, signer: str) -> Authorisation:
    texts = ("teacher", "teacher_owner", "granted_to", "student", "data", "purpose")
    return Authorisation(
        **{name: str(told[name]) for name in texts},
        ways=_ways(told["ways"], file),
        consent_sha256=str(told["consent_sha256"]).lower(),
        granted=_day(told["granted"], f"{file}: granted"),
        expires=_day(told["expires"], f"{file}: expires"),
        digest=digest,
        teacher_sha256=str(told.get("teacher_sha256", "")).lower(),
        teacher_host=str(told.get("teacher_host", "")).lower(),
        teacher_model=str(told.get("teacher_model", "")),
        data_sha256=_digests(told.get("data_sha256", ()), file),
        signed_by=signer,
    )


def in_force(record: Authorisation, wanted: Wanted, now: datetime | None = None) -> Authorisation:
    """The record, if it allows this teacher for this student in this way today."""
    today = (now or datetime.now(UTC)).date()
    for what, allowed, asked in (
        ("teacher", record.teacher, wanted.teacher),
        ("student", record.student, wanted.student),
    ):
        if allowed != asked:
            raise UsageError(
                f"The record allows the {what} {allowed!r}; {asked!r} was asked for. Have a record for this {what}, or name it: --{what} {allowed}=..."
            )
    return holds(record, wanted.way, today)


def holds(record: Authorisation, way: str, today: date | None = None) -> Authorisation:
    """The record, if it allows this way today: what teaches asks it once more, whoever calls it."""
    today = today or datetime.now(UTC).date()
    if way not in record.ways:
        raise UsageError(
            f"The record allows {' and '.join(record.ways)}; --way {way} was asked for. Have {record.teacher_owner} allow it."
        )
    if not record.granted <= today < record.expires:
        raise UsageError(
            f"The record holds from {record.granted} until {record.expires}; today is {today}. Have it renewed by {record.teacher_owner}."
        )
    return record


def asked_at(record: Authorisation, host: str, model: str) -> Authorisation:
    """The record, if it allows to ask a teacher there: a name alone could be given to anybody's model."""
    if record.teacher_host != host.lower() or record.teacher_model not in {"", model}:
        allowed = f"{record.teacher_host or 'no host'}{f', model {record.teacher_model}' if record.teacher_model else ''}"
        raise UsageError(
            f"The record allows to ask the teacher at {allowed}; {host}, model {model}, was given. Have {record.teacher_owner} write teacher_host into it."
        )
    return record


def bound(record: Authorisation, *, teacher: str, data: str) -> Authorisation:
    """The record, if these are the weights and the file that it names; it need not name any. An empty digest is of what is not at hand."""
    if record.teacher_sha256 and record.teacher_sha256 != teacher:
        found = f"this teacher's is {teacher}" if teacher else "this teacher is no folder with weights"
        raise UsageError(
            f"The record allows the teacher with the SHA-256 {record.teacher_sha256}; {found}. Nothing is distilled."
        )
    if record.data_sha256 and data not in record.data_sha256:
        raise UsageError(
            f"The record allows the files with the SHA-256 {', '.join(record.data_sha256)}; the one given has {data}. Nothing is distilled."
        )
    return record


def _signer(content: bytes, file: Path, key: Path) -> str:
    beside = file.with_name(file.name + SIGNATURE_SUFFIX)
    try:
        signature = beside.read_bytes()
    except OSError as error:
        raise InputError(
            f"{file} is to be signed by the key in {key}, and {beside} cannot be read: {error.strerror}. "
            f"Its owner makes it: openssl pkeyutl -sign -rawin -inkey KEY -in {file.name} -out {beside.name}"
        ) from error
    if not signed_by(content, signature, key):
        raise InputError(
            f"{file} is not what the key in {key} signed: it was altered, or somebody else signed it. Nothing is distilled."
        )
    return key_name(key)


def _ways(told: Any, file: Path) -> tuple[Way, ...]:
    named = told if isinstance(told, list) else [told]
    if unknown := [way for way in named if way not in WAYS]:
        raise InputError(f"{file}: ways holds {unknown[0]!r}. There are {', '.join(WAYS)}.")
    return tuple(way for way in WAYS if way in named)


def _digests(told: Any, file: Path) -> tuple[str, ...]:
    named = [told] if isinstance(told, str) else told
    if not isinstance(named, list | tuple) or not all(isinstance(one, str) for one in named):
        raise InputError(f'{file}: data_sha256 is a list of digests, as ["..."]; sha256sum gives them.')
    return tuple(one.lower() for one in named)


def _day(told: object, where: str) -> date:
    if isinstance(told, datetime):
        return told.date()
    try:
        return told if isinstance(told, date) else date.fromisoformat(str(told))
    except ValueError as error:
        raise InputError(f"{where} is {told!r}, which is no day. Write it as 2027-01-31.") from error


def _check_consent(consent: Path, digest: str, file: Path) -> None:
    try:
        found = hashlib.sha256(consent.read_bytes()).hexdigest()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no path"
        raise InputError(
            f"{file} names the consent {str(consent)!r}, which cannot be read: {why}."
        ) from error
    if found != digest.lower():
        raise InputError(
            f"{consent} is not the text that {file} names: its SHA-256 is {found}. Have the record written anew."
        )
