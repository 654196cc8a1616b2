"""The secrets of account sets: drawn once, kept in a file of their own or in the environment, never beside a log and never shown."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stillwatch.errors import InputError, UsageError
from stillwatch.mark.watermark import LEAST_KEY

VARIABLE = "STILLWATCH_MARK_KEYS"
_BYTES = 32


@dataclass(frozen=True)
class SetKeys:
    """The keys of one account set."""

    watermark: bytes = field(repr=False)
    canary: bytes = field(repr=False)


def commitment(key: bytes, account_set: str) -> str:
    """What can be told of a key beforehand and checked with it afterwards; a sealed assay binds keys by the same."""
    return hmac.new(key, f"stillwatch assay\0{account_set}".encode(), hashlib.sha256).hexdigest()


def draw(account_sets: Iterable[str], file: Path) -> Mapping[str, SetKeys]:
    """New keys in a new file that only its owner can read. Keys that are there are never drawn again."""
    made = {name: SetKeys(secrets.token_bytes(_BYTES), secrets.token_bytes(_BYTES)) for name in account_sets}
    write(made, file)
    return made


def write(keys: Mapping[str, SetKeys], file: Path) -> None:
    """Keep keys in a new file that only its owner can read."""
    told = {name: {"watermark": k.watermark.hex(), "canary": k.canary.hex()} for name, k in keys.items()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(
            f"{file} is there already. Keys are drawn once; name a new file for new ones."
        ) from error
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}. No keys were drawn.") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(json.dumps(told, indent=1, sort_keys=True) + "\n")


def read_keys(file: Path | None, environment: Mapping[str, str] = os.environ) -> Mapping[str, SetKeys]:
    """Keys of a file, or of the variable `STILLWATCH_MARK_KEYS`. An error never repeats what it read."""
    where = str(file) if file else f"the variable {VARIABLE}"
    try:
        text = file.read_text("ascii") if file else environment[VARIABLE]
        told = json.loads(text)
        return {
            str(name): SetKeys(_secret(keys["watermark"]), _secret(keys["canary"]))
            for name, keys in told.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{where} holds no keys. `stillwatch mark plan` draws them.") from None


def _secret(told: str) -> bytes:
    """A key as it was drawn. A short one could be guessed."""
    key = bytes.fromhex(told)
    if len(key) < LEAST_KEY:
        raise ValueError
    return key
