"""The record without which nothing is distilled: who owns the teacher, under which text it was allowed, what for, until when."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from stillwatch.errors import InputError, UsageError

EXAMPLE = """\
[authorisation]
teacher = "small-teacher"
teacher_owner = "who owns the teacher, and allowed this"
consent = "consent.txt"          # the licence or the consent, beside this file
consent_sha256 = "..."           # sha256sum consent.txt
purpose = "a positive control for an assay"
granted = 2026-01-31
expires = 2027-01-31
"""
_NEEDED = ("teacher", "teacher_owner", "consent", "consent_sha256", "purpose", "granted", "expires")
_SEE = "`stillwatch distill --example` prints a record."


@dataclass(frozen=True)
class Authorisation:
    """A record that was found complete."""

    teacher: str
    teacher_owner: str
    consent_sha256: str
    purpose: str
    granted: date
    expires: date
    digest: str


def read_authorisation(file: Path) -> Authorisation:
    """The record of a file, with the consent that it names, or why it allows nothing."""
    try:
        content = file.read_bytes()
        told = tomllib.loads(content.decode("utf-8")).get("authorisation", {})
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is no authorisation record: {error}. {_SEE}") from error
    missing = [name for name in _NEEDED if not told.get(name)]
    unknown = sorted(set(told) - set(_NEEDED))
    if missing or unknown:
        what = f"lacks {', '.join(missing)}" if missing else f"has what is not known: {', '.join(unknown)}"
        raise InputError(f"{file}: [authorisation] {what}. Nothing is distilled. {_SEE}")
    days = {name: _day(told[name], f"{file}: {name}") for name in ("granted", "expires")}
    _check_consent(file.parent / str(told["consent"]), str(told["consent_sha256"]), file)
    return Authorisation(
        teacher=str(told["teacher"]),
        teacher_owner=str(told["teacher_owner"]),
        consent_sha256=str(told["consent_sha256"]),
        purpose=str(told["purpose"]),
        granted=days["granted"],
        expires=days["expires"],
        digest=hashlib.sha256(content).hexdigest(),
    )


def in_force(record: Authorisation, teacher: str, now: datetime | None = None) -> Authorisation:
    """The record, if it allows this teacher today."""
    today = (now or datetime.now(UTC)).date()
    if record.teacher != teacher:
        raise UsageError(
            f"The record allows the teacher {record.teacher!r}; {teacher!r} was asked for. Have a record for this teacher."
        )
    if not record.granted <= today < record.expires:
        raise UsageError(
            f"The record holds from {record.granted} until {record.expires}; today is {today}. Have it renewed by {record.teacher_owner}."
        )
    return record


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
    except OSError as error:
        raise InputError(
            f"{file} names the consent {consent}, which cannot be read: {error.strerror}."
        ) from error
    if found != digest.lower():
        raise InputError(
            f"{consent} is not the text that {file} names: its SHA-256 is {found}. Have the record written anew."
        )
