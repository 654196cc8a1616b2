"""Where a value stands: names with dots, paths through objects, lists and texts of JSON."""

from __future__ import annotations

import pytest

from stillwatch.sources.joins.addresses import address, is_inner
from stillwatch.sources.joins.places import reader

RECORD = {
    "a.b": "flat",
    "a": {"b": "nested", "c": [{"name": "one"}, {"name": "two"}, {"other": 3}]},
    "text": '{"inside": {"deep": 7}}',
    "attributes": {"gen_ai.request.model": "house-large"},
    "empty": None,
}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("a.b", "flat"),
        ("a.c.1.name", "two"),
        ("a.c.9.name", None),
        ("a.c[].name", ["one", "two"]),
        ("a.c[]", [{"name": "one"}, {"name": "two"}, {"other": 3}]),
        ("text.inside.deep", 7),
        (["attributes", "gen_ai.request.model"], "house-large"),
        ("attributes.gen_ai.request.model", None),
        ("empty.x", None),
        ("nowhere", None),
        ("a.b.c", None),
        ("a.b[].c", None),
    ],
)
def test_a_place_is_a_name_first_and_a_path_then(place, value):
    assert reader(place)(RECORD) == value


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:64484", "203.0.113.9"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("2001:DB8:0:0::9", "2001:db8::9"),
        ("203.0.113.9, 198.51.100.7", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", None),
        ("-", None),
        ("", None),
        (7, None),
        ("9" * 5_000, None),
    ],
)
def test_an_address_loses_port_brackets_and_proxies(told, found):
    assert address(told) == found


def test_addresses_of_the_inner_network_are_known():
    assert is_inner("10.1.2.3")
    assert is_inner("fd12::1")
    assert not is_inner("203.0.113.9")
