"""Texts that were cut in the middle: found by their length in characters, whatever these are."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from stillwatch.sources.lanes.halves import are_halves


@pytest.mark.parametrize("sign", ["a", "é", "猫", "😀"])
def test_a_text_of_two_halves_with_dots_between_them_is_found(sign):
    cut = sign * 8 + "..." + sign * 8
    texts = [cut, sign * 19, sign * 7 + "..." + sign * 9, cut + sign, "...", None, "", cut]
    assert are_halves(pa.array(texts), 8).tolist() == [True] + 6 * [False] + [True]


def test_where_no_text_is_none_is_cut_though_bytes_stand_there():
    texts = pa.array(["a" * 8 + "..." + "b" * 8] * 2)
    assert are_halves(pc.if_else(pa.array([True, False]), None, texts), 8).tolist() == [False, True]
