"""What an export is: a format in which findings leave the house.

An export is one file in this room that binds the name `EXPORT`. It renders a `Shared` value, which is already reduced
to what its tier allows, as bytes: the same value, the same bytes. It has no clock, no randomness and no access to anything
else, so that it cannot tell more than it is given. What it writes names its marking (TLP), what a reader may do with it,
and, of a simulated world, that it is simulated.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from stillwatch.model.shared import Indicator, Shared
from stillwatch.share.blind import Blind


@dataclass(frozen=True, kw_only=True)
class Export:
    """A format's declaration.

    `suffix` is the ending of its files. `reader` says for whom it is: for `others` values are blinded, but those that
    their tier lets be plain; one's `own` systems get the keys and ids that they look up. `render` makes the bytes;
    identifiers come from the blind, which derives them from a key of the house. `signed_as` is the media type under which
    the bytes are signed, for what is acted upon by a machine. `holds` says which indicators are in a file at all.
    """

    name: str
    suffix: str
    description: str
    render: Callable[[Shared, Blind], bytes]
    reader: Literal["others", "own"] = "others"
    signed_as: str | None = None
    holds: Callable[[Indicator], bool] = lambda _: True


def json_bytes(document: Any) -> bytes:
    """A document as JSON: sorted keys, ASCII only, one newline at the end."""
    return (json.dumps(document, sort_keys=True, indent=2, allow_nan=False) + "\n").encode("ascii")
