"""What a plan that may stop early fixes: which questions are asked by which look, what stays unasked, and the bound that ends a run.

The questions of the stopping tests are cut into as many equal parts as there are looks, in the order of the probes' file, which is sealed. After each part the
e-process of every served account set is looked at. Ville's inequality bounds the chance that it ever reaches 1 / a by a, however often and whenever one looks, if
nothing is there; with `a` the level's share that Holm would give this hypothesis first, all of them together hold the level.

A run that ended so makes no other test but T0, which comes before any key in the verdict: what is not asked cannot be tested, and a test that is made only where
no key was found rejects no more often than it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from stillwatch.assay.families import KEYED, family_size
from stillwatch.assay.queries import asked, of_kind
from stillwatch.errors import UsageError
from stillwatch.mark.schemes import USUAL
from stillwatch.model.assay import Endpoint, Kind, Plan, Probe, Request, TestId

FEWEST_LOOKS = 2
KINDS: Mapping[TestId, Kind] = {"T3": "free", "T4": "trigger"}


def refuse_what_cannot_stop(plan: Plan) -> None:
    """Refuse a rule that no e-process stands behind."""
    if plan.stopping is None:
        return
    tests = plan.stopping.tests
    if not tests or set(tests) - KEYED or set(tests) - set(plan.tests):
        raise UsageError(
            f"A run can end early by T3 and T4, if they are planned; {', '.join(tests) or 'nothing'} was given for {', '.join(plan.tests)}. "
            "For the other tests the model is the unit, and more questions to one model are no more evidence."
        )
    if plan.stopping.looks < FEWEST_LOOKS:
        raise UsageError(f"A run that may end early is looked at {FEWEST_LOOKS} times at least.")
    other = [told.account_set for told in plan.commitments if told.watermark and told.scheme != USUAL]
    if "T3" in tests and other:
        raise UsageError(
            f"The watermark of {other[0]!r} is not ours, and only for ours the chance of each green token is known exactly. Let T4 alone end the run."
        )


def refuse_too_few_to_look(plan: Plan, probes: Sequence[Probe]) -> None:
    """Refuse more looks than there are questions between them."""
    for test in plan.stopping.tests if plan.stopping else ():
        sizes = _sizes(probes, KINDS[test])
        fewest = min(sizes.values(), default=0)
        if plan.stopping and fewest < plan.stopping.looks:
            raise UsageError(
                f"{test} has {fewest} probes of the kind {KINDS[test]}, and {plan.stopping.looks} looks were asked for. Write more, or take fewer --looks."
            )


def _sizes(probes: Sequence[Probe], kind: Kind) -> dict[str, int]:
    found: dict[str, int] = {}
    for probe in of_kind(probes, kind):
        found[probe.account_set] = found.get(probe.account_set, 0) + 1
    return found


def look_of(plan: Plan, probes: Sequence[Probe]) -> dict[str, int]:
    """By which look each probe of the stopping tests is asked: the first, the second and so on, in equal parts of each account set's."""
    if plan.stopping is None:
        return {}
    found = {}
    for test in plan.stopping.tests:
        sizes, seen = _sizes(probes, KINDS[test]), dict[str, int]()
        for probe in of_kind(probes, KINDS[test]):
            at = seen[probe.account_set] = seen.get(probe.account_set, 0) + 1
            found[probe.probe_id] = -(-at * plan.stopping.looks // sizes[probe.account_set])
    return found


def within(plan: Plan, probes: Sequence[Probe], look: int) -> list[Probe]:
    """The probes that are asked by a look, and those of T0."""
    looks = look_of(plan, probes)
    return [p for p in probes if p.kind == "equality" or looks.get(p.probe_id, look + 1) <= look]


def made(plan: Plan) -> tuple[TestId, ...]:
    """The tests of a run that ended early."""
    mine = plan.stopping.tests if plan.stopping else ()
    return tuple(test for test in plan.tests if test in mine or test == "T0")


def asked_until(
    plan: Plan, probes: Sequence[Probe], endpoint: Endpoint, look: int | None
) -> Iterator[Request]:
    """What this model is asked in the first round, if the questions to it ended after that look; everything if they did not."""
    if look is None:
        return asked(plan, probes, endpoint)
    return asked(replace(plan, tests=made(plan)), within(plan, probes, look), endpoint)


def bound(plan: Plan, test: TestId, account_set: str) -> float:
    """The wealth that ends a run."""
    return family_size(plan, test, account_set) / plan.level
