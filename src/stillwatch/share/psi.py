"""Private set intersection: two houses learn how many values they have in common, and nothing of the others.

One house offers, the other answers. Every value travels under an elliptic-curve key that is made for this exchange and never leaves
its house (the offering house's for the size and, once more, for the values of the same set, so that the other can see that it is the same), so neither can try out values, as both could with a hash under a shared key. Only the house that offered
learns the result: the size first, and which values in a second exchange that both ask for. The house that
answers learns how many values were offered. `openmined-psi` does it (extra `[psi]`), protocol ECDH with compressed sets.

The answering house's set is cut into parts by chance, so that all processors work; the parts' sizes add up.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from random import SystemRandom
from typing import Any

import msgspec

from stillwatch.errors import InputError, UsageError
from stillwatch.share.normal import KINDS, NORMALISER

EXTRA = "This needs the package openmined-psi: pip install 'stillwatch[psi]', in an environment of its own if versions clash."
FALSE_MATCHES = 1e-9
"""The chance that any of the values offered is taken for one of the other set and is none."""

LEAST_VALUES = 16
"""With fewer values the size of the intersection says too much about each."""

MOST_OFFERED = 100_000
MOST_HELD = 20_000_000
LEAST_PART = 25_000
MOST_BYTES = 1024 * 1024 * 1024
_EXCHANGE = re.compile(r"[0-9a-f]{32}")


class Offer(msgspec.Struct, frozen=True, tag="stillwatch-psi-offer-1"):
    """What the offering house sends: its values under its key."""

    exchange: str
    kind: str
    normaliser: str
    is_of_values: bool
    count: int
    request: bytes


class Answer(msgspec.Struct, frozen=True, tag="stillwatch-psi-answer-1"):
    """What the answering house sends back: the offered values under both keys, and its own under its key."""

    exchange: str
    is_of_values: bool
    response: bytes
    parts: tuple[bytes, ...]


class State(msgspec.Struct, frozen=True, tag="stillwatch-psi-state-1"):
    """What the offering house keeps to itself until the answer comes."""

    exchange: str
    kind: str
    is_of_values: bool
    secret: bytes
    values: tuple[str, ...]


def offer(
    values: Sequence[str], kind: str, *, is_of_values: bool, sized: State | None = None
) -> tuple[Offer, State]:
    """The offer of these values, in normal form, and what to keep; `sized` is what was kept of the exchange of their size."""
    if not LEAST_VALUES <= len(values) <= MOST_OFFERED:
        raise UsageError(
            f"{len(values):,} values would be offered; {LEAST_VALUES} to {MOST_OFFERED:,} may be. With fewer the answer would say "
            "too much about each, with more it is a list of customers that is asked for."
        )
    if is_of_values and (sized is None or (sized.kind, sized.values) != (kind, tuple(values))):
        raise UsageError(
            "Values are offered of the set whose size was exchanged, and of no other: the state kept then holds other values, or there is none. "
            "Offer the size first, and then the same values with the same --state."
        )
    library = _library()
    client = (
        library.client.CreateFromKey(sized.secret, is_of_values)
        if is_of_values and sized is not None
        else library.client.CreateWithNewKey(is_of_values)
    )
    exchange = secrets.token_hex(16)
    request = client.CreateRequest(list(values)).SerializeToString()
    made = Offer(exchange, kind, NORMALISER, is_of_values, len(values), request)
    return made, State(exchange, kind, is_of_values, client.GetPrivateKeyBytes(), tuple(values))


def digest(offered: Offer) -> str:
    """What knows an offered set again: the same for its size and for its values, and no guide to either."""
    elements = _elements(offered)
    if len(set(elements)) != len(elements):
        raise InputError(
            "The offer holds a value twice, as one does to learn of a single one. Do not answer it."
        )
    return hashlib.sha256(b"".join(sorted(elements))).hexdigest()


def _elements(offered: Offer) -> list[bytes]:
    request = _library().Request()
    try:
        request.ParseFromString(offered.request)
        return [bytes(element) for element in request.encrypted_elements]
    except Exception as error:
        raise InputError(f"The offer holds a request that cannot be used: {error}.") from error


def answer(offered: Offer, values: Sequence[str]) -> Answer:
    """The answer of a house that has these values, in normal form."""
    if len(values) > MOST_HELD:
        raise UsageError(f"{len(values):,} values are more than the {MOST_HELD:,} that can be answered from.")
    library = _library()
    server = library.server.CreateWithNewKey(offered.is_of_values)
    request = library.Request()
    try:
        request.ParseFromString(offered.request)
        asked, reveals = len(request.encrypted_elements), bool(request.reveal_intersection)
        is_as_told = (asked, reveals) == (offered.count, offered.is_of_values)
        response = server.ProcessRequest(request).SerializeToString() if is_as_told else b""
    except Exception as error:
        raise InputError(f"The offer holds a request that cannot be used: {error}.") from error
    if not is_as_told:
        raise InputError("The offer says something else than it asks for. Do not answer it.")
    return Answer(
        offered.exchange, offered.is_of_values, response, _parts(server.GetPrivateKeyBytes(), offered, values)
    )


def size(state: State, answered: Answer) -> int:
    """How many of the offered values the other house has."""
    client, response, parts = _reading(state, answered)
    if state.is_of_values:
        return len(_positions(client, response, parts))
    return sum(int(client.GetIntersectionSize(part, response)) for part in parts)


def common(state: State, answered: Answer) -> tuple[str, ...]:
    """Which of the offered values the other house has, where both asked for that."""
    if not state.is_of_values:
        raise UsageError(
            "This exchange is of the size alone. Both houses ask for values in a second one, with --values."
        )
    client, response, parts = _reading(state, answered)
    return tuple(state.values[at] for at in sorted(_positions(client, response, parts)))


def written(message: Offer | Answer | State) -> bytes:
    """A message as bytes."""
    return msgspec.msgpack.encode(message)


def read_offer(path: Path) -> Offer:
    """The offer in a file; one of other rules is refused."""
    return offer_in(_content(path), str(path))


def offer_in(content: bytes, path: str) -> Offer:
    """The offer in these bytes, by the rules for one in a file; `path` is what errors call it."""
    told: Offer = _decoded(content, Offer, path)
    if not _EXCHANGE.fullmatch(told.exchange):
        raise InputError(f"{path} names its exchange as none of ours does. Do not answer it.")
    if told.normaliser != NORMALISER or told.kind not in KINDS:
        raise InputError(
            f"{path} offers {told.kind[:40]!r} by the rules {told.normaliser[:40]!r}; this version knows {NORMALISER}, for "
            f"{', '.join(KINDS)}. Both houses need the same version."
        )
    if not LEAST_VALUES <= told.count <= MOST_OFFERED:
        raise InputError(
            f"{path} offers {told.count:,} values; {LEAST_VALUES} to {MOST_OFFERED:,} are answered."
        )
    return told


def read_answer(path: Path) -> Answer:
    """The answer in a file."""
    return answer_in(_content(path), str(path))


def answer_in(content: bytes, path: str) -> Answer:
    """The answer in these bytes; `path` is what errors call it."""
    told: Answer = _decoded(content, Answer, path)
    return told


def read_state(path: Path) -> State:
    """What was kept for an exchange."""
    told: State = _decoded(_content(path), State, str(path))
    return told


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} has more than the {MOST_BYTES:,} bytes that a message may have.")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _decoded(content: bytes, kind: type[Any], path: str) -> Any:
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no {kind.__name__.lower()} of `stillwatch psi`: {error}.") from error


def _reading(state: State, answered: Answer) -> tuple[Any, Any, list[Any]]:
    if (state.exchange, state.is_of_values) != (answered.exchange, answered.is_of_values):
        raise InputError(
            "The answer belongs to another exchange. Give the state that was kept when that one was offered."
        )
    library = _library()
    response = library.Response()
    parts = [library.ServerSetup() for _ in answered.parts]
    try:
        client = library.client.CreateFromKey(state.secret, state.is_of_values)
        response.ParseFromString(answered.response)
        for part, told in zip(parts, answered.parts, strict=True):
            part.ParseFromString(told)
    except Exception as error:
        raise InputError(f"The answer cannot be used: {error}.") from error
    return client, response, parts


def _positions(client: Any, response: Any, parts: Sequence[Any]) -> set[int]:
    return {int(at) for part in parts for at in client.GetIntersection(part, response)}


def _parts(secret: bytes, offered: Offer, values: Sequence[str]) -> tuple[bytes, ...]:
    """The answering house's values under its key, in parts of chance: one a processor, since each costs who reads them."""
    mixed = list(values)
    SystemRandom().shuffle(mixed)
    workers = os.cpu_count() or 1
    step = max(LEAST_PART, -(-len(mixed) // workers))
    tasks = [
        (secret, offered.is_of_values, offered.count, mixed[at : at + step])
        for at in range(0, len(mixed), step)
    ]
    if len(tasks) < 2:
        return tuple(_part(task) for task in tasks)
    with ProcessPoolExecutor(len(tasks), mp_context=get_context("spawn")) as pool:
        return tuple(pool.map(_part, tasks))


def _part(task: tuple[bytes, bool, int, list[str]]) -> bytes:
    secret, is_of_values, count, values = task
    library = _library()
    server = library.server.CreateFromKey(secret, is_of_values)
    setup = server.CreateSetupMessage(FALSE_MATCHES, count, values, library.DataStructure.GCS)
    made: bytes = setup.SerializeToString()
    return made


def _library() -> Any:
    try:
        return import_module("private_set_intersection.python")
    except ImportError as error:
        raise UsageError(EXTRA) from error
