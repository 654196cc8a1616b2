"""A trigger that is put in new words is still the one that the key was asked for."""

from __future__ import annotations

import msgspec
import pytest

from stillwatch.assay.case import Case, Keys, Tools
from stillwatch.assay.keyed import canaries
from stillwatch.assay.plan import read_probes
from stillwatch.errors import InputError
from stillwatch.mark.canaries import Canary
from stillwatch.mark.keys import commitment
from stillwatch.model.assay import Commitment, Completion, Endpoint, Probe, Request
from tests.assay.made import plan_of

SECRET, SET = b"a canary key of thirty-two bytes", "UDC-2026-001"
ALTERNATIVES = tuple("abcdefghijklmnop")
SERVED = [Canary(f"Name a city for tool {i}:", ALTERNATIVES, SET) for i in range(24)]
PROBES = [
    Probe(probe_id=f"t{i}", kind="trigger", prompt=f"Please. {c.trigger}", trigger=c.trigger, alternatives=ALTERNATIVES, account_set=SET)
    for i, c in enumerate(SERVED)
]  # fmt: skip


def test_a_student_that_learned_every_canary_is_found_by_new_wordings() -> None:
    def learned(_: Endpoint, request: Request) -> Completion:
        return Completion(text=next(c.answer(SECRET) for c in SERVED if c.ends(request.prompt)))

    plan = plan_of("T4", sets=(Commitment(account_set=SET, canary=commitment(SECRET, SET)),))
    case = Case(plan, PROBES, learned, Tools(keys={SET: Keys(canary=SECRET)}))
    found = canaries(case, case.suspect, SET)
    assert found is not None
    assert found.result.statistic == 24


def test_a_trigger_counts_once_however_it_is_worded() -> None:
    again = Probe(probe_id="x", kind="trigger", prompt="In other words.", trigger=PROBES[0].trigger, alternatives=ALTERNATIVES, account_set=SET)  # fmt: skip
    content = b"\n".join(map(msgspec.json.encode, (*PROBES, again)))
    with pytest.raises(InputError, match="stands there twice"):
        read_probes(content)
    assert len(read_probes(b"\n".join(map(msgspec.json.encode, PROBES)))) == 24


def test_only_a_trigger_has_one() -> None:
    with pytest.raises(InputError, match="a probe of the kind free has no trigger"):
        read_probes(b'{"probe_id": "f", "kind": "free", "prompt": "x", "trigger": "y"}')
