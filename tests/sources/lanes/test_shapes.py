"""Shapes: keys that are learned, keys that may not be there, and values that decode as they do elsewhere."""

from __future__ import annotations

from stillwatch.sources.lanes.shapes import ANY, MOST_LEARNED, NEVER, TEXT, Needed, Shape, inside

KEYS = {"a": ANY, "b": {"c": [{"d": TEXT}]}, "no": NEVER, "e": Needed({"f": ANY})}


def test_keys_that_are_not_named_are_learned_at_any_depth():
    found, odd = Shape(KEYS).sweep([b'{"e":{"x":1},"b":{"y":2,"c":[{"d":"z","w":3}]},"v.w":4,"class":5}'])

    assert odd == []
    assert inside(found, "e/f") == [None]
    assert [one.d for one in found[0].b.c] == ["z"]


def test_lines_of_another_shape_are_odd():
    lines = (
        b'{"e":{}}',
        b'{"e":{},"no":1}',
        b"{}",
        b'{"e":{},"b":{"c":[{"d":5}]}}',
        b'["e"]',
        b"",
        None,
        b'{"e":{}',
    )

    found, odd = Shape(KEYS).sweep(lines)

    assert (len(found), odd) == (1, [1, 2, 3, 4, 5, 6, 7])


def test_values_of_learned_keys_are_checked_like_all_others():
    lines = (b'{"e":{},"x":1}', b'{"e":{},"x":1e400}', b'{"e":{},"x":"\xff"}', b'{"e":{},"x":"\\ud800"}')

    assert Shape(KEYS).sweep(lines)[1] == [1, 2, 3]


def test_only_so_many_keys_are_learned():
    lines = [b'{"e":{},"x%d":1}' % number for number in range(MOST_LEARNED + 3)]

    shape = Shape(KEYS)

    assert shape.sweep(lines)[1] == [MOST_LEARNED, MOST_LEARNED + 1, MOST_LEARNED + 2]
    assert shape.sweep(lines[:2])[1] == []


def test_a_step_that_is_missing_says_nothing():
    found, _ = Shape({"a": {"b": ANY}}).sweep([b'{"a":{"b":1}}', b"{}", b'{"a":null}'])

    assert inside(found, "a/b") == [1, None, None]


def test_a_key_that_cannot_be_learned_leaves_its_line_to_the_full_reading():
    for name in ("a\\nline", 'a \\"quote\\"', "a\\\\b"):
        assert Shape({"a": ANY}).sweep([b'{"a":1}', f'{{"{name}":1}}'.encode(), b'{"a":2}'])[1] == [1]
