"""Declared organisations are one party before anything is linked."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.link.principal import principals

MILL, FORGE, MAIL = 11, 22, 99


def parties(*accounts: tuple[int, int]) -> list[int]:
    """The party of each account, given as its verified organisation and its e-mail domain; 0 is none."""
    organisation, email = (pa.array(column, pa.uint64()) for column in zip(*accounts, strict=True))
    return principals(pa.table({"organisation": organisation, "email": email})).tolist()


def test_accounts_of_one_verified_organisation_are_one_party() -> None:
    assert parties((MILL, 0), (FORGE, 0), (MILL, 0)) == [0, 1, 0]


def test_accounts_that_declare_nothing_are_parties_of_their_own() -> None:
    assert parties((0, 0), (0, 0), (0, 0)) == [0, 1, 2]


def test_an_address_at_a_verified_domain_belongs_to_the_organisation() -> None:
    assert parties((MILL, 0), (0, MILL), (0, FORGE)) == [0, 0, 1]


def test_a_domain_whose_holders_are_mostly_of_one_organisation_stands_for_it() -> None:
    assert parties((MILL, 55), (MILL, 55), (0, 55), (0, 0)) == [0, 0, 0, 1]


def test_a_public_mail_domain_joins_nobody() -> None:
    accounts = [(MILL, MAIL), *[(0, MAIL)] * 5]
    assert parties(*accounts) == [0, 1, 2, 3, 4, 5]


def test_a_verified_organisation_outranks_the_mail_domain() -> None:
    assert parties((MILL, FORGE), (FORGE, 0), (MILL, 0)) == [0, 1, 0]


def test_parties_are_numbered_from_0_in_the_order_of_their_first_account() -> None:
    numbers = parties((0, 0), (FORGE, 0), (MILL, 0), (FORGE, 0), (0, 0))
    assert numbers == [0, 1, 2, 1, 3]


def test_no_account_gives_no_party() -> None:
    nothing = pa.table({"organisation": pa.array([], pa.uint64()), "email": pa.array([], pa.uint64())})
    assert principals(nothing).tolist() == []


def test_a_key_that_reads_as_an_account_number_is_not_mistaken_for_one() -> None:
    assert len(np.unique(parties((0, 0), (1, 0), (0, 0), (2, 0)))) == 4
