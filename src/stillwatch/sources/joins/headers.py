"""The order in which a client sends its headers, as one hash: client libraries differ in it, and hide it less than names.

The names are made small and joined in their order; values are not looked at, so nothing secret is in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from stillwatch.sources.bodies._base import hashed
from stillwatch.sources.nested.values import at, loaded


def header_profile(names: Iterable[object]) -> str | None:
    """The hash of header names in order; None where there are none."""
    told = [name.strip().lower() for name in names if isinstance(name, str) and name.strip()]
    return hashed("\n".join(told))


def header_names(value: object) -> list[str]:
    """The names in a list of names, a list of objects with a `name`, or a text of names by line, comma or colon."""
    value = loaded(value)
    if isinstance(value, str):
        plain = unquote(value)
        parting = next((sign for sign in "\n,:" if sign in plain), " ")
        return [name for name in plain.split(parting) if name.strip()]
    if not isinstance(value, list):
        return []
    names = (one if isinstance(one, str) else at(one, "name") for one in value)
    return [name for name in names if isinstance(name, str)]
