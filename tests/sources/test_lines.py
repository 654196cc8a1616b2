from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.sources.lines import TooLong, lines
from stillwatch.sources.stream import BrokenStreamError


def flat(blocks, longest=100):
    return [line for some in lines(iter(blocks), longest) for line in some]


@given(
    st.binary(max_size=200).map(lambda b: b.replace(b"a", b"\n")), st.lists(st.integers(0, 200), max_size=8)
)
def test_lines_do_not_depend_on_where_blocks_end(text, cuts):
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    blocks = [text[a:b] for a, b in pairwise(places)]
    wanted = text.split(b"\n")
    wanted = wanted[:-1] if wanted[-1] == b"" else wanted
    assert flat(blocks, 1000) == wanted


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_line_longer_than_allowed_is_told_with_its_size_and_the_others_are_kept(size):
    text = b"first\n" + b"x" * 500 + b"\nlast\n" + b"y" * 101
    got = flat([text[start : start + size] for start in range(0, len(text), size)])
    assert got[0] == b"first"
    assert got[2] == b"last"
    assert isinstance(got[1], TooLong)
    assert got[1].size == 500
    assert isinstance(got[3], TooLong)
    assert got[3].size == 101


def test_a_line_of_just_the_allowed_length_is_kept():
    assert flat([b"x" * 100, b"\n"]) == [b"x" * 100]


def test_what_there_is_of_a_line_comes_before_the_break():
    def breaking():
        yield b"one\ntw"
        raise BrokenStreamError("broken")

    pieces = lines(breaking())
    assert [next(pieces), next(pieces)] == [[b"one"], [b"tw"]]
    with pytest.raises(BrokenStreamError):
        next(pieces)
