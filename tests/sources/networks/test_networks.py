"""Networks from databases, lists and range files: only those that are asked for, of the day that is asked for."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import maxminddb
import pyarrow as pa
import pytest

from stillwatch.errors import UsageError
from stillwatch.model.tables import NETWORK
from stillwatch.sources.check import broken_rows
from stillwatch.sources.networks.clouds import read_cloud
from stillwatch.sources.networks.dated import Dated, as_of, day_in_name
from stillwatch.sources.networks.lists import read_list
from stillwatch.sources.networks.mmdb import facts, networks_for, read_mmdb
from stillwatch.sources.networks.ranges import network_table
from stillwatch.sources.networks.together import together
from tests.sources.networks.mmdb import write_mmdb

ASN = {
    "198.51.100.0/22": {"autonomous_system_number": 64500, "autonomous_system_organization": "Wide Net"},
    "198.51.100.128/25": {"autonomous_system_number": 64501, "autonomous_system_organization": "Narrow Net"},
    "2001:db8::/32": {"autonomous_system_number": 4_200_000_001, "autonomous_system_organization": "Six Net"},
}
BUILT = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())


def told(table: pa.Table) -> list[dict]:
    assert table.schema == NETWORK.arrow
    for batch in table.to_batches():
        assert not broken_rows(batch, NETWORK)
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def dated(day: date | None, cidr: str) -> Dated:
    return Dated(network_table([{"cidr": cidr}]), day, cidr)


def test_only_networks_that_cover_an_address_are_taken_each_once(tmp_path):
    file = write_mmdb(tmp_path / "asn.mmdb", ASN, built=BUILT)
    addresses = pa.array(
        ["2001:db8::7", "198.51.100.200", "198.51.100.201", "198.51.100.200", "203.0.113.9", None, "x"]
    )
    found = read_mmdb(file, addresses)
    assert told(found.table) == [
        {"cidr": "198.51.100.128/25", "asn": 64501, "as_name": "Narrow Net"},
        {"cidr": "2001:db8::/32", "asn": 4_200_000_001, "as_name": "Six Net"},
    ]
    assert (found.as_of, found.source) == (date(2026, 3, 1), "asn.mmdb")


def test_a_wide_network_round_a_narrow_one_is_told_as_the_part_that_is_left(tmp_path):
    with maxminddb.open_database(write_mmdb(tmp_path / "asn.mmdb", ASN)) as reader:
        assert told(networks_for(pa.array(["198.51.101.1", "198.51.100.1"]), reader)) == [
            {"cidr": "198.51.100.0/25", "asn": 64500, "as_name": "Wide Net"},
            {"cidr": "198.51.101.0/24", "asn": 64500, "as_name": "Wide Net"},
        ]


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"country": {"iso_code": "de"}, "registered_country": {"iso_code": "US"}}, {"country": "DE"}),
        ({"registered_country": {"iso_code": "US"}}, {"country": "US"}),
        (
            {"country": "FR", "asn": "AS64500", "as_name": "X"},
            {"country": "FR", "asn": 64500, "as_name": "X"},
        ),
        ({"isp": "A House", "organization": "B"}, {"as_name": "B"}),
        ({"is_anonymous": True, "is_anonymous_vpn": True, "is_hosting_provider": True}, {"kind": "vpn"}),
        ({"is_tor_exit_node": True, "is_anonymous_vpn": True}, {"kind": "tor"}),
        ({"is_hosting_provider": True}, {"kind": "hosting"}),
        ({"is_residential_proxy": True}, {"kind": "residential"}),
        ({"connection_type": "Cellular"}, {"kind": "mobile"}),
        (
            {"traits": {"user_type": "college", "autonomous_system_number": 7}},
            {"kind": "education", "asn": 7},
        ),
        ({"country": 7, "asn": "x", "connection_type": []}, {}),
        ({"country": {"iso_code": "Germany"}, "traits": 3}, {}),
    ],
)
def test_facts_are_read_by_their_keys(record, found):
    assert {name: value for name, value in facts(record).items() if value is not None} == found


def test_a_database_that_is_none_and_a_missing_package_are_said(tmp_path, monkeypatch):
    file = tmp_path / "x.mmdb"
    with pytest.raises(UsageError, match="cannot be read"):
        read_mmdb(file, pa.array(["203.0.113.9"]))
    file.write_bytes(b"no database" * 100)
    with pytest.raises(UsageError, match="is no database of networks"):
        read_mmdb(file, pa.array(["203.0.113.9"]))
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(UsageError, match=r"pip install stillwatch\[networks\]"):
        read_mmdb(file, pa.array(["203.0.113.9"]))


def test_a_list_is_read_with_its_comments_and_what_is_no_range_is_told(tmp_path):
    file = tmp_path / "vpn-2026-03-01.txt"
    file.write_text(
        "# a list\n198.51.100.0/24 # exits\n; old\n\n203.0.113.9\n2001:db8::/32;six\n203.0.113.9\n198.51.100.7/24\nAS64500 # x\n",
        "utf-8",
    )
    found = read_list(file, "vpn")
    assert [row["cidr"] for row in told(found.table)] == [
        "198.51.100.0/24",
        "203.0.113.9/32",
        "2001:db8::/32",
    ]
    assert {row["kind"] for row in told(found.table)} == {"vpn"}
    assert found.rejected == ((9, "AS64500"),)
    assert found.as_of == date(2026, 3, 1)
    assert read_list(file, "tor", date(2025, 1, 1)).as_of == date(2025, 1, 1)


def test_a_kind_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no kind of network 'proxy'"):
        read_list(tmp_path / "x", "proxy")


AWS = {"createDate": "2026-03-01-10-00-00", "syncToken": "1", "prefixes": [{"ip_prefix": "198.51.100.0/24"}],
       "ipv6_prefixes": [{"ipv6_prefix": "2001:db8::/32"}]}  # fmt: skip
GOOGLE = {
    "creationTime": "2026-03-01T10:00:00",
    "prefixes": [{"ipv4Prefix": "198.51.100.0/24"}, {"ipv6Prefix": "2001:db8::/32"}],
}
AZURE = {"changeNumber": 7, "cloud": "Public", "values": [
    {"name": "A", "properties": {"addressPrefixes": ["198.51.100.0/24", "2001:db8::/32"]}},
    {"name": "B", "properties": {"addressPrefixes": ["198.51.100.0/24", "nonsense"]}}, 3,
]}  # fmt: skip


@pytest.mark.parametrize(
    ("tree", "name"), [(AWS, "Amazon Web Services"), (GOOGLE, "Google Cloud"), (AZURE, "Microsoft Azure")]
)
def test_range_files_of_clouds_are_hosting(tmp_path, tree, name):
    file = tmp_path / "ServiceTags_Public_20260301.json"
    file.write_text(json.dumps(tree), "utf-8")
    found = read_cloud(file)
    assert told(found.table) == [
        {"cidr": cidr, "as_name": name, "kind": "hosting"} for cidr in ("198.51.100.0/24", "2001:db8::/32")
    ]
    assert found.as_of == date(2026, 3, 1)
    assert found.rejected == (((4, "nonsense"),) if tree is AZURE else ())


@pytest.mark.parametrize(
    ("text", "why"), [("{}", "no range file"), ("[1]", "no range file"), ("{", "is no JSON")]
)
def test_other_files_are_refused(tmp_path, text, why):
    file = tmp_path / "ranges.json"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=why):
        read_cloud(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_cloud(tmp_path / "none.json")


def test_a_call_is_looked_up_in_the_last_version_not_after_it():
    march, may, june = (
        dated(date(2026, 3, 1), "a"),
        dated(date(2026, 5, 1), "b"),
        dated(date(2026, 6, 1), "c"),
    )
    versions = [may, march, june, dated(None, "d")]
    assert as_of(versions, date(2026, 5, 31)) is may
    assert as_of(versions, datetime(2026, 6, 1, tzinfo=UTC)) is june
    assert as_of(versions, date(2026, 1, 1)) is march
    assert as_of(versions[3:], date(2026, 1, 1)) is versions[3]


def test_a_day_is_read_from_a_files_name():
    assert day_in_name(Path("tor-20260301.txt.gz")) == date(2026, 3, 1)
    assert day_in_name(Path("tor_2026_03_01.txt")) == date(2026, 3, 1)
    assert day_in_name(Path("x-20261399-2026-03-02.txt")) is None or day_in_name(Path("x.txt")) is None


def test_what_several_tables_say_of_an_address_is_told_at_the_narrowest_network():
    numbers = network_table(
        [
            {"cidr": "198.51.100.0/22", "asn": 64500, "as_name": "Wide", "kind": "business"},
            {"cidr": "2001:db8::/32", "asn": 7},
        ]
    )
    exits = network_table([{"cidr": "198.51.100.7/32", "kind": "vpn"}])
    country = network_table([{"cidr": "198.51.0.0/16", "country": "DE"}])
    addresses = pa.array(["198.51.101.8", "198.51.100.7", "198.51.100.7", "2001:db8::1", "203.0.113.1", None])
    assert told(together(addresses, [numbers, exits, country])) == [
        {"cidr": "198.51.100.0/22", "asn": 64500, "as_name": "Wide", "country": "DE", "kind": "business"},
        {"cidr": "198.51.100.7/32", "asn": 64500, "as_name": "Wide", "country": "DE", "kind": "vpn"},
        {"cidr": "2001:db8::/32", "asn": 7},
    ]
    assert told(together(addresses, [])) == []
