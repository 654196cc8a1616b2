"""The tests that compare a secret key with keys that nobody used, from the answers that were kept: T3 and T4."""

from __future__ import annotations

import numpy as np

from stillwatch.assay.canary import canary, chosen
from stillwatch.assay.case import Case, Outcome
from stillwatch.assay.queries import NAMED_TOKENS, drawn, writing
from stillwatch.assay.radioactivity import WEIGHTINGS, Ints, Tuples, compared, gathered, weighed
from stillwatch.assay.several import martingale
from stillwatch.mark.canaries import answer_index
from stillwatch.mark.schemes import USUAL, scheme
from stillwatch.model.assay import NULL_HYPOTHESES, Endpoint, TestResult


def radioactive(case: Case, subject: Endpoint, account_set: str) -> Outcome | None:
    """T3: green of the subject's texts under the set's key, and under decoys."""
    keys, tools = case.tools.keys.get(account_set), case.tools
    if keys is None or keys.watermark is None or tools.tokenise is None:
        return None
    way, key = scheme(keys.scheme), keys.watermark
    is_usual = keys.scheme == USUAL
    tuples = _tuples(case, subject, tools.window if is_usual else way.window(key))
    if not len(tuples.place):
        return None
    every = [key, *way.decoys(key, case.plan.decoys, case.plan.random_seed)]
    gamma = tools.gamma if is_usual else way.expected(key)
    draws = _draws(case, tuples.texts)
    columns = [tuples.weights(weighting) for weighting in WEIGHTINGS]
    columns += [tuples.weights(case.plan.weighting, times) for times in draws]
    shares = weighed(tuples, every, tools.green if is_usual else way.values, np.stack(columns, axis=1))
    found = {
        w: compared(shares[:, at], n=columns[at].sum(), tuples=len(tuples.place), gamma=gamma)
        for at, w in enumerate(WEIGHTINGS)
    }
    one = found[case.plan.weighting]
    beside = {f"p_{w}": told.p_value for w, told in found.items() if w != case.plan.weighting}
    result = TestResult(
        test="T3",
        subject=subject.name,
        n=len(tuples.place),
        statistic=one.share,
        p_value=one.p_value,
        floor=one.floor,
        null_hypothesis=NULL_HYPOTHESES["T3"],
        account_set=account_set,
        models=case.plan.decoys,
        beside={**beside, "decoy_share": one.decoy_share, "z": one.z, "p_normal_approximate": one.p_normal},
    )
    again = iter(shares[:, len(WEIGHTINGS) :].T)
    return Outcome(result, tuples.texts, lambda _: compared(next(again), n=1, tuples=0).p_value)


def _draws(case: Case, texts: int) -> list[Ints]:
    """How often each text is taken, for each draw of as many texts."""
    rng = np.random.default_rng(case.plan.random_seed)
    return [np.bincount(rng.integers(0, texts, texts), minlength=texts) for _ in range(case.plan.resamples)]


def _tuples(case: Case, subject: Endpoint, window: int) -> Tuples:
    assert case.tools.tokenise is not None  # noqa: S101  its caller asked
    texts, prompts = [], []
    for probe in case.of_kind("free"):
        told = case.find(subject, writing(probe, case.plan))
        if told is not None and told.text:
            prompts.append(case.tools.tokenise(probe.prompt))
            texts.append(case.tools.tokenise(told.text))
    return gathered(texts, prompts, window)


def canaries(case: Case, subject: Endpoint, account_set: str) -> Outcome | None:
    """T4: the subject's choices at the set's triggers, against those of the set's key."""
    keys = case.tools.keys.get(account_set)
    probes = [probe for probe in case.of_kind("trigger") if probe.account_set == account_set]
    if keys is None or keys.canary is None or not probes:
        return None
    choices: list[int | None] = []
    for probe in probes:
        found = (case.find(subject, r) for r in drawn(probe, case.plan.trigger_samples, NAMED_TOKENS))
        choices.append(chosen([c.text for c in found if c is not None], probe.alternatives))
    sizes = [len(probe.alternatives) for probe in probes]
    secret = [
        answer_index(keys.canary, account_set, p.trigger or p.prompt, m)
        for p, m in zip(probes, sizes, strict=True)
    ]
    one = canary(choices, secret, sizes)
    hits = [choice == answer for choice, answer in zip(choices, secret, strict=True)]
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
            "expected": sum(1 / m for m in sizes),
            "e_value": float(martingale(hits, [1 / m for m in sizes])[-1]),
        },
    )

    def again(units: Ints) -> float:
        return canary(
            [choices[i] for i in units], [secret[i] for i in units], [sizes[i] for i in units]
        ).p_value

    return Outcome(result, len(probes), again)
