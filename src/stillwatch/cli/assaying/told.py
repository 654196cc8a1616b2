"""Models and keys as the command line names them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from stillwatch.assay.case import Keys, Tools
from stillwatch.assay.client.allowed import VARIABLE, allowed, variable
from stillwatch.assay.radioactivity import Ints
from stillwatch.errors import InputError, UsageError
from stillwatch.mark.keys import commitment, read_keys
from stillwatch.mark.schemes import SCHEMES, USUAL, scheme
from stillwatch.mark.schemes._base import written
from stillwatch.mark.watermark import LEAST_KEY
from stillwatch.model.assay import CAPABILITIES, Commitment, Endpoint, Role, Style

MODEL_HELP = (
    "NAME=URL[,model=M][,style=chat|completions][,can=logprobs+prompt_logprobs][,key=VARIABLE][,dose=N]"
)
WORDS = "words"
ADAPTED = tuple(name for name in SCHEMES if name != USUAL)
KINDS = ("marks", "watermark", "canary", *ADAPTED)
WORD = re.compile(r"\w+|[^\w\s]")
LEAST_SALT = 32
"""Letters beside a secret that could be guessed."""
_OPTIONS = {"model", "style", "can", "key", "dose"}


def endpoint(told: str, role: Role) -> Endpoint:
    """A model from `NAME=URL,option=value,...`. No refusal repeats more than the name: the rest could hold a key."""
    name, _, rest = told.partition("=")
    url, *options = rest.split(",")
    pairs = dict(option.partition("=")[::2] for option in options)
    unknown = {option if VARIABLE.fullmatch(option) else "option" for option in set(pairs) - _OPTIONS}
    if not name or not url or unknown:
        raise UsageError(
            f"{name!r} names no model{f': unknown {min(unknown)!r}' if unknown else ''}. Write {MODEL_HELP}."
        )
    style, abilities = pairs.get("style", "chat"), pairs.get("can", "").split("+") if pairs.get("can") else []
    if (
        style not in get_args(Style)
        or set(abilities) - set(CAPABILITIES)
        or not re.fullmatch(r"[0-9]{1,15}", pairs.get("dose", "0"))
    ):
        raise UsageError(
            f"{name!r} cannot be read: a style is one of {', '.join(get_args(Style))}, `can` of {', '.join(CAPABILITIES)}, a dose a number."
        )
    return Endpoint(
        name=name,
        role=role,
        url=allowed(url),
        model=pairs.get("model", name),
        style="chat" if style == "chat" else "completions",
        capabilities=tuple(c for c in CAPABILITIES if c == "text" or c in abilities),
        key_variable=variable(pairs.get("key", "")),
        dose=int(pairs["dose"]) if "dose" in pairs else None,
    )


def keys(told: Sequence[str]) -> Mapping[str, Keys]:
    """Keys of account sets: `SET=marks:FILE` takes both from a file of `stillwatch mark plan`, `SET=watermark:FILE` and `SET=canary:FILE` one each.

    `SET=synthid:FILE` and `SET=textseal:FILE` take such a file too, where answers were marked by that way, or the configuration that they were marked with.
    """
    found: dict[str, Keys] = {}
    for one in told:
        matched = re.fullmatch(rf"([^=]+)=({'|'.join(KINDS)}):(.+)", one)
        if matched is None:
            raise UsageError(f"{one!r} names no key. Write SET=KIND:FILE, with a kind of {', '.join(KINDS)}.")
        account_set, kind, file = matched.groups()
        if kind in ADAPTED:
            found[account_set] = _adapted(Path(file), account_set, kind)
            continue
        if kind == "marks":
            found[account_set] = _drawn(Path(file), account_set)
            continue
        old = found.get(account_set, Keys())
        value = _secret(Path(file))
        found[account_set] = Keys(value, old.canary) if kind == "watermark" else Keys(old.watermark, value)
    return found


def _drawn(file: Path, account_set: str) -> Keys:
    """The secrets with which answers were marked."""
    held = read_keys(file)
    if account_set not in held:
        raise UsageError(
            f"{file} holds no keys of {account_set!r}. It holds those of {', '.join(sorted(held)) or 'nobody'}."
        )
    return Keys(held[account_set].watermark, held[account_set].canary)


def _adapted(file: Path, account_set: str, name: str) -> Keys:
    """The secret of a watermark by another way: drawn by `mark plan`, from which it follows, or the configuration that somebody marks with."""
    content = _read(file)
    try:
        told = json.loads(content)
    except ValueError:
        told = None
    if isinstance(told, dict) and isinstance(told.get(account_set), dict):
        return replace(_drawn(file, account_set), scheme=name)
    if not isinstance(told, dict):
        raise InputError(
            f"{file} holds neither keys of `stillwatch mark plan` nor a configuration of {name}."
        )
    _refuse_guessable(told, file)
    key = written(told)
    scheme(name).window(key)
    return Keys(watermark=key, scheme=name)


def _refuse_guessable(told: Mapping[str, Any], file: Path) -> None:
    """Refuse a configuration whose secret could be tried out against its commitment, which stands in the plan."""
    keys = told.get("keys")
    numbers = [told.get("secret_key"), *(keys if isinstance(keys, list) else [])]
    bits = sum(one.bit_length() for one in numbers if isinstance(one, int))
    if bits < 8 * LEAST_KEY and len(str(told.get("salt", ""))) < LEAST_SALT:
        raise UsageError(
            f"The secret in {file} has {bits} bits, so that it could be guessed from the plan's commitment to it. Add a line that only you know: "
            '"salt": "...", with what this prints: head -c 32 /dev/urandom | base64'
        )


def _secret(file: Path) -> bytes:
    value = _read(file)
    if len(value) < LEAST_KEY:
        raise UsageError(
            f"The key in {file} has {len(value)} bytes; {LEAST_KEY} are the least. Make one: head -c 32 /dev/urandom | base64"
        )
    return value


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes().strip()
    except OSError as error:
        raise UsageError(f"The key in {file} cannot be read: {error.strerror}.") from error


def commitments(found: Mapping[str, Keys], *, is_served: bool) -> tuple[Commitment, ...]:
    """What a plan binds of keys."""
    return tuple(
        Commitment(
            account_set=name,
            watermark=commitment(k.watermark, name) if k.watermark else "",
            canary=commitment(k.canary, name) if k.canary else "",
            is_served=is_served,
            scheme=k.scheme,
        )
        for name, k in found.items()
    )


def tools(found: Mapping[str, Keys], tokenizer: str) -> Tools:
    """What keyed tests need: the secrets, and how text becomes tokens."""
    return Tools(keys=found, tokenise=tokenise(tokenizer))


def tokenise(tokenizer: str) -> Callable[[str], Ints]:
    """Text to numbers: by words, or by the teacher's own tokenizer (a file of the tokenizers library)."""
    if tokenizer == WORDS:
        return words
    try:
        from tokenizers import Tokenizer  # noqa: PLC0415  an extra
    except ImportError as error:
        raise UsageError(
            "Reading a tokenizer needs the package tokenizers: pip install tokenizers."
        ) from error
    try:
        read: Any = Tokenizer.from_file(tokenizer)
    except Exception as error:  # the library raises the plain class
        raise InputError(
            f"{tokenizer} is no tokenizer: {error}. Give the teacher's tokenizer.json."
        ) from error
    return lambda text: np.array(read.encode(text, add_special_tokens=False).ids, np.int64)


def words(text: str) -> Ints:
    """Words as numbers that depend on the word alone."""
    return np.array([word_number(word) for word in WORD.findall(text.lower())], np.int64)


def word_number(word: str) -> int:
    """A word as a number of 63 bits."""
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big") >> 1


def tokenizer_digest(tokenizer: str) -> str:
    """Which tokenizer a plan binds."""
    if tokenizer == WORDS:
        return WORDS
    try:
        return hashlib.sha256(Path(tokenizer).read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"The tokenizer {tokenizer} cannot be read: {error.strerror}.") from error
