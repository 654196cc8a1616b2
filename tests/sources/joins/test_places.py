"""Where a value stands: names with dots, paths through objects, lists and texts of JSON."""

from __future__ import annotations

import pytest

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
