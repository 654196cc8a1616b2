from __future__ import annotations

import ipaddress

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stillwatch.fingerprint.text import address_keys

IPV4, IPV6_PREFIX, IPV6 = 1 << 62, 1 << 61, 1 << 63


def keys(text: str | None) -> tuple[int, int]:
    address, prefix = address_keys(pa.array([text], pa.string()))
    return int(address[0]), int(prefix[0])


def network(address, length: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(
        (int(address) if address.version == 4 else address.packed, length), strict=False
    )


@st.composite
def spellings(draw, address: ipaddress.IPv6Address) -> str:
    """One of the ways to write an address: zeros left out or not, any run of zeros as '::', either case."""
    groups = address.exploded.split(":")
    plain = [draw(st.sampled_from([group, group.lstrip("0") or "0"])) for group in groups]
    runs = [(a, b) for a in range(8) for b in range(a + 1, 9) if set("".join(groups[a:b])) == {"0"}]
    text = ":".join(plain)
    if runs and draw(st.booleans()):
        first, after = draw(st.sampled_from(runs))
        text = f"{':'.join(plain[:first])}::{':'.join(plain[after:])}"
    return "".join(draw(st.sampled_from([c.lower(), c.upper()])) for c in text)


def of_sparse(groups: list[int]) -> ipaddress.IPv6Address:
    return ipaddress.IPv6Address(b"".join(group.to_bytes(2, "big") for group in groups))


sparse = st.lists(st.sampled_from([0, 0, 1, 0xABCD]), min_size=8, max_size=8).map(of_sparse)
ipv6 = (st.ip_addresses(v=6) | sparse).filter(lambda address: address.ipv4_mapped is None)


@settings(deadline=None)
@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_ipv4_has_a_key_of_its_own_and_one_of_its_24(one, other):
    address, prefix = keys(str(one))
    assert address == IPV4 | int(one)
    assert prefix == IPV4 | int(network(one, 24).network_address)
    assert (prefix == keys(str(other))[1]) == (other in network(one, 24))


@settings(deadline=None)
@given(st.data(), ipv6)
def test_all_spellings_of_one_ipv6_share_its_key(data, address):
    text = data.draw(spellings(address))
    assert ipaddress.ip_address(text) == address
    assert keys(text) == keys(str(address)) == keys(address.exploded)
    assert keys(text)[0] & IPV6


@settings(deadline=None)
@given(ipv6, ipv6)
@example(ipaddress.ip_address("2001:db8:1::1"), ipaddress.ip_address("2001:db8:1:ffff::2"))
@example(ipaddress.ip_address("2001:db8:1::1"), ipaddress.ip_address("2001:db8:2::1"))
def test_ipv6_addresses_differ_by_key_and_share_the_key_of_their_48(one, other):
    (first, prefix), (second, other_prefix) = keys(str(one)), keys(str(other))
    assert (first == second) == (one == other)
    assert prefix == IPV6_PREFIX | int(one) >> 80
    assert (prefix == other_prefix) == (other in network(one, 48))


@settings(deadline=None)
@given(st.ip_addresses(v=4), ipv6)
def test_the_two_kinds_of_address_do_not_meet(four, six):
    assert not set(keys(str(four))) & set(keys(str(six)))


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "unknown", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1..2.3", ".1.2.3", "1.2.3.", "1.2.3.4 ",
        "1.2.3.4:80", "1.2.3.4/24", "-1.2.3.4", "1.2.3.4444", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g", "1::2::3",
        "[::1]", "::/0", ":", "1" * 46, "１.2.3.4",
    ],
)  # fmt: skip
def test_what_is_no_address_has_no_key(text):
    assert keys(text) == (0, 0)


READ_LOOSELY = [
    ":::",
    "1:::2",
    "::1:",
    ":1::2",
    "1:2:3:4:5:6:7:8:",
    "1:2:3:4:5:6:7:8::",
    "1:2:3::4:5:6:7:8",
    "01.2.3.4",
]


@pytest.mark.parametrize("text", READ_LOOSELY)
def test_what_only_resembles_an_address_has_no_key(text):
    assert keys(text) == (0, 0)


@pytest.mark.parametrize(
    "text", ["::ffff:192.0.2.7", "::FFFF:192.0.2.7", "::ffff:c000:207", "0:0:0:0:0:ffff:192.0.2.7"]
)
def test_an_ipv4_client_of_a_server_that_speaks_ipv6_is_the_ipv4_client(text):
    assert keys(text) == keys("192.0.2.7")


def test_a_row_keeps_its_own_address_whatever_stands_beside_it():
    texts = ["1.2.3.4", None, "::1", "no", "1.2.3.5", "2001:db8::", "", "1::"]
    address, prefix = address_keys(pa.array(texts))
    assert list(zip(address.tolist(), prefix.tolist(), strict=True)) == [keys(text) for text in texts]
    assert [len(part) for part in address_keys(pa.array([], pa.string()))] == [0, 0]


@settings(deadline=None, max_examples=1000)
@given(
    st.text("0123456789abF:.", max_size=24)
    | st.lists(st.sampled_from([":", "::", "0", "1", "ffff", "1.2.3.4", "9.8.7.6"]), max_size=17).map("".join)
)
def test_there_is_a_key_exactly_where_there_is_an_address(text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        assert keys(text) == (0, 0)
    else:
        four = getattr(address, "ipv4_mapped", None)
        assert keys(text) == keys((four or address).exploded)
        assert all(keys(text))
