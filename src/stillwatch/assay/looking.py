"""Where the questions to each model ended, from what was kept: the same whether a run asks it or a report, without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stillwatch.assay.betting import Bets
from stillwatch.assay.case import Case
from stillwatch.assay.families import planned, served
from stillwatch.assay.gathering import picked, written
from stillwatch.assay.queries import asked
from stillwatch.assay.stopping import asked_until, bound
from stillwatch.errors import UsageError
from stillwatch.model.assay import TESTED, Endpoint, Stopped, TestId

Ends = Mapping[str, int]
"""By the name of a tested model the look after which it was asked no more."""


@dataclass(frozen=True)
class Stop:
    """The look by which an e-process reached its bound."""

    look: int
    test: TestId
    account_set: str
    e_value: float
    bound: float


def stopped_at(case: Case, subject: Endpoint) -> Stop | None:
    """The first look by which an e-process of a served set reached its bound in what this model answered."""
    return min(_stops(case, subject), key=lambda stop: stop.look, default=None)


def _stops(case: Case, subject: Endpoint) -> Iterator[Stop]:
    for told in served(case.plan):
        for test in case.plan.stopping.tests if case.plan.stopping else ():
            bets = _bets(case, subject, test, told.account_set) if test in planned(told, case.plan) else None
            limit = bound(case.plan, test, told.account_set)
            look = bets.first_over(limit) if bets else None
            if bets and look is not None:
                yield Stop(look, test, told.account_set, bets.until(look).e_value, limit)


def _bets(case: Case, subject: Endpoint, test: TestId, account_set: str) -> Bets | None:
    if test == "T4":
        canaries = picked(case, subject, account_set)
        return canaries.bets if canaries else None
    keys = case.tools.keys.get(account_set)
    key = keys.watermark if keys else None
    texts = written(case, subject, case.tools.window) if key else None
    return texts.bets(case, key) if texts and key else None


def ends(case: Case) -> Ends | None:
    """Where each tested model's questions ended; none if those to the suspect did not, for then every model is asked everything."""
    if case.plan.stopping is None or stopped_at(case, case.suspect) is None:
        return None
    found = {model.name: stopped_at(case, model) for model in case.models(*TESTED)}
    return {name: stop.look if stop else case.plan.stopping.looks for name, stop in found.items()}


def look_for(told: Ends | None, endpoint: Endpoint) -> int | None:
    """The look after which a model was asked no more. Models that are not tested are asked for T0 alone once the run has ended."""
    return None if told is None else told.get(endpoint.name, 1)


def stopped(case: Case, told: Ends) -> Stopped | None:
    """The end of a run in figures."""
    stop = stopped_at(case, case.suspect)
    if stop is None or case.plan.stopping is None:
        return None
    every = {e.name: len(set(asked(case.plan, case.probes, e))) for e in case.plan.endpoints}
    mine = {
        e.name: len(set(asked_until(case.plan, case.probes, e, look_for(told, e))))
        for e in case.plan.endpoints
    }
    suspect, of_all = case.suspect.name, sum(mine.values())
    return Stopped(
        look=stop.look,
        looks=case.plan.stopping.looks,
        test=stop.test,
        account_set=stop.account_set,
        e_value=stop.e_value,
        bound=stop.bound,
        asked=mine[suspect],
        saved=every[suspect] - mine[suspect],
        asked_of_all=of_all,
        saved_of_all=sum(every.values()) - of_all,
    )


def refuse_to_look_without_keys(case: Case) -> None:
    """Refuse to begin a run, or to report one, that would have to look and cannot."""
    for told in served(case.plan):
        held = case.tools.keys.get(told.account_set)
        for test in case.plan.stopping.tests if case.plan.stopping else ():
            key = (held.watermark if test == "T3" else held.canary) if held else None
            if test in planned(told, case.plan) and key is None:
                raise UsageError(
                    f"This plan lets {test} end the run, so that its run and its report have to look: give the key of {told.account_set!r} with --key, and the tokenizer with --tokenizer."
                )
