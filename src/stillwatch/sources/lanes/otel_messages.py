"""Messages of the GenAI conventions whose parts are texts, media, calls of tools or what these gave back.

They stand in attributes as texts of JSON: those of the request, those of the answer, and the parts of the system prompt. All
three are walked as one object. It is closed and has each of its keys, so that no text can be taken for more than one value.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.bodies.otel_messages import MEDIA, MODEL_ROLES, RESULTS, SYSTEM, TEXTS
from stillwatch.sources.lanes import copying
from stillwatch.sources.lanes.columns import Columns, classed, either
from stillwatch.sources.lanes.found import Found, Slots, walked
from stillwatch.sources.lanes.shapes import (
    ANY,
    NULL_ONLY,
    TEXT,
    Closed,
    Shape,
    any_of,
    none_of,
)
from stillwatch.sources.lanes.syntax import ABSENT, ESCAPED, LIST, NULL
from stillwatch.sources.lanes.syntax import TEXT as PLAIN_TEXT
from stillwatch.sources.lanes.talks import (
    ANYBODY,
    MODEL,
    OPERATOR,
    Texts,
    all_texts,
    first_of,
    last_of,
    media,
    talk,
)
from stillwatch.sources.plain.vectors import WIDTH

_ASKED, _ANSWERED, _SYSTEM = "a", "b", "c"
_OPENS_LIST = ord("[")
_HEADS = tuple(
    f'{opens}"{key}":'.encode() for opens, key in zip("{,,", (_ASKED, _ANSWERED, _SYSTEM), strict=True)
)
_TELLS, _GAVE_BACK, _IS_MEDIA, _ELSE = range(4)

_PART = {
    "type": TEXT,
    **any_of("content", "text", "refusal", "response", "result", "output"),
    **none_of("role"),
}
_MESSAGE = {"role": TEXT, "parts": (TEXT, [_PART]), "content": NULL_ONLY, "finish_reason": ANY}
_SPOKEN = Shape(Closed({_ASKED: [_MESSAGE], _ANSWERED: [_MESSAGE], _SYSTEM: [_PART]}))


def told(some: Found, asked: str, answered: str, system: str) -> Columns:
    """What messages at three paths say, as `bodies.otel_messages` says it of each; a record in which one is no list is odd."""
    spoken = _spoken(some, (asked, answered, system))
    request = _Parts.of(spoken, f"{_ASKED}/*/parts")
    talk_told = talk(spoken, _ASKED, request.by_message(spoken, _ASKED), role_of)
    _without_structures(spoken, request)
    before = _Parts.of(spoken, _SYSTEM)
    spoken.without_elements(_SYSTEM, before.are_structures)
    prompts = before.alone(spoken, _SYSTEM), talk_told["system_prompt"]
    spoken.without(np.logical_and(*(np.asarray(one.is_valid()) for one in prompts)))
    answer = _Parts.of(spoken, f"{_ANSWERED}/*/parts")
    spoken.without_elements(f"{_ANSWERED}/*/parts", answer.are_structures)
    return {
        **talk_told,
        "system_prompt": either(*prompts),
        "images": media(spoken, _ASKED, "parts", lambda _: request.classes == _IS_MEDIA),
        "response": all_texts(spoken, _ANSWERED, answer.by_message(spoken, _ANSWERED)),
        "stop_reason": first_of(spoken, _ANSWERED, "finish_reason"),
    }


class _Parts:
    """The parts of lists: what each says, what it is, and whether what it says is a structure."""

    def __init__(self, held: Slots, classes: NDArray[np.int8], are_structures: NDArray[np.bool_]) -> None:
        self.held, self.classes, self.are_structures = held, classes, are_structures

    @classmethod
    def of(cls, some: Found, path: str) -> _Parts:
        """Those of the lists at a path."""
        parts = some.inside(f"{path}/*")
        classes = classed(_class, parts, parts.slots("type"))
        said = parts.slots("content", "text", "refusal")
        are_structures = np.zeros(len(classes), np.bool_)
        if not (classes == _TELLS).all():
            given = parts.slots("response", "result", "content", "output")
            are_given = classes == _GAVE_BACK
            kinds = np.where(are_given, given.kinds, np.where(classes == _TELLS, said.kinds, ABSENT))
            are_structures = are_given & (kinds > NULL) & (kinds != PLAIN_TEXT) & (kinds != ESCAPED)
            said = Slots(kinds, np.where(are_given[:, None], given.spans, said.spans))
        return cls(said, classes, are_structures)

    def by_message(self, some: Found, path: str) -> Texts:
        """The texts of messages, each a text or a list of these parts."""
        contents, ends = some.slots(f"{path}/*/parts"), some.ends(f"{path}/*/parts")
        sizes, count = np.diff(ends, prepend=0), len(contents.kinds)
        both = Slots(
            np.concatenate([contents.kinds, self.held.kinds]),
            np.concatenate([contents.spans, self.held.spans]),
        )
        are_lists = contents.kinds == LIST
        starts = np.where(are_lists, ends - sizes + count, np.arange(count))
        return Texts(both, starts, np.where(are_lists, sizes, 1))

    def alone(self, some: Found, path: str) -> pa.Array:
        """The texts of the parts of each record."""
        count = len(self.classes)
        texts = Texts(self.held, np.arange(count), np.ones(count, np.int64))
        return texts.joined(some, np.arange(count), some.ends(path))


def _without_structures(spoken: Found, parts: _Parts) -> None:
    """Leave records to the full reading of which the prompt or the system prompt is told by a structure."""
    if not parts.are_structures.any():
        return
    roles, ends = spoken.slots(f"{_ASKED}/*/role"), spoken.ends(_ASKED)
    whose = classed(role_of, spoken, roles)
    count = np.diff(
        np.concatenate([[0], np.cumsum(parts.are_structures)])[
            np.concatenate([[0], spoken.ends(f"{_ASKED}/*/parts")])
        ]
    )
    are_said = whose == OPERATOR
    are_said[last_of(whose == ANYBODY, ends)[0]] = True
    spoken.without_elements(_ASKED, are_said & (count > 0))


def _spoken(some: Found, paths: tuple[str, str, str]) -> Found:
    """Three lists that stand as texts of JSON, walked."""
    held = [some.slots(path) for path in paths]
    for one in held:
        are_texts = (one.kinds == PLAIN_TEXT) | (one.kinds == ESCAPED)
        opens = some.text[np.where(are_texts, one.spans[:, 0], 0)] == _OPENS_LIST
        some.without((one.kinds > NULL) & ~(are_texts & opens))
    kinds, spans = np.stack([one.kinds for one in held]), np.stack([one.spans for one in held])
    heads = np.frombuffer(b"".join(_HEADS), np.uint8)
    head_ends = np.cumsum([len(head) for head in _HEADS], dtype=np.int32)
    are_texts = (kinds == PLAIN_TEXT) | (kinds == ESCAPED)
    room = int(np.where(are_texts, spans[:, :, 1] - spans[:, :, 0], 4).sum())
    out = np.empty(room + (len(heads) + 2) * len(some) + WIDTH, np.uint8)
    starts, ends = np.empty(len(some), np.int64), np.empty(len(some), np.int64)
    copying.together(some.text, kinds, spans, heads, head_ends, out, starts, ends)
    out.flags.writeable = False
    found, are_regular = walked(_SPOKEN, out, starts, ends, keeps=True)
    some.without(~are_regular | found.is_odd)
    return replace(found, is_odd=some.is_odd)


def _class(kind: object) -> int:
    if kind is None or kind in TEXTS:
        return _TELLS
    return _GAVE_BACK if kind in RESULTS else _IS_MEDIA if kind in MEDIA else _ELSE


def role_of(role: object) -> int:
    """Whose message one of this role is."""
    return OPERATOR if role in SYSTEM else MODEL if role in MODEL_ROLES else ANYBODY
