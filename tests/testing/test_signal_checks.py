"""The shared checks catch what they are for: each test breaks a sound signal in one way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stillwatch.signals._base import Signal
from stillwatch.testing import Case, ConformanceError, Group, check_signal, signal_checks

TRAIT = Signal(
    name="one_address",
    level="trait",
    family="net",
    needs=("exchanges.client_ip",),
    techniques=(),
    phrase="send from one address",
    query="""
        SELECT e.account, e.address AS trait, count(*) AS value, any_value(s.support) AS support
        FROM exchange AS e
        JOIN (SELECT account, count(*) AS support FROM exchange WHERE address <> 0 GROUP BY account) AS s
          ON s.account = e.account
        WHERE e.address <> 0
        GROUP BY e.account, e.address
    """,
)
ACCOUNT = replace(
    TRAIT,
    level="account",
    query="SELECT account, count(DISTINCT address) AS value, count(*) AS support FROM exchange GROUP BY account",
)
CLUSTER = replace(
    TRAIT,
    level="cluster",
    query="""
        SELECT m.cluster, count(DISTINCT e.address) AS value, count(*) AS support
        FROM member AS m JOIN exchange AS e ON e.account = m.account GROUP BY m.cluster
    """,
)


def groups(*, planted: bool) -> tuple[Group, ...]:
    pool = Group(name="pool", role="planted", accounts=9, exchange={"client_ip": "198.51.100.{exchange}"})
    home = Group(name="home", role="lookalike", accounts=9, exchange={"client_ip": "192.0.2.1"})
    crowd = Group(name="crowd", role="crowd", accounts=40, exchange={"client_ip": "192.0.2.1"})
    return (pool, home, crowd) if planted else (home, crowd)


CASES = (
    Case(signal="one_address", name="a pool", expect="found", groups=groups(planted=True)),
    Case(signal="one_address", name="homes", expect="not found", groups=groups(planted=False)),
)


def refused(signal: Signal) -> str:
    with pytest.raises(ConformanceError) as caught:
        check_signal(signal, CASES)
    return str(caught.value)


def asking(query: str) -> Signal:
    return replace(TRAIT, query=query)


@pytest.mark.parametrize("signal", [TRAIT, ACCOUNT, CLUSTER], ids=["trait", "account", "cluster"])
def test_a_sound_signal_of_every_level_passes(signal: Signal) -> None:
    check_signal(signal, CASES)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "One Address"}, "is no lower-case identifier"),
        ({"level": "pair"}, "level 'pair' is none of"),
        ({"family": "weather"}, "family 'weather' is none of"),
        ({"phrase": " "}, "the phrase is empty"),
        ({"needs": ()}, "it needs no column"),
        ({"needs": ("exchanges.mood",)}, "exchanges.mood, which is no table.column"),
        ({"needs": ("client_ip",)}, "client_ip, which is no table.column"),
    ],
)
def test_a_declaration_outside_the_contract_is_refused(change: dict[str, Any], reason: str) -> None:
    assert reason in refused(replace(TRAIT, **change))


def test_a_signal_that_sets_clusters_against_each_other_is_refused() -> None:
    among_all = CLUSTER.query.replace(
        "count(*) AS support", "(SELECT count(DISTINCT cluster) FROM member) AS support"
    )
    assert "it differs for a cluster alone" in refused(replace(CLUSTER, query=among_all))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("count(*) AS value", "count(*) + 0 * random() AS value", "the query names random"),
        (
            "GROUP BY e.account, e.address",
            "GROUP BY e.account, e.address; SELECT 1",
            "more than one statement",
        ),
        ("SELECT e.account", "FROM exchange SELECT e.account", "is no SELECT"),
        ("e.address AS trait", "e.address AS key", "level trait is account, trait, value, support"),
        ("count(*) AS value", "count(*) > 3 AS value", "value has type bool"),
        ("e.address AS trait", "CAST(e.address % 100 AS INTEGER) AS trait", "trait has type int32"),
        ("GROUP BY e.account, e.address", "GROUP BY e.account, e.address, e.model", "of account, trait"),
        ("any_value(s.support)", "count(*)", "support differs between its traits"),
        ("count(*) AS value", "-1 AS value", "value has negative values"),
        ("count(*) AS value", "CAST('nan' AS DOUBLE) AS value", "value has values that are not finite"),
        ("count(*) AS value", "NULL::INTEGER AS value", "value has nulls"),
        ("count(*) AS value", "count(*) + 99 AS value", "value exceeds support"),
        ("WHERE e.address <> 0", "WHERE e.address = 1", "it measures nothing"),
        ("FROM exchange AS e", "FROM exchanges AS e", "The query failed"),
    ],
)
def test_a_query_with_one_fault_is_refused(old: str, new: str, reason: str) -> None:
    assert old in TRAIT.query
    assert reason in refused(asking(TRAIT.query.replace(old, new)))


def test_a_signal_that_minds_the_order_of_rows_is_refused() -> None:
    query = ACCOUNT.query.replace("count(DISTINCT address)", "first(input_tokens)")
    assert "it differs in the plain world shuffled" in refused(replace(ACCOUNT, query=query))


def test_a_signal_that_takes_absence_for_a_trait_is_refused() -> None:
    everything = asking(TRAIT.query.replace("WHERE address <> 0", "").replace("WHERE e.address <> 0", ""))
    assert "although exchanges.client_ip holds nothing" in refused(everything)


def test_a_trait_that_is_no_value_of_its_declared_column_is_refused() -> None:
    assert "a trait is no value of exchange.prefix" in refused(replace(TRAIT, column="prefix"))


def test_a_signal_that_answers_to_nothing_is_refused() -> None:
    total = replace(
        ACCOUNT, query="SELECT 0 AS account, count(*) AS value, count(*) AS support FROM exchange"
    )
    assert "1 rows for an empty log" in refused(total)


def test_a_signal_without_cases_is_refused() -> None:
    with pytest.raises(ConformanceError, match="expected to be found or not found"):
        check_signal(TRAIT)


def test_a_signal_that_finds_what_it_must_not_is_refused() -> None:
    crowd = Group(name="crowd", role="crowd", accounts=40, exchange={"client_ip": "10.0.0.{account}"})
    alone = Case(
        signal="one_address", name="homes", expect="not found", groups=(groups(planted=False)[0], crowd)
    )
    with pytest.raises(ConformanceError, match="does not find homes: the strongest look-alike has"):
        check_signal(TRAIT, (CASES[0], alone))


def test_a_signal_that_is_deaf_to_its_campaign_is_refused() -> None:
    deaf = asking(TRAIT.query.replace("<> 0", "<> 0 AND address % 2 = 3"))
    assert "the weakest planted account has 0" in refused(deaf)


def test_a_signal_may_measure_what_a_campaign_has_less_of() -> None:
    fewer = replace(
        CASES[0], planted_has="less", groups=tuple(_exchanged(group) for group in CASES[0].groups)
    )
    check_signal(ACCOUNT, (fewer, replace(CASES[1], planted_has="less")))


def _exchanged(group: Group) -> Group:
    address = "192.0.2.1" if group.role == "planted" else "198.51.100.{exchange}"
    return replace(group, exchange={"client_ip": address})


def test_each_check_has_a_name_that_reads_as_a_sentence() -> None:
    names = [str(check) for check in signal_checks(TRAIT, CASES)]
    assert "one_address does not mind the order of rows" in names
    assert len(set(names)) == len(names)
