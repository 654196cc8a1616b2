"""Client addresses: with ports, in lists, masked, and what of a list is to be believed."""

from __future__ import annotations

import pytest

from stillwatch.sources.nested.addresses import address, is_public


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:64484", "203.0.113.9"),
        ("2001:db8:0::9", "2001:db8:0::9"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        (" 203.0.113.9 ", "203.0.113.9"),
    ],
)
def test_an_address_is_told_as_it_was_written_without_its_port(written, told):
    assert address(written) == told


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "-",
        7,
        ["203.0.113.9"],
        "203.0.113.***",
        "203.0.113.xxx",
        "203.0.113.0/24",
        "unknown",
        "1" * 5000,
    ],
)
def test_what_is_no_whole_address_is_none(written):
    assert address(written) is None


def test_the_only_address_of_a_list_counts_even_if_it_is_an_inner_one():
    assert address("192.168.1.38") == "192.168.1.38"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("198.51.100.66, 203.0.113.20", "203.0.113.20"),
        ("198.51.100.66, 203.0.113.20, 10.0.0.8, 127.0.0.1", "203.0.113.20"),
        ("203.0.113.20:4711,[fd00::1]:80", "203.0.113.20"),
        ("203.0.113.20, ", "203.0.113.20"),
        ("10.0.0.8, 192.168.0.3", None),
    ],
)
def test_of_a_list_the_right_most_public_address_counts_for_the_rest_may_be_invented(written, told):
    assert address(written) == told


@pytest.mark.parametrize("unread", ["unknown", "203.0.113.***"])
def test_nothing_left_of_what_cannot_be_read_is_believed(unread):
    assert address(f"198.51.100.66, {unread}, 10.0.0.8") is None


def test_a_list_made_long_to_hide_in_costs_little_and_gives_its_right_end():
    assert address("198.51.100.66, " * 10_000 + "203.0.113.20") == "203.0.113.20"
    assert address("x" * 100_000 + ", 10.0.0.8") is None


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ('"203.0.113.9"', "203.0.113.9"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("fe80::1%eth0", "fe80::1"),
        ("-", None),
        ("", None),
        (7, None),
        ("9" * 5_000, None),
    ],
)
def test_an_address_loses_port_brackets_quotes_and_zone(told, found):
    assert address(told) == found


def test_addresses_of_the_inner_network_are_known():
    assert not is_public("10.1.2.3")
    assert not is_public("fd12::1")
    assert is_public("203.0.113.9")
