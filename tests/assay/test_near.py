"""Whether a suspect is beyond twins and siblings is asked of models, not of prompts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from stillwatch.assay.case import Case, Tools
from stillwatch.assay.unkeyed import agreeing
from stillwatch.assay.verdict import judged
from stillwatch.model.assay import Completion, Endpoint, Probe, Request, Role
from tests.assay.made import plan_of, says

PROBES = tuple(Probe(probe_id=f"a{i}", kind="agreement", prompt=f"a{i}") for i in range(150))
BEYOND = "p_beyond_twins_and_siblings"


def case(near: int, drawn: Callable[[Role], float], rng: np.random.Generator) -> Case:
    """Models that begin as the teacher does on a share of the prompts that `drawn` gives each."""
    roles: list[Role] = ["teacher", *["reference"] * 5, *["twin"] * near, *["sibling"] * near]
    models = tuple(Endpoint(name=f"{role} {i}", role=role, url="", model="m") for i, role in enumerate(roles))
    plan = plan_of("T1", models=models)
    shares = {e.name: 1.0 if e.role == "teacher" else drawn(e.role) for e in plan.endpoints}
    said = {
        name: dict(zip((p.prompt for p in PROBES), rng.random(len(PROBES)) < share, strict=True))
        for name, share in shares.items()
    }

    def find(endpoint: Endpoint, request: Request) -> Completion:
        return Completion(text="yes" if said[endpoint.name][request.prompt] else "no")

    return Case(plan, PROBES, find, Tools())


def beyond(told: Case) -> float | None:
    found = agreeing(told, told.suspect)
    assert found is not None
    return found.result.beside.get(BEYOND)


def test_one_more_twin_is_called_beyond_the_twins_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    p_values = [beyond(case(5, lambda _: rng.normal(0.6, 0.08), rng)) for _ in range(100)]
    assert sum(p <= 0.05 for p in p_values if p is not None) <= 9
    assert None not in p_values


def test_a_suspect_far_beyond_all_of_them_is_told_from_them() -> None:
    rng = np.random.default_rng(2)
    told = case(6, lambda role: 0.95 if role == "suspect" else rng.normal(0.5, 0.03), rng)
    assert (beyond(told) or 1.0) < 0.001


def test_of_fewer_than_five_twins_nothing_is_told() -> None:
    rng = np.random.default_rng(3)
    assert beyond(case(4, lambda role: 0.95 if role == "suspect" else 0.5, rng)) is None


@pytest.mark.parametrize(
    ("beside", "word"),
    [
        ({}, "unusually close"),
        ({BEYOND: 0.008}, "unusually close"),
        ({BEYOND: 0.004}, "close beyond shared-data controls"),
    ],
)
def test_close_beyond_controls_is_said_at_half_the_level_of_two_tests(
    beside: dict[str, float], word: str
) -> None:
    """Whichever of the two rejects, an innocent twin had two chances."""
    close = says("T1", 0.0001, adjusted_p=0.0002, beside=beside)
    assert judged(plan_of("T1", "T2"), [close, says("T2", 0.5, adjusted_p=0.5)], (), "").word == word
