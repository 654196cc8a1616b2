"""Checks a student's folder: signatures, each file, the statement, the bill of materials, the data set's card, and what lies elsewhere if it is given."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stillwatch.distil.bom import BOM, SPEC
from stillwatch.distil.croissant import CARD, CONTEXT
from stillwatch.distil.exchanges import file_digest
from stillwatch.distil.manifest import (
    ENVELOPE,
    MODEL_PUBLIC,
    MODEL_SIGNATURE,
    PREDICATE,
    PUBLIC,
    STATEMENT,
    STATEMENT_TYPE,
    digests,
    folder_digest,
)
from stillwatch.distil.signing import EXTRA_MODEL, PAYLOAD, KeyKind, by_kind
from stillwatch.errors import InputError, StillwatchError
from stillwatch.model.checked import Check
from stillwatch.model.sealed import EXTRA, opened

BESIDE = "by the key that lies beside it: this shows accidents, not forgery"
_MOST_TOLD = 200


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the statement names and the folder does not hold, where somebody has it."""

    authorisation: Path | None = None
    teacher: Path | None = None
    base: Path | None = None
    material: Path | None = None


def checks(folder: Path, keys: Sequence[Path] = (), given: Given | None = None) -> tuple[Check, ...]:
    """All that can be checked. Without public keys that came by another way, those in the folder are used."""
    found = digests(folder)
    told = _statement(folder)
    public = by_kind(keys, is_private=False)
    return (
        *_signatures(folder, told["predicate"], public),
        *_files(found, told),
        _bill(folder, told),
        _card(folder, told),
        *_elsewhere(told["predicate"], given or Given()),
    )


def _statement(folder: Path) -> Mapping[str, Any]:
    try:
        told = json.loads((folder / STATEMENT).read_bytes())
        kinds = (told["_type"], told["predicateType"])
        texts = [text for one in told["subject"] for text in (one["name"], one["digest"]["sha256"])]
        texts += told["predicate"].get("signatures") or ()
        parts = [told["predicate"][name] for name in ("teacher", "base", "material", "authorisation")]
        if not all(isinstance(part, dict) for part in parts) or not all(isinstance(t, str) for t in texts):
            raise InputError(f"{folder / STATEMENT} does not say how a student was made.")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{folder} holds no statement: {error!r:.200}. It needs {STATEMENT}, as `stillwatch distill` writes it."
        ) from error
    if kinds != (STATEMENT_TYPE, PREDICATE):
        raise InputError(f"{folder / STATEMENT} is of the type {kinds[1]!r:.80}; this reads {PREDICATE!r}.")
    return dict(told)


def _signatures(
    folder: Path, predicate: Mapping[str, Any], public: Mapping[KeyKind, Path]
) -> Iterator[Check]:
    there = [name for name in (ENVELOPE, MODEL_SIGNATURE) if (folder / name).exists()]
    expected = [*(predicate.get("signatures") or ()), *(() if there else (ENVELOPE,))]
    for kind, name, beside in (("ed25519", ENVELOPE, PUBLIC), ("ec", MODEL_SIGNATURE, MODEL_PUBLIC)):
        key = public.get(kind)  # type: ignore[call-overload]
        if name not in there:
            if name in expected or key is not None:
                yield Check(name, "missing", "the signature is not there")
            continue
        how = "by the key given" if key else BESIDE
        yield (_envelope if kind == "ed25519" else _model)(folder, key or folder / beside, how)


def _envelope(folder: Path, key: Path, how: str) -> Check:
    if find_spec("cryptography") is None:
        return Check(ENVELOPE, "not checked", EXTRA)
    if not key.exists():
        return Check(ENVELOPE, "missing", f"{PUBLIC} is not there, and no public key was given")
    try:
        payload = opened((folder / ENVELOPE).read_bytes(), PAYLOAD, key)
    except StillwatchError as error:
        return Check(ENVELOPE, "altered", str(error))
    if payload != (folder / STATEMENT).read_bytes():
        return Check(ENVELOPE, "altered", f"{STATEMENT} is not what was signed")
    return Check(ENVELOPE, "same", how)


def _model(folder: Path, key: Path, how: str) -> Check:
    if find_spec("model_signing") is None or find_spec("OpenSSL") is None:
        return Check(MODEL_SIGNATURE, "not checked", EXTRA_MODEL)
    if not key.exists():
        return Check(MODEL_SIGNATURE, "missing", f"{MODEL_PUBLIC} is not there, and no public key was given")
    from model_signing import verifying  # noqa: PLC0415  an extra

    try:
        verifying.Config().use_elliptic_key_verifier(public_key=key).verify(folder, folder / MODEL_SIGNATURE)
    except Exception as error:  # noqa: BLE001  the library raises what each of its parts does
        return Check(MODEL_SIGNATURE, "altered", f"model-signing: {error}"[:_MOST_TOLD])
    return Check(MODEL_SIGNATURE, "same", how)


