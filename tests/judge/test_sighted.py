"""What others saw lifts a group near the line, never replaces the gate, and counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.judge.budget import JudgeSettings
from stillwatch.judge.lean import CONFIRMED_BITS
from stillwatch.judge.pools import Group
from stillwatch.judge.sighted import (
    MOST_BITS,
    SAID_BITS,
    WITHIN_REACH,
    Lifted,
    Outside,
    lifted,
    sighted_rows,
)
from stillwatch.judge.verdict import judge
from stillwatch.model.finding import WITNESSES
from stillwatch.model.sighting import Sighting
from stillwatch.weigh.holding import Holding, holding
from tests.judge.made import ALL, FAMILY_OF, agreed, cluster, everything, purposes

SIZE = 20
EVERYBODY = range(SIZE)
NOBODY = agreed(SIZE)
SETTINGS = JudgeSettings()


def sighting(signal: str = "template_signal", **changes: object) -> Sighting:
    made = Sighting(
        sighting_id="indicator--1", maker="identity--a", maker_name="Alpha", source="alpha", finding="campaign--1",
        sighted_as="distillation", signal=signal, told="t", is_token=True, key_rules="stillwatch-1", parties=9, confidence=85,
        admiralty="B2", first_seen=None, last_seen=None, valid_until="2027-01-01T00:00:00Z", modified="2026-01-01T00:00:00Z",
        tlp="amber", permitted="", simulated=False,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def held(holders: Sequence[int], witness: str) -> Holding:
    """One trait, held by those."""
    rows = {
        "account": list(holders),
        "trait": [5] * len(holders),
        "value": [1] * len(holders),
        "support": [1] * len(holders),
    }
    types = pa.schema(
        [("account", pa.int32()), ("trait", pa.uint64()), ("value", pa.int64()), ("support", pa.int64())]
    )
    family = FAMILY_OF[witness]
    return holding(pa.table(rows, schema=types), np.arange(SIZE), signal=f"{family}_signal", family=family)


def lift(
    *sightings: Sighting,
    bits: float = 1.0,
    voices: dict[str, float] = ALL,
    content: Sequence[int] = EVERYBODY,
    network: Sequence[int] = EVERYBODY,
    is_told_on: bool = False,
    **measured: Sequence[float],
) -> Lifted:
    """One group of everybody, whose text and network those hold."""
    group = Group(cluster(EVERYBODY, voices), np.arange(SIZE))
    holdings = {h.signal: h for h in (held(content, "content"), held(network, "network"))}
    by_signal = {name: [s for s in sightings if s.signal == name] for name in holdings}
    outside = Outside(
        recognise=(lambda signal, *_: by_signal[signal]) if sightings else None,
        signals=frozenset(s.signal for s in sightings),
        is_told_on=is_told_on,
    )
    about = purposes(bits, **measured)
    return lifted([group], about, outside, holdings=holdings, names={}, agreed=NOBODY, settings=SETTINGS)


def gain(told: Lifted, bits: float = 1.0) -> float:
    return float(told.purpose.total[0]) - bits


NET = sighting("net_signal", sighting_id="indicator--2")


def test_a_harvest_seen_elsewhere_that_asks_the_same_lifts_a_group() -> None:
    told = lift(sighting())
    assert gain(told) == SAID_BITS["distillation"][0]
    assert told.spoken[0].is_called_alone is False


def test_networks_alone_lift_nothing() -> None:
    assert gain(lift(NET)) == 0.0


def test_networks_beside_what_is_asked_say_that_it_is_one_party() -> None:
    assert gain(lift(sighting(), NET)) == SAID_BITS["distillation"][1] == CONFIRMED_BITS


def test_a_thousand_makers_say_no_more_than_one() -> None:
    many = [sighting(sighting_id=f"indicator--{n}", maker=f"identity--{n}") for n in range(1000)]
    assert gain(lift(*many, NET)) == gain(lift(sighting(), NET)) == MOST_BITS


@pytest.mark.parametrize(
    ("changes", "bits"),
    [
        ({"admiralty": "C3"}, 0.75),
        ({"sighted_as": "coordinated"}, 0.25),
        ({"sighted_as": "coordinated", "admiralty": "C3"}, 0.125),
        ({"sighted_as": "relay"}, 0.0),
        ({"sighted_as": "unknown"}, 0.0),
    ],
)
def test_a_source_weighs_as_much_as_it_tells(changes: dict[str, object], bits: float) -> None:
    assert gain(lift(sighting(**changes))) == bits


def test_what_less_than_half_of_the_members_ask_lifts_nothing() -> None:
    assert gain(lift(sighting(), content=range(SIZE // 2 - 1))) == 0.0
    assert gain(lift(sighting(), content=range(SIZE // 2))) > 0.0


def test_a_group_without_two_witnesses_of_our_own_is_not_lifted() -> None:
    told = lift(sighting(), NET, voices={"network": 8.0, "product": 8.0})
    assert (gain(told), told.spoken) == (0.0, {})


def test_a_group_out_of_reach_is_left_as_it_is() -> None:
    far = WITHIN_REACH - 0.01
    assert gain(lift(sighting(), NET, bits=far), far) == 0.0


def test_a_pool_of_people_is_judged_by_itself() -> None:
    told = lift(sighting(), NET, conversations=[0.9], framed_prompts=[0.1], common_control=[9.0])
    assert gain(told) == 0.0


def test_nothing_from_elsewhere_changes_nothing() -> None:
    about = purposes(1.0)
    told = lifted([], about, Outside(), holdings={}, names={}, agreed=NOBODY, settings=SETTINGS)
    assert told.purpose is about


def test_a_circle_is_told_of_groups_near_the_line_and_of_no_other() -> None:
    assert lift(is_told_on=True).leads == {0}
    assert lift(is_told_on=True, bits=WITHIN_REACH - 0.01).leads == frozenset()
    assert lift().leads == frozenset()


@pytest.mark.parametrize("said", [(), (sighting(), NET)])
def test_a_lead_is_told_as_coordinated_and_becomes_distillation_with_what_others_saw(
    said: tuple[Sighting, ...],
) -> None:
    told = lift(*said, is_told_on=True)
    found = judge(
        [cluster(EVERYBODY, ALL)], [np.arange(SIZE)], np.arange(SIZE),
        purpose=told.purpose, agreed=NOBODY, settings=SETTINGS, in_common=everything, leads=told.leads,
    )  # fmt: skip
    assert [j.verdict for j in found] == (["distillation"] if said else ["coordinated"])


def test_a_lead_that_agreements_explain_is_told_to_nobody() -> None:
    found = judge(
        [cluster(EVERYBODY, ALL)], [np.arange(SIZE)], np.arange(SIZE),
        purpose=purposes(1.0), agreed=agreed(SIZE, explained=EVERYBODY), settings=SETTINGS, in_common=everything, leads={0},
    )  # fmt: skip
    assert not found


def test_the_evidence_says_who_saw_what_and_whether_it_was_needed() -> None:
    row = sighted_rows("UDC-2026-001", lift(sighting(), NET).spoken[0])[0]
    assert row[1:4] == ("extraction", "sightings", "UDC-2026-001")
    assert "100% of the members" in row[7]
    assert "networks or cards" in row[7]
    assert "Without it the group is not called" in row[7]
    assert "called without it, too" in sighted_rows("x", lift(sighting(), bits=4.0).spoken[0])[0][7]


def test_witnesses_of_hands_and_of_what_is_asked_are_known_ones() -> None:
    assert {"content", "token", "network", "identity"} <= set(WITNESSES.values())
