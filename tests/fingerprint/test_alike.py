"""Codes that are near become one key, and each request has the key that tells most of who sent it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint import alike
from stillwatch.fingerprint.alike import NEAR, centres, differing, meanings, nearest

FAR = 0x0F0F0F0F0F0F0F0F
codes = st.integers(1, 2**64 - 1)


def array(*values: int) -> np.ndarray:
    return np.array(values, np.uint64)


def keys(*rows: tuple[int, ...], account: list[int] | None = None) -> list[int]:
    table = np.zeros((len(rows), 8), np.uint64)
    for at, row in enumerate(rows):
        table[at, : len(row)] = row
    of = np.arange(len(rows)) if account is None else np.array(account)
    return [int(key) for key in meanings([table], of.astype(np.int32))]


@settings(deadline=None)
@given(codes, codes)
def test_bits_that_differ_are_counted(one: int, other: int) -> None:
    assert int(differing(np.uint64(one), np.uint64(other))) == (one ^ other).bit_count()


@settings(deadline=None)
@given(st.lists(codes, min_size=1, max_size=30))
def test_a_centre_is_near_no_other_and_every_code_is_near_one(values: list[int]) -> None:
    found = [int(centre) for centre in centres(array(*values))]
    assert all((a ^ b).bit_count() > NEAR for at, a in enumerate(found) for b in found[:at])
    numbers = nearest(array(*values), array(*found))
    apart = [(value ^ found[n]).bit_count() for value, n in zip(values, numbers, strict=True)]
    assert apart == [min((value ^ centre).bit_count() for centre in found) for value in values]
    assert max(apart) <= NEAR


def test_there_are_no_more_centres_than_that() -> None:
    values = np.random.default_rng(0).integers(1, 2**63, 2 * alike.MOST_CENTRES, dtype=np.uint64)
    assert len(centres(values)) == alike.MOST_CENTRES


def test_codes_that_differ_in_few_bits_give_one_key() -> None:
    found = keys((FAR,), (FAR ^ 1,), (FAR ^ 0b110,))
    assert len(set(found)) == 1
    assert 0 not in found


def test_what_two_accounts_share_is_no_key() -> None:
    assert keys((FAR,), (FAR,), (FAR,), account=[0, 1, 0]) == [0, 0, 0]


def test_a_request_without_a_sentence_has_no_key() -> None:
    assert keys((FAR,), (FAR,), (FAR,), ())[3] == 0


def test_of_two_shared_sentences_the_one_of_more_accounts_counts() -> None:
    own, shared = 0xFFFF, 0xFFFFFFFF00000000
    found = keys((own, shared), (own, shared), (own, shared), (shared,))
    assert len(set(found)) == 1


def test_a_sentence_that_everybody_sends_gives_way_to_one_that_some_share() -> None:
    own, common = 0xFFFF, 0xFFFFFFFF00000000
    rows = [(common, own)] * 5 + [(common,)] * (alike.COMMON_LEAST + 1)
    found = keys(*rows)
    assert len(set(found[:5])) == 1
    assert found[0] != found[5] != 0


def test_no_request_at_all_gives_no_key() -> None:
    assert meanings([], np.zeros(0, np.int32)).tolist() == []


@settings(deadline=None)
@given(st.lists(st.tuples(codes, codes), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_key(rows: list[tuple[int, int]], random) -> None:
    order = random.sample(range(len(rows)), len(rows))
    account = [at % 5 for at in range(len(rows))]
    first = keys(*rows, account=account)
    other = keys(*(rows[at] for at in order), account=[account[at] for at in order])
    assert [first[at] for at in order] == other
