"""The key of a house: what makes one id the same hash everywhere in it and tells nobody else anything.

HMAC-SHA256 under a key that the operator keeps, from a file or an environment variable, at least 16 bytes. With the same
key the same id becomes the same hash in every table and on every day; without it nobody can try ids out. The key is
never shown, written or logged, by no error either. White space at the ends of a file or a variable is no part of it.
What is hashed is told apart by purpose: an account and a session of one name have different hashes.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from stillwatch.errors import UsageError

LEAST_BYTES = 16
"""Bytes of the shortest key."""

_HASH_BYTES = 16


class Key:
    """A key in use."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes, *, told: str = "the key") -> None:
        """Take the secret; `told` says in errors where it came from."""
        secret = secret.strip()
        if len(secret) < LEAST_BYTES:
            raise UsageError(
                f"The key of {told} has {len(secret)} bytes. Give one of {LEAST_BYTES} or more, such as "
                "`head -c 32 /dev/urandom | base64` makes."
            )
        self._secret = secret

    def __repr__(self) -> str:
        """Nothing of the key."""
        return "Key(...)"

    def __reduce__(self) -> str:
        """A key is not pickled."""
        raise TypeError("a key is not written anywhere")

    def digest(self, purpose: str, told: bytes) -> bytes:
        """The 32 bytes of a text's HMAC for that purpose."""
        return hmac.digest(self._secret, purpose.encode() + b"\0" + told, "sha256")

    def hashed(self, purpose: str, told: str | None) -> str | None:
        """A text's hash for that purpose, 32 hex signs; None stays None."""
        if told is None:
            return None
        return self.digest(purpose, told.encode("utf-8", "surrogatepass"))[:_HASH_BYTES].hex()


def key_from_file(path: Path) -> Key:
    """The key that a file holds."""
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The key file {path} cannot be read: {error.strerror}.") from error
    return Key(secret, told=f"the file {path}")


def key_from_environment(name: str) -> Key:
    """The key that an environment variable holds."""
    if name not in os.environ:
        raise UsageError(f"The environment has no variable {name} for the key. Set it, or give a key file.")
    return Key(os.environ[name].encode("utf-8", "surrogateescape"), told=f"the variable {name}")