def _files(found: Mapping[str, str], told: Mapping[str, Any]) -> Iterator[Check]:
    sealed = {one["name"]: one["digest"]["sha256"] for one in told["subject"]}
    for name, expected in sorted(sealed.items()):
        if name not in found:
            yield Check(name, "missing", "named in the statement, and not there")
        elif found[name] != expected:
            yield Check(name, "altered", f"SHA-256 {found[name][:16]}…, stated as {expected[:16]}…")
        else:
            yield Check(name, "same", f"SHA-256 {expected[:16]}…")
    for name in sorted(set(found) - set(sealed)):
        yield Check(name, "added", "there, and not named in the statement")


def _bill(folder: Path, told: Mapping[str, Any]) -> Check:
    name = f"{BOM}, as CycloneDX {SPEC}"
    content = _read(folder / BOM)
    if content is None:
        return Check(name, "missing", "there is no bill of materials")
    sealed = {one["name"]: one["digest"]["sha256"] for one in told["subject"]}
    try:
        student = json.loads(content)["metadata"]["component"]
        files = {one["name"]: one["hashes"][0]["content"] for one in student["components"]}
        ancestors = [one["name"] for one in student["pedigree"]["ancestors"]]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        return Check(name, "altered", f"it tells of no student: {error!r}"[:_MOST_TOLD])
    parents = [told["predicate"][role].get("name") for role in ("teacher", "base")]
    if ancestors != parents or any(sealed.get(file) != digest for file, digest in files.items()):
        return Check(name, "altered", "it does not say what the statement says")
    return _valid_bill(name, content)


def _valid_bill(name: str, content: str) -> Check:
    if find_spec("cyclonedx") is None or find_spec("jsonschema") is None:
        return Check(
            name, "not checked", "it says what the statement says; its schema is in stillwatch[provenance]"
        )
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415  an extra
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415  as above

    error = JsonStrictValidator(SchemaVersion.from_version(SPEC)).validate_str(content)
    if error is not None:
        return Check(name, "altered", f"not valid: {error.data.message}"[:_MOST_TOLD])
    return Check(name, "same", "valid by its schema, and says what the statement says")


def _card(folder: Path, told: Mapping[str, Any]) -> Check:
    name = f"{CARD}, as Croissant"
    content = _read(folder / CARD)
    if content is None:
        return Check(name, "missing", "there is no card of the data set")
    try:
        made = json.loads(content)
        digest = made["distribution"][0]["sha256"]
        is_plain = made.pop("@context") == CONTEXT and '"@context"' not in json.dumps(made)
        made["@context"] = deepcopy(CONTEXT)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        return Check(name, "altered", f"it tells of no data set: {error!r}"[:_MOST_TOLD])
    if not is_plain:
        return Check(name, "altered", "its context is not that of Croissant, and could lead anywhere")
    if digest != told["predicate"]["material"].get("sha256"):
        return Check(name, "altered", "it does not say what the statement says")
    return _valid_card(name, made)


def _valid_card(name: str, made: Any) -> Check:
    if find_spec("mlcroissant") is None:
        return Check(
            name, "not checked", "it says what the statement says; its checker is in stillwatch[provenance]"
        )
    try:
        with warnings.catch_warnings(action="ignore"):
            import mlcroissant  # noqa: PLC0415  an extra, which warns of its own libraries

            mlcroissant.Dataset(jsonld=made)
    except Exception as error:  # noqa: BLE001  the library raises what each of its parts does
        return Check(name, "altered", f"not valid: {error}"[:_MOST_TOLD])
    return Check(name, "same", "valid by mlcroissant, and says what the statement says")


def _elsewhere(predicate: Mapping[str, Any], given: Given) -> Iterator[Check]:
    """What the statement names by digest and the folder does not hold."""
    record, material = predicate["authorisation"], predicate["material"]
    yield _same("authorisation record", record.get("digest"), given.authorisation, "--authorisation")
    yield _same(f"taught from {material.get('file')}", material.get("sha256"), given.material, "--data")
    for role, path in (("teacher", given.teacher), ("base", given.base)):
        yield _same(f"{role} {predicate[role].get('name')}", predicate[role].get("sha256"), path, f"--{role}")


def _same(name: str, expected: Any, path: Path | None, option: str) -> Check:
    if not expected:
        return Check(name, "not checked", "the statement names no digest of it")
    if path is None:
        return Check(name, "not checked", f"SHA-256 {str(expected)[:16]}… as stated; {option} compares it")
    found = folder_digest(path) if path.is_dir() else file_digest(path)
    if found != expected:
        return Check(name, "altered", f"SHA-256 {found[:16]}…, stated as {str(expected)[:16]}…")
    return Check(name, "same", f"SHA-256 {found[:16]}…")


def _read(file: Path) -> str | None:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
