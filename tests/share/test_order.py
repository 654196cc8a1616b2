"""The order in which a scan tells its findings leaves no trace in what is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Wish, prepare
from stillwatch.testing import secrets
from tests.share.conftest import BLIND, EXPORTS

T = TypeVar("T")
SHUFFLED = {
    name: EXPORTS[name].render(
        prepare(
            secrets.found(), Wish(Policy(3), secrets.PRODUCER, is_own=EXPORTS[name].reader == "own"), BLIND
        ),
        BLIND,
    )
    for name in ("csv", "misp", "navigator", "sigma", "stix", "watchlist")
}


@given(order=st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=15)
def test_findings_in_another_order_are_the_same_bytes_in_all_formats(order: Random) -> None:
    found = secrets.found()
    campaigns = [
        replace(c, traits=tuple(shuffled(c.traits, order))) for c in shuffled(found.campaigns, order)
    ]
    members = {name: shuffled(mine, order) for name, mine in shuffled(list(found.members.items()), order)}
    mixed = replace(found, campaigns=tuple(campaigns), members=members)
    for name, content in SHUFFLED.items():
        wish = Wish(Policy(3), secrets.PRODUCER, is_own=EXPORTS[name].reader == "own")
        assert EXPORTS[name].render(prepare(mixed, wish, BLIND), BLIND) == content, name


def shuffled(values: Sequence[T], order: Random) -> list[T]:
    mixed = list(values)
    order.shuffle(mixed)
    return mixed
