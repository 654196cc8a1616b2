"""Tiers are policy in code: what one holds, how far it may go, and that nothing slips through by another way."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import UsageError
from stillwatch.model.shared import Producer, Tlp
from stillwatch.share.blind import Blind
from stillwatch.share.policy import LEAST_TLP, Policy, plain_value
from stillwatch.share.prepare import Found, Wish, prepare
from stillwatch.sources.privacy.key import Key
from stillwatch.testing import secrets
from tests.share.conftest import BLIND, EXPORTS, Made

HOUSE = Key(b"a house key for tests")


@pytest.mark.parametrize(("tier", "tlp"), [(1, "clear"), (2, "green"), (3, "amber"), (2, "clear")])
def test_a_marking_that_lets_a_tier_go_too_far_is_refused(tier: int, tlp: Tlp) -> None:
    with pytest.raises(UsageError, match="stricter --tlp"):
        Policy(tier, tlp)


@pytest.mark.parametrize("tier", [-1, 4])
def test_a_tier_that_does_not_exist_is_refused(tier: int) -> None:
    with pytest.raises(UsageError, match="no tier"):
        Policy(tier)


@pytest.mark.parametrize(
    ("tier", "kinds"),
    [
        (0, set()),
        (1, {"template", "client", "token"}),
        (2, {"template", "client", "token", "network"}),
        (3, {"template", "client", "token", "network", "payment", "registration", "account"}),
    ],
)
def test_a_tier_holds_its_kinds_and_those_below(tier: int, kinds: set[str], made: Made) -> None:
    assert {i.kind for f in made(tier=tier).findings for i in f.indicators} == kinds


def test_a_family_that_nobody_knows_is_the_most_delicate(made: Made) -> None:
    told = {i.signal for f in made(tier=2).findings for i in f.indicators}
    assert "of_another_package" not in told


def test_accounts_are_not_comparable_whoever_holds_the_circle_key() -> None:
    circle = Key(b"a circle key for tests")
    ours, theirs = Blind(HOUSE, circle), Blind(Key(b"the house key of another"), circle)
    assert ours.trait("template", "shared_template", "1") == theirs.trait("template", "shared_template", "1")
    assert ours.trait("payment", "payment_instrument", "1") != theirs.trait(
        "payment", "payment_instrument", "1"
    )
    assert ours.account("acct") != theirs.account("acct")


def test_nothing_of_the_keys_shows() -> None:
    assert "house" not in repr(BLIND)


def test_coordinated_groups_go_out_only_when_named(made: Made) -> None:
    wish = Wish(Policy(), secrets.PRODUCER)
    usual = {f.verdict for f in prepare(secrets.found(), wish, BLIND).findings}
    assert usual == {"distillation", "relay"}
    assert [f.verdict for f in made(only=["UDC-2026-003"]).findings] == ["coordinated"]


def test_a_finding_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="no UDC-1"):
        prepare(secrets.found(), Wish(Policy(), secrets.PRODUCER, only=("UDC-1",)), BLIND)


def test_a_trait_that_innocents_carry_too_is_no_indicator() -> None:
    found = secrets.found()
    common = tuple(replace(t, others=5) for t in found.campaigns[0].traits)
    found = replace(found, campaigns=(replace(found.campaigns[0], traits=common),))
    assert not prepare(found, Wish(Policy(2), secrets.PRODUCER), BLIND).findings[0].indicators


@pytest.mark.parametrize(
    ("signal", "text"),
    [("client_version", "curl/8.1 (me@x.de)"), ("header_profile", "hello"), ("shared_prefix", "1.2.3.4/32")],
)
def test_a_value_of_another_shape_is_not_plain(signal: str, text: str) -> None:
    assert plain_value("network" if signal == "shared_prefix" else "client", signal, text) is None


SECRET = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=8, max_size=24).map(
    "zq".__add__
)
TOKENS = st.from_regex(r"zq[a-z0-9]{8,20}(/[0-9]{1,3})?", fullmatch=True)


def planted(secret: str) -> Found:
    """A secret in every place where a log can put a text."""
    found = secrets.found()
    campaign = found.campaigns[0]
    traits = tuple(replace(t, text=secret) for t in campaign.traits)
    told = replace(campaign, traits=traits, models=(secret, f"m-{secret}"), channels=(secret,))
    return replace(
        found,
        campaigns=(told,),
        members={"UDC-2026-001": [(secret, 1.0), ("other", 0.9)]},
        accounts=frozenset({secret, "other"}),
    )


@given(secret=SECRET | TOKENS)
@settings(deadline=None, max_examples=40)
def test_no_account_shows_in_an_export_whatever_column_it_was_put_in(secret: str) -> None:
    for export in EXPORTS.values():
        tier = 2 if export.reader == "own" else 3
        wish = Wish(Policy(tier), secrets.PRODUCER, is_own=export.reader == "own")
        try:
            content = export.render(prepare(planted(secret), wish, BLIND), BLIND)
        except UsageError:
            continue
        assert not [form for form in secrets.forms(secret) if form in content]


@given(
    mail=st.emails(),
    address=st.ip_addresses().map(str),
    prompt=st.from_regex(r"[A-Z][a-z]+( [a-z]+){4,12}", fullmatch=True),
    card=st.from_regex(r"(fp|pm|card)_[0-9A-Za-z]{14,20}", fullmatch=True),
)
@settings(deadline=None, max_examples=40)
def test_no_mail_address_prompt_or_payment_token_shows_below_its_tier(
    mail: str, address: str, prompt: str, card: str
) -> None:
    for export in EXPORTS.values():
        for told in (mail, address, prompt, card):
            found = planted(told)
            found = replace(found, members={"UDC-2026-001": [("other", 0.9)]}, accounts=frozenset({"other"}))
            wish = Wish(Policy(1), secrets.PRODUCER, is_own=export.reader == "own")
            try:
                content = export.render(prepare(found, wish, BLIND), BLIND)
            except UsageError:
                continue
            assert told.encode() not in content, (export.name, told)


@pytest.mark.parametrize("tier", range(4))
def test_every_tier_has_a_most_open_marking(tier: int) -> None:
    assert Policy(tier, LEAST_TLP[tier]).tier == tier


def test_an_address_is_not_found_by_trying_the_256_of_its_range_with_the_key_of_the_circle() -> None:
    circle = Blind.of_circle(Key(b"a circle key for tests"))
    content = EXPORTS["stix"].render(
        prepare(secrets.found(), Wish(Policy(2), secrets.PRODUCER), BLIND), BLIND
    )
    start = int(secrets.ADDRESS_KEY, 16) & ~0xFF
    tried = [circle.trait("network", "shared_address", f"{start | last:016x}") for last in range(256)]
    assert not [token for token in tried if token.encode() in content]


def test_what_is_an_indicator_can_be_recognised_by_somebody(made: Made) -> None:
    objects = json.loads(EXPORTS["stix"].render(made(tier=3), BLIND))["objects"]
    patterns = [o["pattern"] for o in objects if o["type"] == "indicator"]
    assert any("ISSUBSET" in p for p in patterns)
    assert not [p for p in patterns if "shared_address" in p]


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_words_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--permitted is empty"):
        Policy(permitted=text)
    with pytest.raises(UsageError, match="--producer is empty"):
        Wish(Policy(), Producer(text))
    with pytest.raises(UsageError, match="--retract is empty"):
        Wish(Policy(), secrets.PRODUCER, retraction=text)
