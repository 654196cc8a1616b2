"""Find extensions: the files of a room, and what installed packages offer under the room's name.

An extension is a module that binds one value under the name of its kind in capitals: `SIGNAL` for a
`Signal`, `SOURCE` for a `Source`. An outside package names such a module (or the value) in its entry points:

    [project.entry-points."stillwatch.signals"]
    burst_of_refunds = "acme_signals.burst_of_refunds"

An installed extension that does not load is an error and never skipped: a detector that vanishes quietly
is a missed campaign. `STILLWATCH_WITHOUT=name,name` leaves entry points out on purpose.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module, metadata
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, TypeVar

from stillwatch.errors import PluginError

T = TypeVar("T")
PACKAGE = __name__.partition(".")[0]
LEAVE_OUT = f"{PACKAGE.upper()}_WITHOUT"


@dataclass(frozen=True)
class Extension:
    """A value found, the manual page that its module's docstring is, and who brought it."""

    value: Any
    manual: str
    origin: str


def discover(room: str, kind: type[T]) -> dict[str, T]:
    """All extensions of a room by name, in order of name."""
    return {name: found.value for name, found in extensions(room, kind).items()}


def extensions(room: str, kind: type[Any]) -> Mapping[str, Extension]:
    """The same as `discover`, each with its manual page and its origin."""
    found: dict[str, Extension] = {}
    for extension in (*_own(room, kind), *_installed(room, kind)):
        name = extension.value.name
        if name in found:
            raise PluginError(
                f"Two extensions of {room} are called {name!r}: {found[name].origin} and {extension.origin}. "
                f"Rename one, or leave an installed one out with {LEAVE_OUT}=<its entry point's name>."
            )
        found[name] = extension
    return dict(sorted(found.items()))


def _own(room: str, kind: type[Any]) -> Iterator[Extension]:
    package = import_module(f"{PACKAGE}.{room}")
    for module_name in sorted(m.name for m in iter_modules(package.__path__) if not m.name.startswith("_")):
        module = import_module(f"{PACKAGE}.{room}.{module_name}")
        if isinstance(value := getattr(module, kind.__name__.upper(), None), kind):
            yield Extension(value, module.__doc__ or "", module.__name__)


def _installed(room: str, kind: type[Any]) -> Iterator[Extension]:
    without = {name.strip() for name in os.environ.get(LEAVE_OUT, "").split(",")}
    for entry in sorted(metadata.entry_points(group=f"{PACKAGE}.{room}"), key=lambda e: (e.name, e.value)):
        if entry.name not in without:
            yield _loaded(entry, kind)


def _loaded(entry: metadata.EntryPoint, kind: type[Any]) -> Extension:
    origin = f"{entry.value} of package {entry.dist.name if entry.dist else '(unknown)'}"
    advice = f"Mend or uninstall the package, or leave it out with {LEAVE_OUT}={entry.name}."
    try:
        loaded = entry.load()
    except Exception as error:
        raise PluginError(
            f"The extension {entry.name!r} ({origin}) does not load: {error!r}. {advice}"
        ) from error
    value = getattr(loaded, kind.__name__.upper(), None) if isinstance(loaded, ModuleType) else loaded
    if not isinstance(value, kind):
        raise PluginError(f"The extension {entry.name!r} ({origin}) holds no {kind.__name__}. {advice}")
    return Extension(value, import_module(entry.module).__doc__ or "", origin)
