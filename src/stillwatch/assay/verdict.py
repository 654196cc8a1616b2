"""One of six fixed words, and only with controls: no controls, no verdict.

Claims of two kinds are never mixed. Keyed tests (T3, T4 of each account set) alone support "trained on served text"; Holm holds the family inside a set, and
again over sets. Unkeyed tests (T1, T2) are a family of their own and say "close", which shared data, a common third model or
a common base explain as well. "No finding" tells the power that was there and clears nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stillwatch.assay.families import KEYED, UNKEYED, planned
from stillwatch.assay.keyed import FIXED
from stillwatch.assay.unkeyed import BEYOND_NEAR
from stillwatch.model.assay import ANSWERED, Control, Endpoint, Plan, TestId, TestResult, Word

FEWEST_DOSES = 2
PROXY_POWER = 0.9
PROXY_ANSWERED = 0.9
AS_MUCH = 0.9
"""A control was tested if each test of the suspect was made of it, from this share at least of what the suspect's was made from."""
FOUND_POWER = 0.8
NEVER_CLEARS = (
    "This does not clear the suspect: marks can be washed out by rewriting, and a small dose is not found."
)
EXPLAINS = {
    "unusually close": "Not excluded: the same public data, a common third model, a common base, or better quality alone.",
    "close beyond shared-data controls": "Not excluded: data shared with the teacher that the twins did not have, or a third model that no control knew.",
    "trained on served text": "The error rate is exact if the key stayed secret. Not told: who served the text to whom, or by which way it came there.",
    "our model behind a proxy": "No difference was found where every other model that was tried showed one. Not told: who runs it, or under which agreement.",
    "no finding": NEVER_CLEARS,
    "uncalibrated": "Without its controls a p-value of this assay supports nothing.",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The word, the sets it holds for, one sentence with its error, and the results with their adjusted p-values."""

    word: Word
    account_sets: tuple[str, ...]
    sentence: str
    results: tuple[TestResult, ...]


def controls(
    plan: Plan, found: Mapping[str, Sequence[TestResult]], changed: Sequence[str] = ()
) -> tuple[Control, ...]:
    """Whether each control is there and came out as it must. `found` holds adjusted results by the model's name; `changed` names models that did not stay one."""
    positives = sorted((e for e in plan.endpoints if e.role == "positive"), key=lambda e: e.dose or 0)
    made = [
        _positive(positives, plan, found),
        _innocent("own text", [e for e in plan.endpoints if e.role == "own_text"], plan, found),
        *(
            _there(name, [e for e in plan.endpoints if e.role == name], plan, found)
            for name in ("twin", "sibling")
        ),
    ]
    if KEYED & set(plan.tests):
        made.append(_keys(plan, found))
    told = f"{', '.join(changed)} answered under several names" if changed else "each answered under one name"
    made.append(Control(name="one model each", is_there=True, is_right=not changed, told=told))
    return tuple(made)


def _positive(models: Sequence[Endpoint], plan: Plan, found: Mapping[str, Sequence[TestResult]]) -> Control:
    """Students of two doses at least, the largest among them, must be found; smaller doses that were missed are told."""
    hits: dict[int, set[str]] = {}
    for model in models:
        if found.get(model.name):
            mine = hits.setdefault(model.dose or 0, set())
            mine.update(r.test for r in found[model.name] if _rejects(r, plan))
    if not hits:
        return Control(
            name="positive", is_there=False, is_right=None, told="no student of the teacher was tested"
        )
    told = "; ".join(
        f"dose {dose:,} found by {', '.join(sorted(tests))}" if tests else f"dose {dose:,} was missed"
        for dose, tests in hits.items()
    )
    if len(hits) < FEWEST_DOSES:
        told += f"; {FEWEST_DOSES} doses are needed"
    is_right = sum(map(bool, hits.values())) >= FEWEST_DOSES and bool(hits[max(hits)])
    return Control(name="positive", is_there=True, is_right=is_right, told=told)


def _innocent(
    name: str, models: Sequence[Endpoint], plan: Plan, found: Mapping[str, Sequence[TestResult]]
) -> Control:
    lack = _untested(models, plan, found, KEYED | UNKEYED)
    if lack:
        return Control(name=name, is_there=False, is_right=None, told=lack)
    hits = sorted(
        {r.test for model in models for r in found[model.name] if _rejects(r, plan, among=len(models))}
    )
    told = f"called by {', '.join(hits)}, though innocent" if hits else "not called"
    return Control(name=name, is_there=True, is_right=not hits, told=told)


def _there(
    name: str, models: Sequence[Endpoint], plan: Plan, found: Mapping[str, Sequence[TestResult]]
) -> Control:
    """Twins and siblings decide the wording by how close they are; keyed tests must not call them."""
    lack = _untested(models, plan, found, KEYED)
    if lack:
        return Control(name=name, is_there=False, is_right=None, told=lack)
    called = [
        m.name
        for m in models
        for r in found[m.name]
        if r.test in KEYED and _rejects(r, plan, among=len(models))
    ]
    return Control(
        name=name,
        is_there=True,
        is_right=not called,
        told="called by a key" if called else f"{len(models)} tested, for the wording",
    )


def _untested(
    models: Sequence[Endpoint],
    plan: Plan,
    found: Mapping[str, Sequence[TestResult]],
    tests: frozenset[TestId],
) -> str:
    """What a control lacks to be one: a model, or what the suspect was tested by, on about as many answers."""
    if not any(found.get(model.name) for model in models):
        return "no such model was tested"
    ours = {k: v for k, v in _rests(found, _suspect(plan)).items() if k[0] in tests}
    for model in models:
        theirs = _rests(found, model.name)
        for (test, account_set), share in ours.items():
            if theirs.get((test, account_set), 0.0) < AS_MUCH * share or not theirs:
                of = f" with the key of {account_set}" if account_set else ""
                return f"{model.name} answered too little of {test}{of}, on which the suspect was tested"
    return ""


def _rests(found: Mapping[str, Sequence[TestResult]], name: str) -> dict[tuple[TestId, str], float]:
    """On which share of its questions each planned test of a model rests."""
    return {(r.test, r.account_set): _share(r) for r in found.get(name, ()) if r.is_confirmatory}


def _suspect(plan: Plan) -> str:
    return next(e.name for e in plan.endpoints if e.role == "suspect")


def _keys(plan: Plan, found: Mapping[str, Sequence[TestResult]]) -> Control:
    """Keys of sets that were never served, every one that the plan binds, must find nothing in the suspect."""
    unserved = [told for told in plan.commitments if not told.is_served]
    names = {told.account_set for told in unserved}
    mine = found.get(_suspect(plan), ())
    tested = [r for r in mine if r.account_set in names and r.is_confirmatory]
    wanted = {(told.account_set, test) for told in unserved for test in planned(told, plan)}
    most = {t: max((_share(r) for r in mine if r.test == t and r.account_set not in names), default=0.0) for t in KEYED}  # fmt: skip
    missing = sorted(
        wanted - {(r.account_set, r.test) for r in tested if _share(r) >= AS_MUCH * most[r.test]}
    )
    if missing or not KEYED & set(plan.tests) <= {test for _, test in wanted}:
        which = "; ".join(f"{test} with that of {name}" for name, test in missing)
        why = f"not tried: {which}" if missing else "no key of an unserved set is bound for each keyed test"
        return Control(name="unserved keys", is_there=False, is_right=None, told=why)
    hits = sorted({r.test for r in tested if r.p_value * len(tested) <= plan.level})
    told = f"an unserved key was found by {', '.join(hits)}" if hits else "not found"
    return Control(name="unserved keys", is_there=True, is_right=not hits, told=told)


def _share(result: TestResult) -> float:
    return result.beside.get(ANSWERED, 1.0)


def _rejects(result: TestResult, plan: Plan, *, among: int = 1) -> bool:
    return result.adjusted_p is not None and result.adjusted_p * among <= plan.level


def judged(plan: Plan, results: Sequence[TestResult], checks: Sequence[Control], power: str) -> Verdict:
    """The word for the suspect's adjusted results."""
    missing = [f"{c.name} ({c.told})" for c in checks if not c.is_there or not c.is_right]
    if missing:
        return _told("uncalibrated", results, f"No verdict: {'; '.join(missing)}.")
    proxy = [r for r in results if r.test == "T0" and r.is_confirmatory and r.p_value > plan.level]
    if proxy and (proxy[0].power or 0.0) >= PROXY_POWER and is_whole(proxy[0]):
        return _told(
            "our model behind a proxy",
            results,
            _error(proxy[0], f"power {proxy[0].power:.2f} against the nearest student"),
        )
    keyed = [r for r in results if r.test in KEYED and _rejects(r, plan)]
    if keyed:
        sets = tuple(dict.fromkeys(r.account_set for r in keyed))
        told = "; ".join(_error(r, f"account set {r.account_set}") for r in keyed)
        return _told("trained on served text", results, told, sets)
    close = [r for r in results if r.test in UNKEYED and _rejects(r, plan)]
    if close:
        tried = len(UNKEYED & set(plan.tests))
        beyond = [r for r in close if r.beside.get(BEYOND_NEAR, 1.0) <= plan.level / tried]
        word: Word = "close beyond shared-data controls" if beyond else "unusually close"
        return _told(
            word, results, "; ".join(_error(r, f"against {r.models} models") for r in beyond or close)
        )
    return _told("no finding", results, power)


def is_whole(equality: TestResult) -> bool:
    """Whether enough of T0's samples were answered: who answers few of them must not look like anybody."""
    return _share(equality) >= PROXY_ANSWERED


def _error(result: TestResult, more: str) -> str:
    p = result.p_value if result.adjusted_p is None else result.adjusted_p
    at_floor = " (the smallest it can be)" if result.floor and result.p_value <= result.floor else ""
    by = " by its e-process, whenever one looks" if FIXED in result.beside else ""
    return f"{result.test}: p = {p:.2g}{at_floor}{by}, n = {result.n:,}, {more}"


def _told(word: Word, results: Sequence[TestResult], sentence: str, sets: tuple[str, ...] = ()) -> Verdict:
    return Verdict(
        word=word,
        account_sets=sets,
        sentence=f"{sentence.rstrip('.')}. {EXPLAINS[word]}",
        results=tuple(results),
    )
