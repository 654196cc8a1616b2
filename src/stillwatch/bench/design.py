"""What a rehearsal tries: archetypes, stealth, sizes and rates, and how often each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from stillwatch.bench.stealth import STEALTH
from stillwatch.errors import UsageError
from stillwatch.simulate.single import archetypes

MOST_ACCOUNTS = 100_000
MOST_A_DAY = 1_000_000
"""Exchanges that a planted campaign may make in a day: more than any public report tells, and still fit for memory."""
MOST_RATES = 6
"""Curves that one drawing can hold apart."""
MOST_TRIALS = 10_000
WHOLE = ("--accounts", "--repeats", "--seed")


@dataclass(frozen=True)
class Cell:
    """One kind of campaign: how it works, how careful it is, accounts, exchanges per account and active day."""

    archetype: str
    stealth: str
    rate: float
    accounts: int


@dataclass(frozen=True)
class Design:
    """Every combination of these, `repeats` times; `camouflage` is a share of traffic (0..1)."""

    archetype: tuple[str, ...] = ("lone",)
    stealth: tuple[str, ...] = ("plain",)
    accounts: tuple[int, ...] = (20, 60, 180)
    rates: tuple[float, ...] = (5.0, 20.0, 100.0)
    camouflage: float = 0.5
    repeats: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be planted, and say what can."""
        _check_names("--archetype", self.archetype, tuple(archetypes()))
        _check_names("--stealth", self.stealth, tuple(STEALTH))
        _check_numbers("--accounts", self.accounts, 1, MOST_ACCOUNTS)
        _check_numbers("--rates", self.rates, 0, MOST_A_DAY)
        _check_numbers("--camouflage", (self.camouflage,), 0, 0.9)
        _check_numbers("--repeats", (self.repeats,), 1, MOST_TRIALS)
        _check_numbers("--seed", (self.seed,), 0, 2**31 - 1)
        self._check_effort()

    def _check_effort(self) -> None:
        busiest = max(self.accounts) * max(self.rates)
        if busiest > MOST_A_DAY:
            raise UsageError(
                f"{max(self.accounts):,} accounts at {max(self.rates):,g} exchanges a day make {busiest:,.0f} a day; "
                f"a rehearsal plants at most {MOST_A_DAY:,} a day. Give smaller --accounts or --rates."
            )
        if len(self.rates) > MOST_RATES:
            raise UsageError(
                f"--rates has {len(self.rates)} values, and one drawing holds {MOST_RATES} curves. Give fewer rates."
            )
        if len(self) > MOST_TRIALS:
            raise UsageError(
                f"This rehearsal would take {len(self):,} scans; at most {MOST_TRIALS:,} are made. "
                "Give fewer sizes, rates, archetypes, levels of stealth or repeats."
            )

    def __len__(self) -> int:
        """The number of trials, which is the number of scans after the one of the untouched log."""
        kinds = len(self.archetype) * len(self.stealth) * len(self.rates) * len(self.accounts)
        return kinds * self.repeats

    def cells(self) -> Iterator[Cell]:
        """Every kind of campaign, sizes innermost and in rising order."""
        for archetype in self.archetype:
            for stealth in self.stealth:
                for rate in sorted(self.rates):
                    for accounts in sorted(self.accounts):
                        yield Cell(archetype, stealth, rate, accounts)


def _check_names(option: str, given: Sequence[str], known: tuple[str, ...]) -> None:
    _check_list(option, given)
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.6)
            advice = f"Did you mean {near[0]}? " if near else ""
            raise UsageError(f"{option} knows no {name!r}. {advice}There are: {', '.join(known)}.")


def _check_numbers(option: str, given: Sequence[float], least: float, most: float) -> None:
    _check_list(option, given)
    for value in given:
        if option in WHOLE and not isinstance(value, int):
            raise UsageError(f"{option} cannot be {value:g}. Give whole numbers.")
        if not math.isfinite(value) or not least <= value <= most or (option == "--rates" and not value):
            above = "above 0" if option == "--rates" else f"from {least:g}"
            raise UsageError(f"{option} cannot be {value:g}. Give a value {above} up to {most:,.9g}.")


def _check_list(option: str, given: Sequence[object]) -> None:
    if not given:
        raise UsageError(f"{option} names nothing. Give at least one value.")
    twice = sorted({str(value) for value in given if given.count(value) > 1})
    if twice:
        raise UsageError(f"{option} names {twice[0]} more than once. Give each value once.")
