"""What other programs make of the other formats."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator
from pymisp import MISPEvent

from stillwatch.errors import InputError, UsageError
from stillwatch.model.sealed import opened, seal
from stillwatch.model.watchlist import WATCHLIST_TYPE, read_watchlist
from stillwatch.share.navigator import catalogue_layer
from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Wish, prepare
from stillwatch.testing import secrets
from tests.share.conftest import BLIND, EXPORTS, Made

LAYER = Path(__file__).parent / "data" / "navigator-layer-4.3.json"


def test_misp_loads_every_event(made: Made) -> None:
    told = json.loads(EXPORTS["misp"].render(made(tier=3), BLIND))["response"]
    for document in told:
        event = MISPEvent()
        event.load(json.dumps(document))
        assert len(event.attributes) == len(document["Event"]["Attribute"])
        assert {t.name for t in event.tags} >= {"tlp:amber+strict", "PAP:AMBER"}


def test_only_what_can_be_looked_for_is_flagged_for_detection(made: Made) -> None:
    event = json.loads(EXPORTS["misp"].render(made(tier=2), BLIND))["response"][0]["Event"]
    flagged = {(a["type"], a["value"]) for a in event["Attribute"] if a["to_ids"]}
    assert ("ip-src", secrets.RANGE) in flagged
    assert all(":" in value or kind == "ip-src" for kind, value in flagged)


def test_an_event_that_withdraws_is_newer(made: Made) -> None:
    events = [
        json.loads(EXPORTS["misp"].render(made(retraction=r), BLIND))["response"][0]["Event"]
        for r in (None, "wrong")
    ]
    assert events[0]["uuid"] == events[1]["uuid"]
    assert int(events[0]["timestamp"]) < int(events[1]["timestamp"])
    assert not any(a["to_ids"] for a in events[1]["Attribute"])


@pytest.mark.parametrize("tier", [1, 2])
def test_sigma_rules_have_what_the_specification_wants(tier: int, made: Made) -> None:
    rules = list(yaml.safe_load_all(EXPORTS["sigma"].render(made(tier=tier), BLIND)))
    assert rules
    for rule in rules:
        assert len(rule["title"]) <= 256
        UUID(rule["id"])
        assert rule["status"] == "experimental"
        assert rule["level"] == "low"
        assert {"category", "product"} <= set(rule["logsource"])
        assert rule["detection"]["condition"] == "1 of selection_*"
        assert [name for name in rule["detection"] if name.startswith("selection_")]
        assert all(re.fullmatch(r"[a-z0-9_-]+\.[a-z0-9._-]+", tag) for tag in rule["tags"])


def test_sigma_says_so_where_nothing_can_be_looked_for(made: Made) -> None:
    with pytest.raises(UsageError, match="Programs need --tier 1"):
        EXPORTS["sigma"].render(made(tier=0), BLIND)


@pytest.mark.parametrize("layer", ["findings", "catalogue"])
def test_a_layer_keeps_to_the_format_of_the_navigator(layer: str, made: Made) -> None:
    content = catalogue_layer() if layer == "catalogue" else EXPORTS["navigator"].render(made(), BLIND)
    document = json.loads(content)
    Draft202012Validator(json.loads(LAYER.read_text())).validate(document)
    ids = [t["techniqueID"] for t in document["techniques"]]
    assert len(ids) == len(set(ids))


def test_a_row_of_csv_says_all_by_itself(made: Made) -> None:
    rows = list(csv.DictReader(io.StringIO(EXPORTS["csv"].render(made(tier=2), BLIND).decode())))
    assert {r["finding"] for r in rows} == set(secrets.EVERYTHING)
    assert all(r["tlp"] == "TLP:AMBER+STRICT" and r["valid_until"] and r["permitted"] for r in rows)


def test_a_cell_of_csv_is_no_formula() -> None:
    wish = Wish(Policy(), secrets.Producer("=HYPERLINK(1)"))
    text = EXPORTS["csv"].render(prepare(secrets.found(), wish, BLIND), BLIND).decode()
    assert ",'=HYPERLINK(1)" in text


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("keys")
    private, public = folder / "sign.pem", folder / "sign.pub"
    key = Ed25519PrivateKey.generate()
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


def watchlist(tier: int) -> bytes:
    wish = Wish(Policy(tier), secrets.PRODUCER, is_own=True)
    return EXPORTS["watchlist"].render(prepare(secrets.found(), wish, BLIND), BLIND)


def test_a_watchlist_comes_back_from_its_envelope(keys: tuple[Path, Path]) -> None:
    sealed = seal(watchlist(3), WATCHLIST_TYPE, keys[0])
    told = read_watchlist(opened(sealed, WATCHLIST_TYPE, keys[1]))
    assert {e.kind for e in told.entries} == {
        "account",
        "client",
        "network",
        "template",
        "token",
        "registration",
    }
    assert {e.account_id for e in told.entries if e.kind == "account"} >= set(secrets.ACCOUNTS)
    assert all(e.valid_until <= told.expires for e in told.entries)
    assert secrets.ADDRESS in {e.value for e in told.entries}


def test_the_same_watchlist_is_signed_to_the_same_bytes(keys: tuple[Path, Path]) -> None:
    assert seal(watchlist(2), WATCHLIST_TYPE, keys[0]) == seal(watchlist(2), WATCHLIST_TYPE, keys[0])


@pytest.mark.parametrize("what", ["payload", "signature", "type"])
def test_an_altered_watchlist_is_refused(what: str, keys: tuple[Path, Path]) -> None:
    document = json.loads(seal(watchlist(2), WATCHLIST_TYPE, keys[0]))
    if what == "payload":
        plain = base64.b64decode(document["payload"]).replace(b"UDC-2026-001", b"UDC-2026-007")
        document["payload"] = base64.b64encode(plain).decode()
    elif what == "signature":
        document["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
    else:
        document["payloadType"] = "application/json"
    with pytest.raises(InputError):
        opened(json.dumps(document).encode(), WATCHLIST_TYPE, keys[1])


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b'{"payload": 1}', b"\xff\xfe"])
def test_what_is_no_envelope_is_refused(content: bytes, keys: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match="no signed envelope"):
        opened(content, WATCHLIST_TYPE, keys[1])


def test_a_key_of_another_kind_does_not_sign(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nno key\n-----END PRIVATE KEY-----\n")
    with pytest.raises(UsageError, match="cannot be read"):
        seal(b"", WATCHLIST_TYPE, tmp_path / "key.pem")


def test_nobody_calls_its_own_word_reliable(made: Made) -> None:
    assert b"admiralty" not in EXPORTS["misp"].render(made(), BLIND)


@pytest.mark.parametrize("name", ["navigator", "sigma"])
def test_indicators_are_counted_that_are_in_the_file(name: str, made: Made) -> None:
    content = EXPORTS[name].render(made(tier=2), BLIND).decode()
    told = {i.value or i.token for f in made(tier=2).findings for i in f.indicators if EXPORTS[name].holds(i)}
    assert bool(told) is (name == "sigma")
    assert not [value for value in told if value not in content]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{}", "it has no 'payload'"),
        (b"<html>", "it is no JSON"),
        (b'{"payload": 5}', "not in the form"),
        (b"[]", "not in the form"),
    ],
)
def test_what_is_no_envelope_is_refused_in_words(content: bytes, why: str, keys: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match=why):
        opened(content, WATCHLIST_TYPE, keys[1])
