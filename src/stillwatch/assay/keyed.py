"""The tests that compare a secret key with keys that nobody used, from the answers that were kept: T3 and T4.

Where the plan lets one of them end the run early, its e-process decides (`assay.betting`): the p-value for a number of questions that was fixed beforehand would
have been looked at many times, and stands beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from stillwatch.assay.betting import Bets, on_hits
from stillwatch.assay.canary import canary
from stillwatch.assay.case import Case, Outcome
from stillwatch.assay.gathering import Picked, picked, written
from stillwatch.assay.radioactivity import WEIGHTINGS, Ints, Radioactivity, Weighting, compared, weighed
from stillwatch.assay.several import martingale
from stillwatch.mark.schemes import USUAL, scheme
from stillwatch.model.assay import ANSWERED, NULL_HYPOTHESES, Endpoint, TestResult

FIXED = "p_if_the_number_were_fixed"
"""Under this name a test that may end the run tells what it would have given without looking; a result that has it was decided by its e-process."""


def radioactive(case: Case, subject: Endpoint, account_set: str) -> Outcome | None:
    """T3: green of the subject's texts under the set's key, and under decoys."""
    keys, tools = case.tools.keys.get(account_set), case.tools
    if keys is None or keys.watermark is None:
        return None
    way, key = scheme(keys.scheme), keys.watermark
    is_usual = keys.scheme == USUAL
    held = written(case, subject, tools.window if is_usual else way.window(key))
    if held is None:
        return None
    tuples, draws = held.tuples, _draws(case, held.tuples.texts)
    every = [key, *way.decoys(key, case.plan.decoys, case.plan.random_seed)]
    columns = [tuples.weights(weighting) for weighting in WEIGHTINGS]
    columns += [tuples.weights(case.plan.weighting, times) for times in draws]
    shares = weighed(tuples, every, tools.green if is_usual else way.values, np.stack(columns, axis=1))
    gamma = tools.gamma if is_usual else way.expected(key)
    found = {
        w: compared(shares[:, at], n=columns[at].sum(), tuples=len(tuples.place), gamma=gamma)
        for at, w in enumerate(WEIGHTINGS)
    }
    result = _radioactive(case, subject, account_set, found, held.share)
    if _ends(case, "T3"):
        again = _each(held.bets(case, key, times).p_value for times in draws)
        return Outcome(_by_bets(result, held.bets(case, key)), tuples.texts, again)
    drawn_again = shares[:, len(WEIGHTINGS) :].T
    return Outcome(result, tuples.texts, _each(compared(one, n=1, tuples=0).p_value for one in drawn_again))


def _radioactive(
    case: Case, subject: Endpoint, account_set: str, found: Mapping[Weighting, Radioactivity], share: float
) -> TestResult:
    one = found[case.plan.weighting]
    beside = {f"p_{w}": told.p_value for w, told in found.items() if w != case.plan.weighting}
    return TestResult(
        test="T3",
        subject=subject.name,
        n=one.tuples,
        statistic=one.share,
        p_value=one.p_value,
        floor=one.floor,
        null_hypothesis=NULL_HYPOTHESES["T3"],
        account_set=account_set,
        models=case.plan.decoys,
        beside={
            **beside,
            ANSWERED: share,
            "decoy_share": one.decoy_share,
            "z": one.z,
            "p_normal_approximate": one.p_normal,
        },
    )


def _draws(case: Case, texts: int) -> list[Ints]:
    """How often each text is taken, for each draw of as many texts."""
    rng = np.random.default_rng(case.plan.random_seed)
    return [np.bincount(rng.integers(0, texts, texts), minlength=texts) for _ in range(case.plan.resamples)]


def _each(p_values: Iterable[float]) -> Callable[[Ints], float]:
    """The p-values of draws that were made beforehand, one a call."""
    found = iter(p_values)
    return lambda _: next(found)


def canaries(case: Case, subject: Endpoint, account_set: str) -> Outcome | None:
    """T4: the subject's choices at the set's triggers, against those of the set's key."""
    held = picked(case, subject, account_set)
    if held is None:
        return None
    one = canary(held.choices, held.secret, held.sizes)
    result = TestResult(
        test="T4",
        subject=subject.name,
        n=one.triggers,
        statistic=one.hits,
        p_value=one.p_value,
        floor=one.floor,
        null_hypothesis=NULL_HYPOTHESES["T4"],
        account_set=account_set,
        beside={
            ANSWERED: held.share,
            "expected": sum(1 / m for m in held.sizes),
            "e_value": float(martingale(held.hits, [1 / m for m in held.sizes])[-1]),
        },
    )
    if _ends(case, "T4"):
        floor = on_hits([True] * one.triggers, held.sizes, held.looks).p_value
        return Outcome(
            _by_bets(result, held.bets, floor), one.triggers, lambda units: held.of(units).bets.p_value
        )
    return Outcome(result, one.triggers, lambda units: _tail(held.of(units)))


def _tail(held: Picked) -> float:
    return canary(held.choices, held.secret, held.sizes).p_value


def _ends(case: Case, test: str) -> bool:
    return case.plan.stopping is not None and test in case.plan.stopping.tests


def _by_bets(result: TestResult, bets: Bets, floor: float = 0.0) -> TestResult:
    """The result by its e-process."""
    beside = {**result.beside, FIXED: result.p_value, "e_value": bets.e_value}
    return replace(result, p_value=bets.p_value, floor=floor, beside=beside)
