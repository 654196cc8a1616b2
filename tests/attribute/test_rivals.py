"""From nats to probabilities: unknown is an answer, and a copier fits as well as the one who is copied."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from stillwatch.attribute.families import FAMILIES, MOST_NATS
from stillwatch.attribute.rivals import BANDS, corroborated, odds
from stillwatch.model.attributed import FamilyOfActor


def family(name: str, nats: float, *, counts: bool = True) -> FamilyOfActor:
    return FamilyOfActor(name, nats, nats, FAMILIES[name].is_hard_to_fake, counts, "", ())


nats = st.floats(-MOST_NATS, MOST_NATS)


@given(st.lists(st.tuples(nats, nats, nats), min_size=1, max_size=12))
def test_the_probabilities_of_all_explanations_sum_to_one(actors: list[tuple[float, float, float]]) -> None:
    told = odds([[family("content", a), family("staff", b), family("payment", c)] for a, b, c in actors])
    assert abs(told.unknown + sum(told.actors) + sum(told.copiers) - 1.0) < 1e-9


@given(nats, nats)
def test_without_what_is_hard_to_fake_an_actor_is_never_likelier_than_its_copier(
    content: float, client: float
) -> None:
    told = odds([[family("content", content), family("client", client)]])
    assert told.actors[0] <= told.copiers[0] + 1e-12
    assert told.actors[0] <= 0.5


def test_nothing_seen_leaves_the_unknown_as_likely_as_it_was() -> None:
    assert odds([[family("content", 0.0)]]).unknown > 0.9
    assert round(odds([[] for _ in range(10)]).unknown, 9) == 0.5


@given(st.floats(0.0, 0.95), nats)
@example(0.8919414897826105, 4.0443165178971437e-218)
def test_timing_raises_by_one_band_at_most_and_only_what_is_likely(probability: float, timing: float) -> None:
    raised = corroborated(probability, [family("timing", timing, counts=False)])
    at = sum(probability >= upper for upper in BANDS)
    assert raised >= probability
    assert raised <= BANDS[min(at + 1, len(BANDS) - 1)]
    assert raised == probability or probability >= BANDS[3]
