"""Signs a finished student: the statement with an Ed25519 key (DSSE), or the whole folder with an elliptic-curve key by model-signing (extra `[provenance]`).

Each kind alone binds every file, since the statement names them all by digest and lies in the folder. model-signing takes no Ed25519 key, and
without a network no identity: a key is told from another by its file only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from stillwatch.distil.bom import BOM, bom
from stillwatch.distil.croissant import CARD, card
from stillwatch.distil.making import Making
from stillwatch.distil.manifest import (
    ENVELOPE,
    MODEL_PUBLIC,
    MODEL_SIGNATURE,
    PUBLIC,
    STATEMENT,
    digests,
    statement,
)
from stillwatch.errors import UsageError
from stillwatch.model.sealed import EXTRA, seal

KeyKind = Literal["ed25519", "ec"]
PAYLOAD = "application/vnd.in-toto+json"
EXTRA_MODEL = (
    "Signing with an elliptic-curve key needs the package model-signing: pip install 'stillwatch[provenance]'. "
    "An Ed25519 key needs the package cryptography only."
)
MAKE_ONE = "openssl genpkey -algorithm ed25519 -out FILE makes one."
_FILES: Mapping[KeyKind, tuple[str, str]] = {
    "ed25519": (ENVELOPE, PUBLIC),
    "ec": (MODEL_SIGNATURE, MODEL_PUBLIC),
}


def kind_of(key: Path, *, is_private: bool) -> KeyKind:
    """What a PEM file holds, or why it cannot be used."""
    loaded = _loaded(key, is_private=is_private)
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415  an extra

    if isinstance(loaded, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(loaded, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        if find_spec("model_signing") is None or find_spec("OpenSSL") is None:
            raise UsageError(EXTRA_MODEL)
        return "ec"
    raise UsageError(f"{key} holds no Ed25519 key and none on an elliptic curve. {MAKE_ONE}")


def by_kind(keys: Sequence[Path], *, is_private: bool) -> Mapping[KeyKind, Path]:
    """Keys by their kind; two of one kind are refused."""
    found: dict[KeyKind, Path] = {}
    for key in keys:
        kind = kind_of(key, is_private=is_private)
        if kind in found:
            raise UsageError(f"{found[kind]} and {key} are keys of one kind. Give one of each kind at most.")
        found[kind] = key
    return found


def sign(folder: Path, making: Making, keys: Sequence[Path]) -> None:
    """Write the bill of materials, the data set's card and the statement into a finished folder, and sign it with each key."""
    kinds = by_kind(keys, is_private=True)
    if not kinds:
        raise UsageError(f"A student is signed: name a private key. {MAKE_ONE}")
    (folder / CARD).write_bytes(card(making))
    files = {name: digest for name, digest in digests(folder).items() if name != BOM}
    (folder / BOM).write_bytes(bom(making, files))
    told = {**making.told(), "signatures": sorted(_FILES[kind][0] for kind in kinds)}
    (folder / STATEMENT).write_bytes(statement(folder, told))
    for kind, key in sorted(kinds.items(), reverse=True):
        (folder / _FILES[kind][1]).write_bytes(_public(key))
        if kind == "ed25519":
            (folder / ENVELOPE).write_bytes(seal((folder / STATEMENT).read_bytes(), PAYLOAD, key))
        else:
            sign_model(folder, key)


def sign_model(folder: Path, key: Path) -> None:
    """Sign every file of the folder as OpenSSF Model Signing has it, whoever wrote them."""
    from model_signing import hashing, signing  # noqa: PLC0415  an extra

    hashes = hashing.Config().set_ignored_paths(paths=[MODEL_SIGNATURE], ignore_git_paths=False)
    configured: Any = signing.Config().set_hashing_config(hashes)
    try:
        configured.use_elliptic_key_signer(private_key=key).sign(folder, folder / MODEL_SIGNATURE)
    except ValueError as error:
        raise UsageError(
            f"The key in {key} cannot sign: {error}. Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE"
        ) from error


def _public(key: Path) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra

    public = _loaded(key, is_private=True).public_key()
    made: bytes = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made


def _loaded(key: Path, *, is_private: bool) -> Any:
    if find_spec("cryptography") is None:
        raise UsageError(EXTRA)
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra

    which = "private" if is_private else "public"
    try:
        content = key.read_bytes()
        if is_private:
            return serialization.load_pem_private_key(content, password=None)
        return serialization.load_pem_public_key(content)
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no such PEM file, or has a password"
        raise UsageError(f"The {which} key in {key} cannot be read: {reason}.") from None
