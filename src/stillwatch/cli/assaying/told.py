"""Models and keys as the command line names them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np

from stillwatch.assay.canary import answer_index
from stillwatch.assay.case import Choose, Keys, Tools
from stillwatch.assay.plan import commitment
from stillwatch.assay.radioactivity import Green, Ints
from stillwatch.assay.small.green import green
from stillwatch.errors import InputError, UsageError
from stillwatch.model.assay import CAPABILITIES, Commitment, Endpoint, Role, Style

MODEL_HELP = (
    "NAME=URL[,model=M][,style=chat|completions][,can=logprobs+prompt_logprobs][,key=VARIABLE][,dose=N]"
)
WORDS = "words"
WORD = re.compile(r"\w+|[^\w\s]")
LEAST_KEY = 16
_OPTIONS = {"model", "style", "can", "key", "dose"}


def endpoint(told: str, role: Role) -> Endpoint:
    """A model from `NAME=URL,option=value,...`."""
    name, _, rest = told.partition("=")
    url, *options = rest.split(",")
    pairs = dict(option.partition("=")[::2] for option in options)
    unknown = set(pairs) - _OPTIONS
    if not name or not url or unknown:
        raise UsageError(
            f"{told!r} names no model{f': unknown {min(unknown)!r}' if unknown else ''}. Write {MODEL_HELP}."
        )
    style, abilities = pairs.get("style", "chat"), pairs.get("can", "").split("+") if pairs.get("can") else []
    if (
        style not in get_args(Style)
        or set(abilities) - set(CAPABILITIES)
        or not pairs.get("dose", "0").isdigit()
    ):
        raise UsageError(
            f"{told!r} cannot be read: a style is one of {', '.join(get_args(Style))}, `can` of {', '.join(CAPABILITIES)}, a dose a number."
        )
    return Endpoint(
        name=name,
        role=role,
        url=url,
        model=pairs.get("model", name),
        style="chat" if style == "chat" else "completions",
        capabilities=tuple(c for c in CAPABILITIES if c == "text" or c in abilities),
        key_variable=pairs.get("key", ""),
        dose=int(pairs["dose"]) if "dose" in pairs else None,
    )


def keys(told: Sequence[str]) -> Mapping[str, Keys]:
    """Keys of account sets from `SET=watermark:FILE` and `SET=canary:FILE`."""
    found: dict[str, Keys] = {}
    for one in told:
        matched = re.fullmatch(r"([^=]+)=(watermark|canary):(.+)", one)
        if matched is None:
            raise UsageError(f"{one!r} names no key. Write SET=watermark:FILE or SET=canary:FILE.")
        account_set, kind, file = matched.groups()
        old = found.get(account_set, Keys())
        value = _secret(Path(file))
        found[account_set] = Keys(value, old.canary) if kind == "watermark" else Keys(old.watermark, value)
    return found


def _secret(file: Path) -> bytes:
    try:
        value = file.read_bytes().strip()
    except OSError as error:
        raise UsageError(f"The key in {file} cannot be read: {error.strerror}.") from error
    if len(value) < LEAST_KEY:
        raise UsageError(
            f"The key in {file} has {len(value)} bytes; {LEAST_KEY} are the least. Make one: head -c 32 /dev/urandom | base64"
        )
    return value


def commitments(found: Mapping[str, Keys], *, is_served: bool) -> tuple[Commitment, ...]:
    """What a plan binds of keys."""
    return tuple(
        Commitment(
            account_set=name,
            watermark=commitment(k.watermark, name) if k.watermark else "",
            canary=commitment(k.canary, name) if k.canary else "",
            is_served=is_served,
        )
        for name, k in found.items()
    )


def tools(found: Mapping[str, Keys], tokenizer: str) -> Tools:
    """What keyed tests need: how text becomes tokens, which are green, and which answer a key chose."""
    is_green, choose = marks()
    return Tools(keys=found, green=is_green, choose=choose, tokenise=tokenise(tokenizer))


def marks() -> tuple[Green, Choose]:
    """The watermark and the choice that answers were served with."""
    return green, answer_index


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


def as_json(value: object) -> bytes:
    """A value for a terminal or a program."""
    return msgspec.json.encode(value)
