"""Mapping files: a house format read by one, and what is refused with file, key, what was found and what is allowed."""

from __future__ import annotations

import json
import tomllib

import pytest

from stillwatch.errors import UsageError
from stillwatch.model.tables import EXCHANGE
from stillwatch.sources.bodies.dialects import bodies
from stillwatch.sources.files import LogFile
from stillwatch.sources.joins.edge import EDGE
from stillwatch.sources.joins.exports import EXPORTED
from stillwatch.sources.joins.mapped import mapped_envelope, mapped_source, rows_of
from stillwatch.sources.joins.mapping import json_schema, parsed, read_mapping
from stillwatch.sources.layout import Table
from stillwatch.sources.nested.envelope import Excluded
from stillwatch.sources.nested.moments import iso
from stillwatch.sources.rejected import Reject

HOUSE = """
name = "house"
packed = ["records"]
[columns]
exchange_id = "id"
account_id = "customer.id"
ts = {path = "created", unit = "ms"}
client_ip = "peer"
api_key_id = {path = "key", hash = true}
channel = {value = "api"}
status = "code"
[body]
request = "req"
response = "res"
dialect = "openai_chat"
[exclude]
"no generation" = {path = "kind", equals = ["embedding", "moderation"]}
"a test" = {path = "test", equals = true}
"""
CALL = {
    "id": "c-1",
    "customer": {"id": "acme"},
    "created": 1_772_443_246_847,
    "peer": "203.0.113.9:4431",
    "key": "not-to-be-seen",
    "code": "200",
    "kind": "chat",
    "req": {"model": "house-large", "messages": [{"role": "user", "content": "What is a lamp?"}]},
    "res": {
        "choices": [{"message": {"content": "A light."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 4},
    },
}
LEAST = 'exchange_id = "id"\naccount_id = "who"\nts = "at"\nmodel = "m"\n'


def mapping(text: str, table=EXCHANGE):
    return parsed(tomllib.loads(text), table, "house.toml")


def rows(text: str, record: dict, table=EXCHANGE) -> list:
    return list(rows_of(mapping(text, table))(record))


def read(path, text: str):
    source = mapped_source(mapping(text))
    log = Table(EXCHANGE, [(LogFile(path, path.name, source), source.read(path, EXCHANGE))])
    reject = Reject()
    return [row for batch in log.batches(reject) for row in batch.to_pylist()], log, reject


def test_a_house_format_with_bodies_is_read(tmp_path):
    file = tmp_path / "calls.jsonl"
    unwanted = [{**CALL, "kind": "embedding"}, {**CALL, "test": True}]
    file.write_text("\n".join(json.dumps(one) for one in ({"records": [CALL, *unwanted]},)), "utf-8")
    found, log, reject = read(file, HOUSE)
    assert [reject.count, dict(log.excluded)] == [0, {"no generation": 1, "a test": 1}]
    row = found[0]
    expected = {
        "exchange_id": "c-1", "account_id": "acme", "model": "house-large", "client_ip": "203.0.113.9",
        "channel": "api", "status": 200, "prompt": "What is a lamp?", "response": "A light.", "turns": 1,
        "input_tokens": 4, "stop_reason": "stop", "source": "house/1", "content_state": None,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert row["ts"].isoformat() == "2026-03-02T09:20:46.847000+00:00"
    assert row["api_key_id"] not in (None, "not-to-be-seen")


def test_a_csv_file_is_read_by_its_headers(tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text(
        'id,who,at,m,temp,offered,said\na,acme,2026-03-02 10:20:46,house-large,0.5,"[""look_up""]","Hi, you"\n'
        "b,acme,never,house-large,,,\n",
        "utf-8",
    )
    text = f'[columns]\n{LEAST}temperature = "temp"\ntools = "offered"\nprompt = "said"\n'
    found, _, reject = read(file, text.replace('"at"', '{path = "at", zone = "Europe/Berlin"}'))
    assert [(row["exchange_id"], row["temperature"], row["tools"], row["prompt"]) for row in found] == [
        ("a", 0.5, ["look_up"], "Hi, you")
    ]
    assert found[0]["ts"].isoformat() == "2026-03-02T09:20:46+00:00"
    assert reject.reasons == {"no ts": 1}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ('{path = "at", unit = "s"}', 1_772_443_246.5),
        ('{path = "at", unit = "ms"}', "1772443246500"),
        ('{path = "at", unit = "us"}', 1_772_443_246_500_000),
        ('{path = "at", unit = "ns"}', "1772443246500000000"),
        ('{path = "at", unit = "ticks"}', 639_080_400_465_000_000),
        ('"at"', "2026-03-02T09:20:46.5Z"),
        ('{path = "at", zone = "UTC"}', "2026-03-02 09:20:46.500"),
        ('{path = "at", zone = "+02:00"}', "2026-03-02T11:20:46.5"),
        ('{path = "at", zone = "+02:00"}', "2026-03-02T09:20:46.5Z"),
        ('{path = "at", unit = "iso", zone = "Europe/Berlin"}', "2026-03-02T10:20:46.5"),
    ],
)
def test_a_time_is_read_in_its_unit_and_zone(place, value):
    row = rows("[columns]\n" + LEAST.replace('"at"', place), {"id": "a", "at": value})[0]
    assert row["ts"] == iso("2026-03-02T09:20:46.5Z")


def test_a_time_without_a_zone_is_none_unless_one_is_named():
    assert "ts" not in rows(f"[columns]\n{LEAST}", {"id": "a", "at": "2026-03-02T09:20:46"})[0]


@pytest.mark.parametrize("odd", [None, 7, [], {}, "x", [{}], {"id": 3}, True, "\ud800"])
def test_odd_values_never_raise(odd):
    keys = ("id", "customer", "created", "peer", "key", "code", "kind", "req", "res", "test")
    for key in keys:
        assert len(rows(HOUSE, {**CALL, key: odd})) == 1
    assert len(rows(HOUSE, dict.fromkeys(keys, odd))) == 1


def test_a_key_that_opens_something_is_hashed_unasked():
    text = f'[columns]\n{LEAST}api_key_id = "k"'
    secret = "sk-" + "ab12CD34" * 4
    assert rows(text, {"k": secret})[0]["api_key_id"] != secret
    assert rows(text, {"k": "key-17"})[0]["api_key_id"] == "key-17"


def test_what_a_row_holds_comes_back_from_its_record():
    envelope = mapped_envelope(mapping(HOUSE))
    row = next(iter(envelope.rows(CALL)))
    again = next(iter(envelope.rows(envelope.record(row))))
    carried = envelope.carries
    assert {name: again.get(name) for name in carried} == {name: row.get(name) for name in carried}
    assert envelope.looks_like(CALL)
    assert not envelope.looks_like({"other": 1})


def test_accounts_and_edge_logs_are_mapped_too():
    account = rows(
        '[columns]\naccount_id = "org"\nemail_domain = "mail"\ncard_bin = "card"\nphone_prefix = "phone"\n'
        'country = "land"\nsignup_ip = "ip"',
        {"org": "acme", "mail": "A.B@Example.org", "card": "4242 4242 4242 4242", "phone": "+1 555 123 4567",
         "land": "de", "ip": "203.0.113.9:1"},
        EXPORTED,
    )  # fmt: skip
    assert account == [
        {"account_id": "acme", "email_domain": "example.org", "card_bin": "42424242", "phone_prefix": "+155512",
         "country": "DE", "signup_ip": "203.0.113.9"}
    ]  # fmt: skip
    assert rows('[columns]\naccount_id = "org"', {}, EXPORTED) == [Excluded("no account_id")]
    edge = rows(
        '[columns]\nrequest_id = "r"\nheader_profile = "order"', {"r": 5, "order": ["Host", "Accept"]}, EDGE
    )
    assert edge[0]["request_id"] == "5"
    assert len(edge[0]["header_profile"]) == 32


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "[columns] is missing. Allowed: a table"),
        ("columns = 3", "[columns] is 3. Allowed: a table"),
        ("colums = 3", "colums is no key. Allowed: columns is near"),
        (f'[columns]\n{LEAST}acount_id = "x"', "acount_id is no column of exchanges. Allowed: account_id is near"),
        ('[columns]\nexchange_id = "x"', "columns names no ts, account_id, model. Allowed: every row"),
        (f"[columns]\n{LEAST}prompt = 3", "columns.prompt is 3. Allowed: a table of path, value, unit, zone, hash"),
        (f"[columns]\n{LEAST}prompt = {{path = 3}}", "columns.prompt.path is 3. Allowed: a text, or a list of texts"),
        (f'[columns]\n{LEAST}prompt = {{pth = "x"}}', "columns.prompt is {'pth': 'x'}. Allowed: a table of path"),
        (f"[columns]\n{LEAST}prompt = {{}}", "columns.prompt is {}. Allowed: either a path or a value"),
        (f'[columns]\n{LEAST}prompt = {{path = "a", unit = "s"}}', "unit and zone for times only"),
        (f'[columns]\n{LEAST}n = {{value = "x"}}', "columns.n.value is 'x'. Allowed: a value of type int32"),
        (f'[columns]\n{LEAST}n = {{path = "x", hash = true}}', "columns.n.hash is true. Allowed: it for texts"),
        ('[columns]\nts = {path = "at", unit = "sec"}', "columns.ts.unit is 'sec'. Allowed: iso, s, ms, us, ns, ticks"),
        ('[columns]\nts = {path = "at", zone = "Mars"}', "columns.ts.zone is 'Mars'. Allowed: UTC, an offset"),
        ('[columns]\nts = {path = "at", unit = "s", zone = "UTC"}', "with unit iso only"),
        ("[columns]\nts = {value = 3}", "no time is the same in all rows"),
        (f'name = "Big House"\n[columns]\n{LEAST}', "name is 'Big House'. Allowed: small letters"),
        (f'packed = "x"\n[columns]\n{LEAST}', "packed is 'x'. Allowed: a list of texts"),
        (f"[columns]\n{LEAST}[body]\n", "[body] names neither request nor response"),
        (f'[columns]\n{LEAST}[body]\nrequest = "r"\ndialect = "klingon"', "body.dialect is 'klingon'. Allowed: "),
        (f'[columns]\n{LEAST}[exclude]\n"a test" = {{path = "x"}}', "exclude.a test is {'path': 'x'}. Allowed: "),
        (f'[columns]\n{LEAST}[exclude]\ntest = {{path = "x", equals = {{}}}}', "exclude.test.equals is {}. Allowed: "),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_key_and_what_is_allowed(text, told):
    with pytest.raises(UsageError) as refused:
        mapping(text)
    assert "The mapping file house.toml: " in str(refused.value)
    assert told in str(refused.value)


def test_a_body_is_for_exchanges_only():
    with pytest.raises(UsageError, match="for exchanges only, and this is for accounts"):
        mapping('[columns]\naccount_id = "x"\n[body]\nrequest = "r"', EXPORTED)


def test_a_file_that_is_none_is_refused_by_name(tmp_path):
    file = tmp_path / "map.toml"
    with pytest.raises(UsageError, match=r"map\.toml cannot be read"):
        read_mapping(file, EXCHANGE)
    for garbage in ("[columns", "a = " + "[" * 9_000):
        file.write_text(garbage, "utf-8")
        with pytest.raises(UsageError, match=r"map\.toml is no TOML"):
            read_mapping(file, EXCHANGE)
    file.write_text(HOUSE, "utf-8")
    assert read_mapping(file, EXCHANGE).name == "house"


def test_the_shape_is_published():
    place = json_schema()["$defs"]["Place"]["properties"]
    assert set(place) == {"path", "value", "unit", "zone", "hash"}


def test_every_dialect_can_be_named():
    for name in bodies():
        assert mapping(f'[columns]\n{LEAST}[body]\nrequest = "r"\ndialect = "{name}"').body.dialect == name
