r"""Strikes an endpoint's key out of what the endpoint says, in whatever way it is written there.

A server that repeats the key may escape it: as JSON does (`\/`, `\u00XX`, several times over in a text within a text), as an address does
(`%XX`) or as a page does (`&#XX;`). All of these are struck, before a text is read and once more after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

STRUCK = "[key]"
_BACKSLASHES = r"\\{0,8}"
_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


def striker(key: str) -> Callable[[str], str]:
    """A function from a text to the text without the key."""
    if not key:
        return str
    written = re.compile("".join(map(_written, key)))
    return lambda text: written.sub(STRUCK, text)


def _written(character: str) -> str:
    """The ways to write one character."""
    code = ord(character)
    ways = [
        f"{_BACKSLASHES}{re.escape(character)}",
        rf"\\{{1,8}}(?:u00|x){_hex(code)}",
        f"%(?:25)?{_hex(code)}",
        f"&#(?:0*{code}|[xX]0*{_hex(code)});?",
    ]
    if character in _NAMED:
        ways.append(f"&{_NAMED[character]};")
    return f"(?:{'|'.join(ways)})"


def _hex(code: int) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{code:02x}")
