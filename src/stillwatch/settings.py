"""All settings of all rooms, in one value: defaults, then a TOML file, then the command line.

Each room defines and checks its own dataclass; here they are only gathered. A setting's full name is
`room.name`, the same in the file, on the command line, in the manifest and in the code:

    # stillwatch.toml
    [judge]
    false_alarm_budget = 0.01

    stillwatch scan logs/ --out findings/ --set judge.false_alarm_budget=0.01
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from inspect import cleandoc
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from stillwatch.engine.open import EngineSettings
from stillwatch.errors import SettingsError
from stillwatch.judge.budget import JudgeSettings
from stillwatch.keep.noted import KeepSettings
from stillwatch.link.cluster import LinkSettings
from stillwatch.signals._base import SignalSettings
from stillwatch.weigh.bits import WeighSettings


@dataclass(frozen=True)
class Settings:
    """The settings of one scan: one frozen value per room."""

    engine: EngineSettings = field(default_factory=EngineSettings)
    keep: KeepSettings = field(default_factory=KeepSettings)
    signals: SignalSettings = field(default_factory=SignalSettings)
    weigh: WeighSettings = field(default_factory=WeighSettings)
    link: LinkSettings = field(default_factory=LinkSettings)
    judge: JudgeSettings = field(default_factory=JudgeSettings)

    def __post_init__(self) -> None:
        """Refuse what no single room can see: settings of two rooms that cannot be had together."""
        if self.engine.name == "spark" and self.signals.meaning_model is not None:
            raise SettingsError(
                "signals.meaning_model is set, and the engine is spark, which does not compare meanings. Leave the model out, "
                "or scan on this machine without --engine spark."
            )


@dataclass(frozen=True)
class Setting:
    """One setting as the manual lists it."""

    name: str
    type: str
    default: Any
    help: str


def describe() -> tuple[Setting, ...]:
    """Every setting with its default and its help, in order of room and declaration."""
    return tuple(_described())


def load(file: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Defaults < file < overrides; an unknown name or a value of the wrong type is refused.

    `overrides` maps full names to values. Text, as it comes from a command line, is read by the type of
    the setting: `load(overrides={"judge.false_alarm_budget": "0.01"})`. A tuple is written `a,b`.
    """
    given: dict[str, dict[str, Any]] = {room.name: {} for room in fields(Settings)}
    for source, values in ((f"the settings file {file}", _from_file(file)), ("--set", overrides or {})):
        for name, value in values.items():
            room, option = _known(name, source)
            given[room][option] = _typed(name, value, source)
    rooms = get_type_hints(Settings)
    return Settings(**{room: rooms[room](**values) for room, values in given.items()})


def _described() -> Iterator[Setting]:
    for room, kind in get_type_hints(Settings).items():
        default, told = kind(), _told(kind)
        for option in fields(kind):
            text = option.metadata.get("help") or told.get(option.name, "")
            yield Setting(f"{room}.{option.name}", str(option.type), getattr(default, option.name), text)


def _told(kind: type) -> dict[str, str]:
    """What the class docstring says of each setting, where it goes `name: text` or `name, name: text`."""
    name = "|".join(sorted((option.name for option in fields(kind)), key=len, reverse=True))
    heads = re.split(rf"(?<!\S)((?:{name})(?:, (?:{name}))*): ", cleandoc(kind.__doc__ or ""))
    told: dict[str, str] = {}
    for names, text in zip(heads[1::2], heads[2::2], strict=True):
        told.update(dict.fromkeys(names.split(", "), " ".join(text.split()).rstrip(".")))
    return told


def _from_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        tree = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"The settings file {file} is no TOML: {error}.") from error
    return dict(_flat(tree, file))


def _flat(tree: Mapping[str, Any], file: Path) -> Iterator[tuple[str, Any]]:
    for room, values in tree.items():
        if not isinstance(values, dict):
            raise SettingsError(
                f"The settings file {file} sets {room!r} outside a room. Write it under a heading such as [judge]."
            )
        for option, value in values.items():
            yield f"{room}.{option}", value


def _known(name: str, source: str) -> tuple[str, str]:
    names = [setting.name for setting in describe()]
    if name in names:
        room, _, option = name.partition(".")
        return room, option
    near = get_close_matches(name, names, n=3, cutoff=0.4)
    advice = f"Did you mean {' or '.join(near)}?" if near else f"The rooms are {', '.join(_rooms())}."
    raise SettingsError(f"There is no setting {name!r} (from {source}). {advice}")


def _rooms() -> tuple[str, ...]:
    return tuple(room.name for room in fields(Settings))


def _typed(name: str, value: Any, source: str) -> Any:
    room, _, option = name.partition(".")
    expected = get_type_hints(get_type_hints(Settings)[room])[option]
    is_text = isinstance(value, str)
    if is_text and str(expected).startswith("tuple"):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return msgspec.convert(value, expected, strict=not is_text)
    except msgspec.ValidationError as error:
        raise SettingsError(f"The setting {name} cannot be {value!r} (from {source}): {error}.") from error
