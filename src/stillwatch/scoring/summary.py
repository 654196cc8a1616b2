"""A score as rows for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One line of the summary."""

    label: str
    text: str


@dataclass(frozen=True)
class _Line:
    """What a row shows: values by their place in the score, and the words between them."""

    label: str
    pattern: str
    places: tuple[str, ...]


LINES = (
    _Line(
        "accounts: precision, recall, F1", "{}, {}, {}", ("account.precision", "account.recall", "account.f1")
    ),
    _Line("accounts called campaign", "{}, of them {} wrongly", ("accounts_flagged", "false_accounts")),
    _Line("average precision of risk", "{}", ("average_precision",)),
    _Line("clusters: B-cubed F1, pairwise F1", "{}, {}", ("bcubed.f1", "pairwise.f1")),
    _Line(
        "campaigns found",
        "{} of them; {} reported, {} false",
        ("campaigns_found", "campaigns_reported", "false_campaigns"),
    ),
    _Line("relay: precision, recall", "{}, {}", ("relay.precision", "relay.recall")),
    _Line(
        "authorised: so called, called campaign",
        "{}, {}",
        ("authorised.verdict_authorised", "authorised.called_campaign"),
    ),
    _Line("framing accounts called campaign", "{}", ("framing.called_campaign",)),
    _Line(
        "exchanges: precision, recall, F1",
        "{}, {}, {}",
        ("exchange.precision", "exchange.recall", "exchange.f1"),
    ),
    _Line("volume: mean relative error, cover", "{}, {}", ("volume.mean_relative_error", "volume.coverage")),
    _Line("capabilities: total variation", "{}", ("capability_tv",)),
    _Line(
        "attribution right: class, name",
        "{}, {}; {} wrong names",
        ("attribution.L3a_right", "attribution.L3b_right", "attribution.L3b_wrong"),
    ),
    _Line(
        "calibration: Brier, error, of members",
        "{}, {}, {}",
        ("calibration.brier", "calibration.ece", "calibration.ece_members"),
    ),
)


def summary(score: Mapping[str, Any]) -> Sequence[Row]:
    """Tell the score as rows of label and text, for the terminal.

    There is a line for each measure, for recall by campaign and for the look-alikes called campaign. A
    measure that the world does not allow shows as a dash; a line without any measure is left out.
    """
    measured = [line for line in LINES if any(value is not None for value in _values(line, score))]
    rows = [Row(line.label, line.pattern.format(*map(_shown, _values(line, score)))) for line in measured]
    recall, wrong = score["recall_by_campaign"], score["fpr_by_lookalike"]
    called = {name: rate for name, rate in wrong.items() if rate}
    if recall:
        rows.append(Row("recall by campaign", _listed(recall)))
    return [*rows, Row("look-alikes called campaign", _listed(called) or "none")]


def _values(line: _Line, score: Mapping[str, Any]) -> list[object]:
    return [_value(score, place) for place in line.places]


def _value(score: Mapping[str, Any], place: str) -> object:
    value: object = score
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}"


def _listed(rates: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {_shown(rate)}" for name, rate in rates.items())
