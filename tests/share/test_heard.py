"""What a casebook holds of others, as a scan hears it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from stillwatch.errors import UsageError
from stillwatch.fingerprint.text import string_keys
from stillwatch.model.sighting import Retraction, Sighting, Told
from stillwatch.share.blind import KEYS, Blind
from stillwatch.share.both import in_both
from stillwatch.share.heard import Heard, heard
from stillwatch.share.psi import State
from stillwatch.share.sightings import of_others
from stillwatch.share.ways import together
from stillwatch.sources.privacy.key import Key
from tests.judge.test_sighted import sighting

CIRCLE = Blind.of_circle(Key(b"a circle key for tests"))
DAY = "2026-06-01T12:00:00Z"
TEMPLATE = sighting("shared_template", told=CIRCLE.trait("template", "shared_template", f"{5:016x}"))


def recognised(told: Sighting, *, key: int = 5, blind: Blind | None = CIRCLE, day: str = DAY) -> bool:
    outside = Heard([Told((told,))], {}, blind).on(day, simulated=False)
    return outside.recognise is not None and bool(outside.recognise(told.signal, "template", key, ""))


def test_a_token_of_the_circle_is_recognised_with_its_key_alone() -> None:
    assert recognised(TEMPLATE)
    assert not recognised(TEMPLATE, key=6)
    assert not recognised(TEMPLATE, blind=None)
    assert not recognised(TEMPLATE, blind=Blind.of_circle(Key(b"the key of another circle")))


def test_a_token_of_other_rules_is_not_compared() -> None:
    assert TEMPLATE.key_rules == KEYS
    assert not recognised(replace(TEMPLATE, key_rules="others-2"))


def test_a_sighting_counts_until_the_log_has_passed_its_end() -> None:
    assert recognised(TEMPLATE, day=TEMPLATE.valid_until)
    assert not recognised(TEMPLATE, day="2027-01-02T00:00:00Z")


def test_what_was_seen_in_simulated_traffic_counts_for_simulated_traffic_alone() -> None:
    told = Heard([Told((replace(TEMPLATE, simulated=True),))], {}, CIRCLE)
    assert told.on(DAY, simulated=True).recognise is not None
    assert told.on(DAY, simulated=False).recognise is None


def test_without_a_key_the_scan_says_what_was_not_compared() -> None:
    assert "1 tokens that were not compared" in Heard([Told((TEMPLATE,))]).on(DAY, simulated=False).notes[0]


def test_a_claim_that_a_card_is_in_both_counts_from_a_set_intersection_alone() -> None:
    state = State("0" * 32, "payment", is_of_values=True, secret=b"", values=())
    told = in_both(["card-1"], state, "beta", datetime(2026, 5, 30, tzinfo=UTC)).sightings[0]
    key = int(string_keys(pa.array(["card-1"]))[0])
    for one, expected in ((told, True), (replace(told, key_rules=None), False)):
        outside = Heard([Told((one,))]).on(DAY, simulated=False)
        assert outside.recognise is not None
        assert bool(outside.recognise("payment_instrument", "pay", key, "")) is expected


def test_accounts_of_two_houses_are_no_trait() -> None:
    with pytest.raises(UsageError, match="address, domain, payment"):
        in_both(
            ["a"],
            State("0" * 32, "account", is_of_values=True, secret=b"", values=()),
            "beta",
            datetime(2026, 5, 30, tzinfo=UTC),
        )


def test_what_spoke_and_was_taken_back_is_told() -> None:
    back = Retraction("indicator--1", "identity--a", "alpha", "2026-02-01T00:00:00Z")
    spoke = {"UDC-2026-001": {"indicator--1": "Alpha"}}
    notes = Heard([Told((TEMPLATE,)), Told((), (back,))], spoke, CIRCLE).on(DAY, simulated=False).notes
    assert notes == (
        "What Alpha told and what spoke for UDC-2026-001 was taken back or has expired: it is weighed no more.",
    )
    assert not Heard([Told((TEMPLATE,))], spoke, CIRCLE).on(DAY, simulated=False).notes


def test_the_maker_withdraws_what_came_by_a_relay_too() -> None:
    back = Retraction("indicator--1", "identity--a", "alpha", "2026-02-01T00:00:00Z")
    ways = [Told((replace(TEMPLATE, source="relay"),)), Told((TEMPLATE,))]
    assert not together([*ways, Told((), (back,))]).sightings
    assert together([ways[0], Told((), (back,))]).sightings


def test_ones_own_word_that_comes_back_is_left_out() -> None:
    told = of_others(
        Told((TEMPLATE, replace(TEMPLATE, sighting_id="indicator--2", maker="identity--b"))), "identity--a"
    )
    assert [s.maker for s in told.sightings] == ["identity--b"]
    assert told.problems == ("1 sightings are our own that came back, and are left out",)


def test_without_a_casebook_a_key_of_a_circle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Give --casebook"):
        heard(None, tmp_path / "circle.key")
