"""The rehearsal as one self-contained page, in the style of a scan's report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby

from markupsafe import Markup

from stillwatch.bench.curve import draw_power
from stillwatch.bench.power import TARGET, Point, Smallest, curves
from stillwatch.bench.rehearsal import SIMULATED, Rehearsal
from stillwatch.bench.stealth import planned
from stillwatch.bench.wording import how_small, works
from stillwatch.report.html import environment, style
from stillwatch.report.shown import shown

MOST_ACCOUNTS = 50
"""Newly named accounts that the page lists; rehearsal.json holds all."""


@dataclass(frozen=True)
class Panel:
    """One archetype at one level of stealth: its drawing, and its curves with where each reaches the target."""

    archetype: str
    stealth: str
    about: str
    drawing: Markup
    curves: tuple[tuple[tuple[Point, ...], str], ...]


def rehearsal_html(rehearsal: Rehearsal) -> str:
    """The page as HTML text."""
    named = [(shown(account, 60), trials) for account, trials in rehearsal.newly_named[:MOST_ACCOUNTS]]
    page = environment("stillwatch.bench").get_template("rehearsal.html.jinja")
    more = files("stillwatch.bench").joinpath("templates", "rehearsal.css").read_text("utf-8")
    return page.render(
        what=SIMULATED,
        run=rehearsal.run,
        design=rehearsal.design,
        baseline=rehearsal.baseline,
        panels=list(_panels(rehearsal)),
        rates=sorted(rehearsal.design.rates),
        trials=len(rehearsal.trials),
        found=sum(trial.is_found for trial in rehearsal.trials),
        newly_named=named,
        unlisted=max(0, len(rehearsal.newly_named) - MOST_ACCOUNTS),
        disturbed=sum(bool(trial.newly_named) for trial in rehearsal.trials),
        hidden=sum(trial.no_longer_named > 0 for trial in rehearsal.trials),
        notes=rehearsal.notes,
        target=TARGET,
        **style(more),
    )


def _panels(rehearsal: Rehearsal) -> Iterator[Panel]:
    """One panel for all rates of an archetype at a level of stealth."""
    ends = {(s.archetype, s.stealth, s.rate): s for s in rehearsal.smallest}
    together = groupby(curves(rehearsal.points), key=lambda c: (c[0].cell.archetype, c[0].cell.stealth))
    for number, ((archetype, stealth), group) in enumerate(together):
        mine = tuple(group)
        yield Panel(
            archetype=archetype,
            stealth=stealth,
            about=works(planned(archetype, stealth, rehearsal.design.camouflage)),
            drawing=draw_power(mine, f"p{number}", f"Power, {archetype}, {stealth}"),
            curves=tuple((curve, how_small(_end(ends, curve))) for curve in mine),
        )


def _end(ends: dict[tuple[str, str, float], Smallest], curve: tuple[Point, ...]) -> Smallest:
    cell = curve[0].cell
    return ends[cell.archetype, cell.stealth, cell.rate]
