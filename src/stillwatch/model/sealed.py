"""Bytes with a signature: a DSSE envelope, signed with Ed25519.

DSSE signs the bytes as they are, with their type, so that nothing has to be brought into a normal form before it can be
checked. Ed25519 needs no parameters to choose and no randomness to sign: the same bytes and key give the same envelope.
The `cryptography` package does it (extra `[share]`); keys are PEM files, as `openssl genpkey -algorithm ed25519` makes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from pathlib import Path
from typing import Any

from stillwatch.errors import InputError, UsageError

MOST_BYTES = 256 * 1024 * 1024
EXTRA = "Signing needs the package cryptography: pip install 'stillwatch[share]'."


def seal(payload: bytes, payload_type: str, private_key: Path) -> bytes:
    """The payload in an envelope that is signed with the private key of that file."""
    key = _private(private_key)
    signature = key.sign(_signed(payload, payload_type))
    envelope = {
        "payload": base64.b64encode(payload).decode("ascii"),
        "payloadType": payload_type,
        "signatures": [
            {"keyid": _name(key.public_key()), "sig": base64.b64encode(signature).decode("ascii")}
        ],
    }
    return (json.dumps(envelope, sort_keys=True, indent=1) + "\n").encode("ascii")


def opened(envelope: bytes, payload_type: str, public_key: Path) -> bytes:
    """The payload of an envelope, if the key of that file signed it; otherwise it is refused."""
    key = _public(public_key)
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  an extra, which is there by now

    payload, told, signatures = _parts(envelope)
    if told != payload_type:
        raise InputError(f"The envelope holds {told!r}, and {payload_type!r} was asked for.")
    for signature in signatures:
        try:
            key.verify(signature, _signed(payload, payload_type))
        except InvalidSignature:
            continue
        return payload
    raise InputError(
        f"No signature of the envelope is of the key in {public_key}: it was altered, or somebody else signed it. Do not use it."
    )


def signed_by(content: bytes, signature: bytes, public_key: Path) -> bool:
    """Whether the key of that file made this signature, 64 bytes, over the bytes themselves, as `openssl pkeyutl -sign -rawin` does."""
    key = _public(public_key)
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  an extra, which is there by now

    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def key_name(public_key: Path) -> str:
    """The short name of the public key in that file."""
    return _name(_public(public_key))


def _signed(payload: bytes, payload_type: str) -> bytes:
    """What DSSE signs: the type and the bytes, each with its length."""
    told = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(told), told, len(payload), payload)


def _parts(envelope: bytes) -> tuple[bytes, str, list[bytes]]:
    if len(envelope) > MOST_BYTES:
        raise InputError(f"The envelope has {len(envelope):,} bytes; {MOST_BYTES:,} is the most.")
    try:
        told = json.loads(envelope)
        payload = base64.b64decode(told["payload"], validate=True)
        signatures = [base64.b64decode(s["sig"], validate=True) for s in told["signatures"][:16]]
        return payload, str(told["payloadType"]), signatures
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise InputError(
            f"This is no signed envelope (DSSE): {_why(error)}. Give the file that was signed."
        ) from error


def _why(error: Exception) -> str:
    """What an envelope lacks, in words."""
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError):
        return "it is no JSON"
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]!r}"
    return "its payload or its signatures are not in the form of one"


def _private(path: Path) -> Any:
    serialization, ed25519 = _library()
    key = _loaded(path, lambda pem: serialization.load_pem_private_key(pem, password=None), "private")
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UsageError(
            f"{path} holds no Ed25519 key. Make one: openssl genpkey -algorithm ed25519 -out {path}"
        )
    return key


def _public(path: Path) -> Any:
    serialization, ed25519 = _library()
    key = _loaded(path, serialization.load_pem_public_key, "public")
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise UsageError(f"{path} holds no Ed25519 public key. `openssl pkey -in KEY -pubout` gives it.")
    return key


def _loaded(path: Path, load: Any, which: str) -> Any:
    try:
        return load(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no such PEM file, or has a password"
        raise UsageError(f"The {which} key in {path} cannot be read: {reason}.") from None


def _name(public_key: Any) -> str:
    """A short name of a key: the first digits of its digest."""
    return hashlib.sha256(public_key.public_bytes_raw()).hexdigest()[:16]


def _library() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  as above
    except ImportError as error:
        raise UsageError(EXTRA) from error
    return serialization, ed25519
