"""What reaches the terminal: consoles, and foreign text made harmless.

Logs are hostile input. No text is ever parsed as markup, and control characters, which could move the
cursor, recolour or rewrite a line, are shown as escapes.
"""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def console(*, is_error: bool = False) -> Console:
    """A console on standard output or standard error; plain when that is no terminal."""
    file = sys.stderr if is_error else sys.stdout
    width = None if file.isatty() else 110
    return Console(file=file, markup=False, emoji=False, highlight=False, width=width)


def harmless(foreign: Any) -> str:
    """Text from the input with every character that is not plainly visible written as an escape."""
    return "".join(_visible(character) for character in str(foreign))


def _visible(character: str) -> str:
    if unicodedata.category(character) in HIDDEN_CATEGORIES:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def text(foreign: Any, style: str = "") -> Text:
    """The same, for a table cell or a line."""
    return Text(harmless(foreign), style=style)


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """A quiet table: a rule under its head, no box; numbers stand right."""
    made = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made
