"""Whether a bundle is one that this house wrote, and may be put where it is to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stillwatch.errors import InputError, UsageError
from stillwatch.share._base import json_bytes
from stillwatch.share.blind import Blind
from stillwatch.share.marking import TLP_IDS, refuse_unmarked


def own_objects(content: bytes, blind: Blind) -> Sequence[Mapping[str, Any]]:
    """The objects of a bundle that this house wrote with this key; any other is refused.

    A bundle's identifier is a digest of all that is in it, under the house key: nobody else can make it, and what others handed us
    cannot go on under our name.
    """
    try:
        bundle = msgspec.json.decode(content)
        objects = bundle["objects"]
        expected = blind.identifier("bundle", json_bytes(objects).decode("ascii"))
        is_own = bundle["id"] == expected
    except (msgspec.MsgspecError, RecursionError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"This is no bundle that `stillwatch share --as stix` wrote: {error}.") from error
    if not is_own:
        raise UsageError(
            "This bundle was not written by this house with this key, or it was altered since. Only what "
            "`stillwatch share --as stix` wrote is pushed: what others handed you is theirs to pass on."
        )
    refuse_unmarked(objects)
    refuse_red(objects)
    return list(objects)


def refuse_red(objects: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what is for the eyes of named persons: a collection has readers that nobody named."""
    red = TLP_IDS["red"]
    marked = [o for o in objects if red in (o.get("object_marking_refs") or ())]
    if marked:
        raise UsageError(
            f"{len(marked)} objects are TLP:RED: for the eyes of named persons only, and a collection has other readers. "
            "Hand the file over yourself."
        )
