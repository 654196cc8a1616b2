"""Who is named, who is a lead, who is nobody: the gates hold whatever is planted."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from stillwatch.attribute.attribute import attribute, attributions, reviewed
from stillwatch.attribute.ladder import LIKELY
from stillwatch.attribute.marks import Marks
from stillwatch.attribute.mentions import Mentions
from stillwatch.attribute.rivals import SUREST
from stillwatch.attribute.suspect import Named
from stillwatch.attribute.traffic import Traffic
from stillwatch.model.actor import Actor
from stillwatch.model.attributed import Attributed, Candidate, FamilyOfActor, Review
from stillwatch.model.finding import Attribution
from tests.attribute.made import DAY, Made, attributed, only, profile, statement, world

COPIED = ("template_sketch", "client_stack")


def levels(told: Attributed) -> dict[str, str]:
    return {a.level: a.actor for a in attributions(told)}


def signed(told: Attributed, *opinions: tuple[str, bool], actor: str = "actor-a") -> Attributed:
    return reviewed(told, [Review(told.campaign_id, actor, who, agrees) for who, agrees in opinions])


def missed(told: Attributed) -> list[str]:
    return [gate.asks for gate in told.gates if not gate.is_met]


def test_an_actor_that_all_fits_is_a_lead_and_its_class_is_told_until_two_people_reviewed_it() -> None:
    told = attributed(Made(), profile())
    assert told.level == "L3a"
    assert missed(told) == ["two people reviewed it and agree, and nobody disagrees"]
    assert levels(told) == {"L2": "actor-a", "L3a": "commercial lab"}


def test_two_reviewers_who_agree_open_the_last_gate() -> None:
    told = signed(attributed(Made(), profile()), ("ana", True), ("ben", True))
    assert levels(told) == {"L3b": "actor-a", "L3a": "commercial lab"}


@pytest.mark.parametrize(
    "opinions",
    [
        [("ana", True)],
        [("ana", True), ("ana", True)],
        [("ana", True), ("ben", False)],
        [("ana", True), ("ben", True), ("zoe", False)],
    ],
)
def test_one_reviewer_or_one_who_disagrees_keeps_it_shut(opinions: list[tuple[str, bool]]) -> None:
    assert "L3b" not in levels(signed(attributed(Made(), profile()), *opinions))


def test_reviews_of_another_actor_open_nothing() -> None:
    told = signed(attributed(Made(), profile()), ("ana", True), ("ben", True), actor="actor-b")
    assert "L3b" not in levels(told)


def test_reviewers_open_no_other_gate() -> None:
    told = signed(attributed(Made(staff=0, cards=()), profile()), ("ana", True), ("ben", True))
    assert levels(told) == {}


def test_what_can_be_copied_names_nobody_and_is_an_even_chance_at_most() -> None:
    told = attributed(Made(staff=0, cards=()), only(profile(), *COPIED))
    assert levels(told) == {}
    assert told.candidates[0].probability <= 0.5
    assert told.ranked[0].code != "H1"


def test_somebody_who_plants_every_mark_that_can_be_planted_has_nobody_blamed() -> None:
    framers = Made(
        staff=20, verification="none", cards=(), system="You are Actor A Chat, a helpful assistant."
    )
    victim = replace(
        profile(), statements=(*profile().statements, statement("product_name", name="Actor A Chat"))
    )
    told = signed(attributed(framers, victim), ("ana", True), ("ben", True))
    assert levels(told) == {}
    assert not told.level.startswith("L3")


def test_a_staff_address_that_nobody_confirmed_is_no_staff_address() -> None:
    told = attributed(Made(verification=None, cards=()), profile())
    assert levels(told) == {}


def test_one_account_of_somebody_of_the_staff_binds_nothing() -> None:
    assert levels(attributed(Made(staff=1, cards=()), profile())) == {}


def test_a_known_campaign_of_nobody_who_is_known_is_unknown() -> None:
    stranger = Actor("actor-b", "commercial lab", (statement("staff_domain", domain="actor-b.example"),))
    told = attributed(Made(), stranger)
    assert levels(told) == {}
    assert told.unknown > 0.9


def test_statements_that_expired_count_no_more() -> None:
    assert levels(attributed(Made(), profile(expires="2026-03-28"))) == {}
    assert "L2" in levels(attributed(Made(), profile(expires="2026-03-29")))


@pytest.mark.parametrize("code", ["D2", "E1", "F6", "B5"])
def test_what_a_poor_source_says_binds_nothing(code: str) -> None:
    assert levels(attributed(Made(), profile(code=code))) == {}


def test_a_rival_whom_everything_fits_as_well_leaves_nobody_named() -> None:
    told = attributed(Made(), profile(), profile("actor-b"))
    assert levels(told) == {}
    assert abs(told.candidates[0].probability - told.candidates[1].probability) < 1e-9


def test_a_rival_who_is_said_to_use_the_same_texts_takes_their_weight() -> None:
    told = attributed(Made(), profile(), only(profile(), *COPIED, name="actor-b"))
    content = next(f for f in told.candidates[0].families if f.family == "content")
    assert content.nats > 1.0
    assert content.nats_beside_rival == 0.0


def test_a_program_that_others_run_too_speaks_for_no_laboratory() -> None:
    told = attributed(Made(clients_of_others=10), profile())
    client = next(f for f in told.candidates[0].families if f.family == "client")
    assert not client.counts
    assert "others use this program" in client.why


def test_exits_never_attribute_a_laboratory() -> None:
    ranges = [{"cidr": "198.51.100.0/24", "asn": 64500}]
    said = Actor("actor-a", "commercial lab", (statement("asn", "A1", asn="64500"),))
    told = attributed(Made(), said, networks=ranges)
    network = told.candidates[0].families[0]
    assert network.compared[0].is_shown
    assert not network.counts
    assert told.candidates[0].nats == 0.0


def test_a_relay_is_told_by_its_exits_and_its_program_as_a_class() -> None:
    ranges = [{"cidr": "198.51.100.0/24", "asn": 64500}]
    said = (statement("asn", "A1", asn="64500"), statement("client_stack", "A1", user_agent="harvester/1.0"))
    told = attributed(Made(staff=0, cards=()), Actor("relay-b", "relay", said), networks=ranges)
    assert levels(told) == {"L3a": "relay"}


def test_a_finding_that_is_no_distillation_is_attributed_to_nobody() -> None:
    told = signed(attributed(Made(verdict="coordinated"), profile()), ("ana", True), ("ben", True))
    assert told.level == "L1"
    assert levels(told) == {}


def test_releases_raise_by_one_band_at_most_and_carry_nothing() -> None:
    release = statement("release", "A1", product="A 2", date="2026-04-01")
    weak = only(profile(), *COPIED)
    without = attributed(Made(staff=0, cards=()), weak).candidates[0].probability
    raised = attributed(Made(staff=0, cards=()), replace(weak, statements=(*weak.statements, release)))
    assert raised.candidates[0].probability == without
    alone = attributed(Made(), Actor("actor-a", "commercial lab", (release,)))
    assert levels(alone) == {}


def test_leaving_a_family_out_gives_the_bounds() -> None:
    best = attributed(Made(), profile()).candidates[0]
    assert best.least < best.probability <= best.most <= 0.94


def test_no_country_has_a_place_in_a_profile() -> None:
    told = attributed(Made(), profile())
    assert not any("country" in f.family or "nation" in f.family for c in told.candidates for f in c.families)


def test_the_order_of_the_actors_changes_nothing() -> None:
    one, two = profile(), only(profile(), *COPIED, name="actor-b")
    assert attributed(Made(), one, two) == attributed(Made(), two, one)


def test_a_campaign_beside_no_actor_at_all_is_unknown() -> None:
    told = attributed(Made())
    assert told.candidates == ()
    assert told.unknown == 1.0
    assert attributions(told) == ()


def test_the_contract_has_its_list() -> None:
    told = signed(attributed(Made(staff=6), profile()), ("ana", True), ("ben", True))
    assert attributions(told) == (
        Attribution("actor-a", "L3b", 0.94, "high"),
        Attribution("commercial lab", "L3a", 0.94, "high"),
    )


def test_confidence_is_moderate_where_two_accounts_carry_what_is_hard_to_fake() -> None:
    told = signed(attributed(Made(staff=2), profile()), ("ana", True), ("ben", True))
    assert attributions(told)[0] == Attribution("actor-a", "L3b", 0.94, "moderate")


def test_a_log_that_shows_neither_texts_nor_programs_nor_accounts_leaves_everybody_unknown() -> None:
    traffic, suspects = world(Made(), [profile()])
    bare = replace(
        traffic.log,
        exchange=blank(
            traffic.log.exchange, "prompt", "template", "opening", "system", "user_agent", "prefix"
        ),
        account=blank(traffic.log.account, "email", "payment", "bin", "organisation"),
    )
    marks = Marks(Traffic(bare, traffic.accounts.slice(0, 0), traffic.networks, Mentions([])))
    told = attribute(suspects, marks, [profile()], None)[0]
    assert attributions(told) == ()
    assert all(c.is_shown is None for f in told.candidates[0].families for c in f.compared)
    assert {f.why for f in told.candidates[0].families} == {"nothing of it could be seen in this log"}


def test_a_campaign_of_which_no_request_is_surely_its_own_is_looked_at_by_its_accounts() -> None:
    traffic, suspects = world(Made(), [profile()])
    nothing = replace(suspects[0], rows=suspects[0].rows[:0])
    told = attribute([nothing], Marks(traffic), [profile()], DAY)[0]
    assert levels(told) == {"L2": "actor-a", "L3a": "commercial lab"}


def blank(table: pa.Table, *columns: str) -> pa.Table:
    for name in columns:
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.column_names[at], pa.array([0] * len(table), pa.uint64()))
    return table


@pytest.mark.parametrize(("code", "is_seen"), [("B2", True), ("C3", False), (None, False)])
def test_what_another_provider_observed_is_a_row_of_the_matrix_and_names_nobody(
    code: str | None, *, is_seen: bool
) -> None:
    actor = profile()
    traffic, suspects = world(Made(), [actor])
    mine = replace(suspects[0], sighted=frozenset({code} - {None}))
    told = attribute([mine], Marks(traffic), [actor], DAY)[0]
    alone = attribute(suspects, Marks(traffic), [actor], DAY)[0]
    rows = [row for row in told.matrix if row.evidence.startswith("another provider")]
    assert len(rows) == (code is not None)
    assert [row.marks[2] for row in rows] == (["inconsistent"] if is_seen else ["neutral"] * len(rows))
    assert ("a sighting by another provider from its own logs" in told.missing) is not is_seen
    assert told.candidates == alone.candidates


def named(actor: Actor, made: Made, *said: Named) -> Candidate:
    traffic, suspects = world(made, [actor])
    mine = replace(suspects[0], sighted=frozenset({"B2"}), named=said)
    return attribute([mine], Marks(traffic), [actor], DAY)[0].candidates[0]


NAMED = Named("Actor-A", "beta", "B2")


def others(candidate: Candidate) -> FamilyOfActor:
    return next(f for f in candidate.families if f.family == "others")


def test_whom_another_provider_names_is_told_and_raises_what_is_likely_by_one_band_at_most() -> None:
    actor = only(profile(), "staff_domain", "client_stack", "template_sketch")
    alone, heard = named(actor, Made()), named(actor, Made(), NAMED)
    assert LIKELY < alone.probability < heard.probability <= SUREST
    assert [(c.told, c.code) for c in others(heard).compared] == [("beta names Actor-A", "B2")]
    assert not others(heard).counts


def test_two_who_name_the_same_say_no_more_than_one_and_an_assertion_says_less() -> None:
    one = others(named(profile(), Made(), NAMED)).nats
    assert others(named(profile(), Made(), NAMED, replace(NAMED, maker="gamma"))).nats == one
    assert 0 < others(named(profile(), Made(), replace(NAMED, code="C3"))).nats < one


def test_what_can_be_copied_stays_an_even_chance_whoever_names_the_actor() -> None:
    actor = only(profile(), "client_stack", "template_sketch")
    assert named(actor, Made(), NAMED).probability == named(actor, Made()).probability <= 0.5


def test_whom_nobody_names_has_no_such_family() -> None:
    heard = named(profile(), Made(), replace(NAMED, organisation="actor-z"))
    assert "others" not in {f.family for f in heard.families}
