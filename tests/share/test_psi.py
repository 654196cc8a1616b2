"""Private set intersection: the size, the values only if both ask, and no byte of anything else."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import md5, sha1, sha256
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.cli.main import stillwatch
from stillwatch.errors import InputError, UsageError
from stillwatch.share.audit import Asked, Entry, entries, record, refuse_too_much
from stillwatch.share.normal import KINDS, NORMALISER, normal, shown

OFFERED = [f"acct_{n:06d}" for n in range(200)]
HELD = [f"acct_{n:06d}" for n in range(150, 900)]
COMMON = sorted(set(OFFERED) & set(HELD))


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "offered.txt").write_text("\n".join(OFFERED))
    (tmp_path / "held.txt").write_text("\n".join(HELD))
    return tmp_path


def psi(house: Path, word: str, *words: str, side: str = "a", peer: str = "other") -> Result:
    told = ["psi", word, *words, "--peer", peer, "--audit", str(house / f"audit-{side}.jsonl")]
    return CliRunner().invoke(stillwatch, told)


def exchange(house: Path, *values: str) -> tuple[Result, Result]:
    pytest.importorskip("private_set_intersection", reason="the extra [psi]")
    state, offer, answer = (str(house / name) for name in ("state", "offer", "answer"))
    items = str(house / "offered.txt")
    offered = psi(house, "offer", items, "--kind", "account", "--state", state, "--out", offer, *values)
    answered = psi(house, "answer", offer, str(house / "held.txt"), "--out", answer, *values, side="b")
    return offered, answered


def test_the_offering_house_learns_the_size(house: Path) -> None:
    assert [r.exit_code for r in exchange(house)] == [0, 0]
    revealed = psi(house, "reveal", str(house / "state"), str(house / "answer"))
    assert f"{len(COMMON)} of {len(OFFERED)} values" in revealed.stdout


def test_values_take_a_second_exchange_that_both_ask_for(house: Path) -> None:
    exchange(house)
    state, answer, out = str(house / "state"), str(house / "answer"), str(house / "common.txt")
    refused = psi(house, "reveal", state, answer, "--out", out)
    assert (refused.exit_code, "second one, with --values" in refused.output) == (2, True)
    exchange(house, "--values")
    assert psi(house, "reveal", state, answer, "--out", out).exit_code == 0
    assert (house / "common.txt").read_text().split() == COMMON


def offer(house: Path, *words: str, items: str = "offered.txt") -> Result:
    pytest.importorskip("private_set_intersection", reason="the extra [psi]")
    told = ("--kind", "account", "--state", str(house / "state"), "--out", str(house / "offer"), *words)
    return psi(house, "offer", str(house / items), *told)


def answer(house: Path, *words: str, peer: str = "other") -> Result:
    held = (str(house / "offer"), str(house / "held.txt"), "--out", str(house / "answer"), *words)
    return psi(house, "answer", *held, side="b", peer=peer)


def test_values_are_not_told_before_sizes_were(house: Path) -> None:
    offer(house)
    offer(house, "--values")
    answered = answer(house, "--values")
    assert (answered.exit_code, "First the size" in answered.output) == (2, True)
    assert not (house / "answer").exists()


def test_a_house_that_did_not_agree_tells_no_values(house: Path) -> None:
    exchange(house)
    offer(house, "--values")
    answered = answer(house)
    assert (answered.exit_code, "If that is agreed" in answered.output) == (2, True)


@pytest.mark.parametrize("values", [(), ("--values",)])
def test_no_byte_that_is_sent_tells_a_value_or_its_hash(values: tuple[str, ...], house: Path) -> None:
    exchange(house)
    exchange(house, *values)
    for file, secret in (
        ("offer", OFFERED),
        ("answer", HELD),
        ("audit-a.jsonl", OFFERED),
        ("audit-b.jsonl", HELD),
    ):
        content = (house / file).read_bytes()
        for value in secret:
            for form in (value, f"{NORMALISER}|account|{value}"):
                plain = form.encode()
                told = (plain, md5(plain).digest(), sha1(plain).digest(), sha256(plain).digest())  # noqa: S324
                assert not [t for t in told if t in content or t.hex().encode() in content]


def test_the_same_values_are_other_bytes_each_time(house: Path) -> None:
    exchange(house)
    first = (house / "offer").read_bytes()
    exchange(house)
    assert first != (house / "offer").read_bytes()


def test_an_answer_to_another_offer_is_refused(house: Path) -> None:
    exchange(house)
    (house / "earlier").write_bytes((house / "answer").read_bytes())
    exchange(house)
    revealed = psi(house, "reveal", str(house / "state"), str(house / "earlier"))
    assert (revealed.exit_code, "another exchange" in revealed.output) == (2, True)


def test_an_offer_that_asks_for_more_than_it_says_is_not_answered(house: Path) -> None:
    exchange(house)
    offer(house, "--values")
    forged = msgspec.msgpack.decode((house / "offer").read_bytes()) | {"is_of_values": False}
    (house / "offer").write_bytes(msgspec.msgpack.encode(forged))
    answered = answer(house)
    assert (answered.exit_code, "Do not answer it" in answered.output) == (2, True)


@pytest.mark.parametrize("content", [b"", b"\xc1", b"{}", b"\x93" * 100_000])
def test_what_is_no_offer_is_refused(content: bytes, house: Path) -> None:
    (house / "offer").write_bytes(content)
    words = (str(house / "offer"), str(house / "held.txt"), "--out", str(house / "x"))
    answered = psi(house, "answer", *words, side="b")
    assert (answered.exit_code, "is no offer" in answered.output) == (2, True)


def test_too_few_values_are_not_offered(house: Path) -> None:
    (house / "offered.txt").write_text("acct_1\nacct_2")
    words = (
        str(house / "offered.txt"),
        "--kind",
        "account",
        "--state",
        str(house / "s"),
        "--out",
        str(house / "o"),
    )
    offered = psi(house, "offer", *words)
    assert (offered.exit_code, "too much about each" in offered.output) == (2, True)


def entry(**told: object) -> Entry:
    made = {
        "step": "answered",
        "peer": "other",
        "exchange": "x",
        "kind": "email",
        "is_of_values": False,
        "offered": 20,
    }
    return Entry(**{"at": datetime.now(UTC).isoformat(), **made, **told})  # type: ignore[arg-type]


def asked(**told: object) -> Asked:
    made = {"peer": "other", "kind": "email", "is_of_values": False, "offered": 20, "digest": "d"}
    return Asked(**{**made, **told})  # type: ignore[arg-type]


def test_values_of_another_set_than_the_one_that_was_sized_are_not_offered(house: Path) -> None:
    offer(house)
    answer(house)
    (house / "more.txt").write_text("\n".join(HELD))
    refused = offer(house, "--values", items="more.txt")
    assert (refused.exit_code, "of no other" in refused.output) == (2, True)


def test_values_of_another_set_than_the_one_that_was_sized_are_not_answered(house: Path) -> None:
    (house / "more.txt").write_text("\n".join(OFFERED[:-1] + HELD[-1:]))
    offer(house)
    answer(house)
    offer(house, items="more.txt")
    offer(house, "--values", items="more.txt")
    answered = answer(house, "--values")
    assert (answered.exit_code, "values of another set" in answered.output) == (2, True)
    assert [e.step for e in entries(house / "audit-b.jsonl")] == ["answered", "refused"]


def test_values_of_a_set_are_told_once(house: Path) -> None:
    for values in ((), ("--values",)):
        offer(house, *values)
        assert answer(house, *values).exit_code == 0
    offer(house, "--values")
    answered = answer(house, "--values")
    assert (answered.exit_code, "already" in answered.output) == (2, True)


def test_a_size_of_long_ago_opens_no_values(tmp_path: Path) -> None:
    record(tmp_path / "audit", entry(at="2026-01-01T00:00:00+00:00", digest="d"))
    with pytest.raises(UsageError, match="Exchange the size again"):
        refuse_too_much(tmp_path / "audit", asked(is_of_values=True), 3)


def test_a_peer_written_otherwise_is_the_same_peer(house: Path) -> None:
    for name in ("other", " Other", "OTHER "):
        offer(house)
        assert answer(house, peer=name).exit_code == 0
    offer(house)
    assert "answered 3 times" in answer(house, peer="oTher").output
    assert psi(house, "reveal", "x", "y", peer=" ").exit_code == 2


def test_a_value_that_is_offered_many_times_is_not_answered(house: Path) -> None:
    offer(house)
    told = msgspec.msgpack.decode((house / "offer").read_bytes())
    library = pytest.importorskip("private_set_intersection.python")
    is_of_values = False
    client = library.client.CreateWithNewKey(is_of_values)
    request = client.CreateRequest(["acct_000160"] * len(OFFERED))
    (house / "offer").write_bytes(msgspec.msgpack.encode(told | {"request": request.SerializeToString()}))
    answered = answer(house)
    assert (answered.exit_code, "holds a value twice" in answered.output) == (2, True)


def test_the_record_is_the_same_whatever_folder_the_command_is_run_in(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(house / "state-of-programs"))
    for number in range(2):
        (house / str(number)).mkdir()
        monkeypatch.chdir(house / str(number))
        offer(house)
        words = ("answer", str(house / "offer"), str(house / "held.txt"), "--out", "x", "--peer", "beta")
        result = CliRunner().invoke(stillwatch, ["psi", *words, "--most-a-day", "1"])
        assert result.exit_code == 2 * number, result.output
    assert [e.step for e in entries(house / "state-of-programs/stillwatch/psi-audit.jsonl")] == [
        "answered",
        "refused",
    ]


def test_a_peer_is_not_answered_without_end(tmp_path: Path) -> None:
    for _ in range(3):
        record(tmp_path / "audit", entry())
    with pytest.raises(UsageError, match="answered 3 times"):
        refuse_too_much(tmp_path / "audit", asked(), 3)
    refuse_too_much(tmp_path / "audit", asked(peer="another"), 3)


def test_sizes_of_another_kind_do_not_open_values(tmp_path: Path) -> None:
    record(tmp_path / "audit", entry(kind="phone"))
    with pytest.raises(UsageError, match="First the size"):
        refuse_too_much(tmp_path / "audit", asked(is_of_values=True), 3)


def test_the_record_keeps_what_was_answered(tmp_path: Path) -> None:
    told = entry(size=4)
    record(tmp_path / "audit", told)
    assert entries(tmp_path / "audit") == (told,)
    assert json.loads((tmp_path / "audit").read_text()) == asdict(told)


def test_nothing_is_exchanged_if_the_record_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("torn")
    with pytest.raises(InputError, match="Nothing is exchanged"):
        entries(tmp_path / "audit")


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("email", "Jane.Doe+news@Example.COM ", "jane.doe@example.com"),
        ("phone", "0049 (170) 123-4567", "+491701234567"),
        ("address", "2001:db8::1", "2001:db8:0:0:ffff::2"),
        ("domain", "Bücher.example.", "xn--bcher-kva.example"),
        ("email", "\uff41@example.com", "a@example.com"),
    ],
)
def test_values_written_differently_meet(kind: str, first: str, second: str) -> None:
    assert normal([first], kind).values == normal([second], kind).values != ()


@pytest.mark.parametrize(
    ("kind", "line"), [("email", "nobody"), ("phone", "1234"), ("address", "x"), ("account", "a b")]
)
def test_a_line_that_is_none_is_counted(kind: str, line: str) -> None:
    assert (normal([line, ""], kind).values, normal([line, ""], kind).refused) == ((), 1)


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(lines=st.lists(st.text(max_size=40), max_size=20))
@settings(deadline=None, max_examples=40)
def test_a_normal_form_is_its_own(kind: str, lines: list[str]) -> None:
    once = normal(lines, kind).values
    if kind != "address":
        assert normal([shown(v) for v in once], kind).values == once
    assert list(once) == sorted(set(once))
