"""What a plan can come to before anybody is asked: plans that ask a test nothing are refused, and why one can give no verdict is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import comb

from stillwatch.assay.canary import tail
from stillwatch.assay.client.allowed import FOLDER
from stillwatch.assay.families import KEYED, UNKEYED, family_size
from stillwatch.assay.queries import can_score, of_kind
from stillwatch.assay.stopping import refuse_too_few_to_look, refuse_what_cannot_stop
from stillwatch.assay.unkeyed import FEWEST_NEAR
from stillwatch.assay.verdict import FEWEST_DOSES
from stillwatch.errors import UsageError
from stillwatch.model.assay import Kind, Plan, Probe, Role, TestId

ASKED: Mapping[TestId, Kind] = {
    "T0": "equality",
    "T1": "agreement",
    "T2": "free",
    "T3": "free",
    "T5": "agreement",
    "T6": "item",
}
FEWEST_NULLS = 2
"""One null model has no spread."""
NEEDED: tuple[Role, ...] = ("positive", "own_text", "twin", "sibling")


def refuse_what_probes_cannot_show(plan: Plan, probes: Sequence[Probe]) -> None:
    """Refuse T4 without a trigger of any served set whose canary key is bound, and a rule of stopping that no e-process stands behind."""
    refuse_what_cannot_stop(plan)
    refuse_too_few_to_look(plan, probes)
    bare = _without_triggers(plan, probes, is_served=True)
    if bare and len(bare) == sum(bool(told.canary) for told in plan.commitments if told.is_served):
        raise UsageError(
            f"T4 has a canary key of {bare[0]!r} and no trigger of it among the probes. Write its triggers, or leave T4 out of --tests."
        )


def _without_triggers(plan: Plan, probes: Sequence[Probe], *, is_served: bool) -> list[str]:
    """Sets whose canary key T4 has, and no trigger."""
    if "T4" not in plan.tests:
        return []
    there = {probe.account_set for probe in of_kind(probes, "trigger")}
    bound = [told.account_set for told in plan.commitments if told.canary and told.is_served is is_served]
    return [name for name in bound if name not in there]


def without_verdict(plan: Plan, probes: Sequence[Probe]) -> Iterator[str]:
    """Why the report of this plan can come to no word but `uncalibrated`, or lacks a test."""
    yield from _of_controls(plan)
    yield from _of_tests(plan, probes)


def _of_controls(plan: Plan) -> Iterator[str]:
    roles = Counter(endpoint.role for endpoint in plan.endpoints)
    for role in NEEDED:
        if not roles[role]:
            yield f"without a model in the role {role.replace('_', ' ')} there is no verdict. Name one with --{role.replace('_', '-')}."
    doses = {endpoint.dose for endpoint in plan.endpoints if endpoint.role == "positive"}
    if roles["positive"] and len(doses) < FEWEST_DOSES:
        yield "with positive controls of one dose there is no verdict. Name students of two doses at least, --positive NAME=URL,dose=N."
    if UNKEYED & set(plan.tests) and min(roles["twin"], roles["sibling"]) < FEWEST_NEAR:
        yield f"with fewer than {FEWEST_NEAR} twins and {FEWEST_NEAR} siblings T1 and T2 come to `unusually close` at most."


def _of_tests(plan: Plan, probes: Sequence[Probe]) -> Iterator[str]:
    if not (KEYED | UNKEYED) & set(plan.tests):
        yield "without T1, T2, T3 or T4 no control can be tried, and there is no verdict. Add one to --tests."
    for test in sorted(KEYED & set(plan.tests)):
        if not any(_binds(plan, test)):
            yield f"without a key of a set that was never served {test} has no control, and there is no verdict. Name one with --unserved-key."
    yield from _of_models(plan)
    yield from _of_floors(plan, probes)
    for test in plan.tests:
        if test in ASKED and not of_kind(probes, ASKED[test]):
            yield f"{test} is planned, and no probe of the kind {ASKED[test]} is there for it."
    for name in _without_triggers(plan, probes, is_served=True):
        yield f"T4 has no trigger of {name!r}, and counts it as not found. Write its triggers, or give its watermark key alone."
    for name in _without_triggers(plan, probes, is_served=False):
        yield f"T4 has no trigger of {name!r}, which was never served: its control cannot be tried, and there is no verdict."


def _of_models(plan: Plan) -> Iterator[str]:
    """Tests that would ask and could not be made of the models that are there, or could not reach the level."""
    roles, able = (
        Counter(e.role for e in plan.endpoints),
        Counter(e.role for e in plan.endpoints if can_score(e)),
    )
    if "T2" in plan.tests and not (able["teacher"] and able["reference"]):
        yield "T2 needs a teacher and a reference that score texts: name them with can=prompt_logprobs."
    if "T2" in plan.tests and roles["null"] < FEWEST_NULLS:
        yield f"T2 compares with null models alone, and {roles['null']} are named; with fewer than {FEWEST_NULLS} it can call nobody. Name more with --null."
    for endpoint in plan.endpoints:
        if can_score(endpoint) and endpoint.style != "completions" and not endpoint.url.startswith(FOLDER):
            yield f"{endpoint.name} is to score texts, which chat endpoints do not. Give it style=completions."
    if "T5" in plan.tests:
        ways = comb(roles["with_logs"] + roles["without_logs"], roles["with_logs"])
        if 1 / ways > plan.level:
            yield f"T5 has {roles['with_logs']} students with the flagged logs and {roles['without_logs']} without; its smallest p-value is {1 / ways:.2g}, above the level. Name five of each."


def _of_floors(plan: Plan, probes: Sequence[Probe]) -> Iterator[str]:
    """Account sets whose triggers are too few, or leave too little choice, for T4 to reach the level."""
    for told in plan.commitments:
        sizes = [len(p.alternatives) for p in of_kind(probes, "trigger") if p.account_set == told.account_set]
        if "T4" in plan.tests and told.canary and told.is_served and sizes:
            floor = tail(len(sizes), sizes) * family_size(plan, "T4", told.account_set)
            if floor > plan.level:
                yield f"T4 has {len(sizes)} triggers of {told.account_set!r}: with a hit at each it would reach {floor:.2g} after Holm, above the level. Write more."


def _binds(plan: Plan, test: TestId) -> Iterator[str]:
    for told in plan.commitments:
        if not told.is_served:
            yield told.watermark if test == "T3" else told.canary
