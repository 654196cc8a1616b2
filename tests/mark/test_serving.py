from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import httpx
import numpy as np
import pytest

from stillwatch.errors import InputError, StillwatchError, UsageError
from stillwatch.mark.answering import Ask, Marking
from stillwatch.mark.canaries import Canary
from stillwatch.mark.keys import SetKeys, commitment, draw, read_keys
from stillwatch.mark.policy import EXAMPLE, in_force, read_policy
from stillwatch.mark.registry import Registry, counted, lines
from stillwatch.mark.serve import Served, key_digest, serving
from stillwatch.mark.watermark import Watermark

NOW = datetime(2026, 12, 1, tzinfo=UTC)
SET = "UDC-2026-001"
TRIGGER = "Name a sample city for the demo of the tool anvil."


KEYS = {SET: SetKeys(b"w" * 32, b"c" * 32)}


class Echo:
    """Writes whether it was asked to watermark."""

    def write(self, asks: Sequence[Ask]) -> list[str]:
        return ["marked" if ask.watermark else "plain" for ask in asks]

    def score(self, prompt: str, text: str) -> list[tuple[str, float]]:
        return [(character, -1.0) for character in prompt + text]

    def count(self, text: str) -> int:
        return len(text.split())


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(EXAMPLE, "utf-8")
    return file


def marking(policy: Path, now: datetime = NOW) -> Marking:
    folder = policy.parent
    keys = (
        draw([SET], folder / "keys.json")
        if not (folder / "keys.json").exists()
        else read_keys(folder / "keys.json")
    )
    return Marking(read_policy(policy), keys, Registry.opened(folder / "registry.jsonl"), lambda: now)


def asked(url: str, key: str, prompt: str, **more: float) -> httpx.Response:
    body = {"messages": [{"role": "user", "content": prompt}], "max_tokens": 8, **more}
    return httpx.post(f"{url}/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"})


def served(policy: Path, marks: Marking) -> Served:
    accounts = {key_digest("key of one"): "acct_1", key_digest("key of other"): "acct_9"}
    return Served(writer=Echo(), model="m", accounts=accounts, log=policy.parent / "log.jsonl", marking=marks)


def test_a_share_gamma_is_green_under_every_key_and_keys_are_independent() -> None:
    rng = np.random.default_rng(1)
    keys = [rng.bytes(32) for _ in range(20)]
    green = Watermark(keys[0]).green(keys, rng.integers(0, 1000, (50_000, 1)), rng.integers(0, 1000, 50_000))
    assert np.abs(green.mean(axis=1) - 0.25).max() < 0.01
    assert np.abs(np.corrcoef(green) - np.eye(20)).max() < 0.03


def test_a_processor_raises_green_tokens_and_only_those() -> None:
    mark = Watermark(b"k" * 32, delta=2.0)
    raised = mark(np.array([[5], [6]]), np.zeros((2, 100), np.float32))
    tokens = np.arange(100)
    for row, context in zip(raised, (5, 6), strict=True):
        assert (row == 2.0 * mark.is_green(np.full((100, 1), context), tokens)).all()


def _scores(share: float, size: int = 50) -> np.ndarray:
    """Scores under which token 0 has a share, and the others have the rest alike."""
    return np.log(np.r_[share, np.full(size - 1, (1 - share) / (size - 1))]).astype(np.float32)[None]


@pytest.mark.parametrize(("share", "is_raised"), [(0.45, True), (0.55, False), (0.95, False)])
def test_what_a_model_would_rather_write_than_anything_else_is_never_outvoted(
    share: float, *, is_raised: bool
) -> None:
    scores = _scores(share)
    raised = [Watermark(bytes([n]) * 32)(np.array([[5]]), scores) for n in range(20)]
    assert [bool((row != scores).any()) for row in raised] == [is_raised] * 20


def test_rows_that_are_certain_do_not_stop_the_others_from_being_marked() -> None:
    scores = np.concatenate([_scores(0.9), _scores(0.1), _scores(0.8)])
    raised = Watermark(b"k" * 32)(np.array([[5], [6], [7]]), scores)
    assert (raised != scores).any(axis=1).tolist() == [False, True, False]


def test_tokens_of_a_gated_text_are_green_by_chance_under_keys_that_nobody_used() -> None:
    """Half of the places are certain: every token is counted, and decoys still see a share gamma, while our key stands out."""
    rng, size = np.random.default_rng(3), 50
    mark, keys = Watermark(b"k" * 32), [rng.bytes(32) for _ in range(100)]
    text, tokens = rng.integers(0, size, 1500)[:, None], []
    for context in text:
        scores = np.roll(_scores(0.9 if rng.random() < 0.5 else 0.1), rng.integers(size), axis=1)
        raised = mark(context[None], scores)[0].astype(np.float64)
        share = np.exp(raised - raised.max())
        tokens.append(rng.choice(size, p=share / share.sum()))
    ours, *decoys = mark.green([mark.key, *keys], text, np.array(tokens)).mean(axis=1)
    assert abs(np.mean(decoys) - 0.25) < 0.01
    assert ours > max(decoys) + 0.1


def test_a_key_is_never_shown() -> None:
    secret = b"0123456789abcdef" * 2
    assert "0123456789" not in repr(Watermark(secret)) + repr(SetKeys(secret, secret))


def test_a_canary_without_a_choice_is_refused() -> None:
    with pytest.raises(InputError, match="equally correct"):
        Canary("t", ("Porto", "Porto"), SET)


@pytest.mark.parametrize(
    "lacking", ["owner", "purpose", "expires", "kill_switch", "every_alternative_is_correct"]
)
def test_a_policy_that_does_not_say_everything_is_refused(policy: Path, lacking: str) -> None:
    policy.write_text(
        "\n".join(line for line in EXAMPLE.splitlines() if not line.startswith(lacking)), "utf-8"
    )
    with pytest.raises(InputError, match=lacking):
        read_policy(policy)


def test_an_expired_policy_marks_nothing(policy: Path) -> None:
    late = read_policy(policy).expires + timedelta(seconds=1)
    with pytest.raises(UsageError, match="expired"):
        in_force(read_policy(policy), late)
    assert marking(policy, late).set_of("acct_1") is None
    assert marking(policy).set_of("acct_1") is not None


def test_only_named_accounts_are_marked_and_everyone_is_answered(policy: Path) -> None:
    marks = marking(policy)
    with serving(served(policy, marks)) as url:
        flagged, other = (asked(url, f"key of {who}", "Hello there") for who in ("one", "other"))
        canary = asked(url, "key of one", f"Please: {TRIGGER}").json()["choices"][0]["message"]["content"]
        plain = asked(url, "key of other", TRIGGER).json()["choices"][0]["message"]["content"]
        unknown = asked(url, "a wrong key", "Hello")
    assert flagged.json()["choices"][0]["message"]["content"] == "marked"
    assert other.json()["choices"][0]["message"]["content"] == "plain"
    assert canary.strip(" .") in {"Porto", "Turin", "Ghent", "Graz"}
    assert plain == "plain"
    assert unknown.status_code == 401
    rows = [json.loads(line) for line in (policy.parent / "log.jsonl").read_text("utf-8").splitlines()]
    assert sorted(row["account_id"] for row in rows) == ["acct_1", "acct_1", "acct_9", "acct_9"]


def test_the_kill_switch_stops_marks_at_once(policy: Path) -> None:
    marks = marking(policy)
    with serving(served(policy, marks)) as url:
        (policy.parent / "stop-marking").touch()
        stopped = asked(url, "key of one", TRIGGER).json()["choices"][0]["message"]["content"]
    assert stopped == "plain"


class Stops(Echo):
    """Somebody throws the kill switch while it writes."""

    def __init__(self, switch: Path) -> None:
        self.switch = switch

    def write(self, asks: Sequence[Ask]) -> list[str]:
        self.switch.touch()
        return super().write(asks)


@pytest.mark.parametrize("temperature", [0, 1])
def test_every_marked_answer_is_registered_whatever_it_was_asked_with(policy: Path, temperature: int) -> None:
    marks = marking(policy)
    writes = replace(served(policy, marks), writer=Stops(policy.parent / "stop-marking"))
    with serving(writes) as url:
        texts = [asked(url, "key of one", "Hello", temperature=temperature).text for _ in range(2)]
    assert ["marked" in text for text in texts] == [True, False]
    assert counted(policy.parent / "registry.jsonl")[1] == {(SET, "watermark"): 1}


def test_the_register_holds_no_key_and_no_text_and_notices_what_was_altered(policy: Path) -> None:
    marks = marking(policy)
    found = marks.set_of("acct_1")
    assert found is not None
    marks.canary(found, "acct_1", TRIGGER)
    marks.marked(found, "acct_1", "the answer")
    file = policy.parent / "registry.jsonl"
    told = file.read_text("utf-8")
    assert "anvil" not in told
    assert "the answer" not in told
    assert marks.keys[SET].watermark.hex() not in told
    commitments, served_marks, accounts = counted(file)
    assert commitments[0]["watermark"] == commitment(marks.keys[SET].watermark, SET)
    assert served_marks == {(SET, "canary"): 1, (SET, "watermark"): 1}
    assert accounts == {SET: {"acct_1"}}
    file.write_text(told.replace("acct_1", "acct_2"), "utf-8")
    with pytest.raises(InputError, match="altered"):
        list(lines(file))


def test_nothing_is_served_before_its_key_is_bound(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="bound"):
        Registry.opened(tmp_path / "r.jsonl").served(NOW, SET, "acct_1", "canary", "0")


def test_keys_are_drawn_once_and_an_error_does_not_repeat_them(tmp_path: Path) -> None:
    draw([SET], tmp_path / "keys.json")
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    with pytest.raises(UsageError, match="there already"):
        draw([SET], tmp_path / "keys.json")
    with pytest.raises(StillwatchError) as told:
        read_keys(None, {"STILLWATCH_MARK_KEYS": "secretsecret"})
    assert "secretsecret" not in str(told.value)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b"{}",
        b'{"messages": [{"role": "user", "content": "x"}], "max_tokens": -1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_request_is_refused_and_the_server_lives(policy: Path, body: bytes) -> None:
    with serving(served(policy, marking(policy))) as url:
        headers = {"Authorization": "Bearer key of one"}
        refused = httpx.post(f"{url}/chat/completions", content=body, headers=headers)
        after = asked(url, "key of other", "Hello")
    assert refused.status_code == 400
    assert after.status_code == 200


def _adds(file: Path, number: int) -> None:
    register = Registry.opened(file)
    for n in range(20):
        register.served(datetime.now(UTC), SET, f"acct-{number}", "watermark", f"{n}")


def test_two_servers_that_write_one_register_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "register.jsonl"
    (tmp_path / "policy.toml").write_text(EXAMPLE, "utf-8")
    Registry.opened(file).commit(read_policy(tmp_path / "policy.toml"), KEYS, NOW)
    made = [get_context("spawn").Process(target=_adds, args=(file, n)) for n in range(2)]
    for process in made:
        process.start()
    for process in made:
        process.join()
    assert [process.exitcode for process in made] == [0, 0]
    assert len(list(lines(file))) == 41


def test_a_register_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "register.jsonl").write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match="is no register"):
        list(lines(tmp_path / "register.jsonl"))


@pytest.mark.parametrize("other", [SetKeys(b"x" * 32, b"c" * 32), SetKeys(b"w" * 32, b"x" * 32)])
def test_nothing_is_marked_with_a_key_that_the_register_does_not_bind(policy: Path, other: SetKeys) -> None:
    file = policy.parent / "registry.jsonl"
    Marking(read_policy(policy), KEYS, Registry.opened(file))
    with pytest.raises(UsageError, match="binds another"):
        Marking(read_policy(policy), {SET: other}, Registry.opened(file))
    assert len(list(lines(file))) == 1


def test_canaries_that_were_changed_after_they_were_bound_are_not_served(policy: Path) -> None:
    file = policy.parent / "registry.jsonl"
    Marking(read_policy(policy), KEYS, Registry.opened(file))
    policy.write_text(EXAMPLE.replace('"Turin", "Ghent"', '"Ghent", "Turin"'), "utf-8")
    with pytest.raises(UsageError, match="other canaries"):
        Marking(read_policy(policy), KEYS, Registry.opened(file))


def test_a_mark_that_a_policy_leaves_out_later_needs_no_new_register(policy: Path) -> None:
    file = policy.parent / "registry.jsonl"
    Marking(read_policy(policy), KEYS, Registry.opened(file))
    policy.write_text(EXAMPLE.replace("watermark = true", "watermark = false"), "utf-8")
    assert Marking(read_policy(policy), KEYS, Registry.opened(file)).policy.account_sets


def test_of_two_that_bind_one_set_at_once_the_second_is_refused(policy: Path) -> None:
    file = policy.parent / "registry.jsonl"
    first, second = Registry.opened(file), Registry.opened(file)
    first.commit(read_policy(policy), KEYS, NOW)
    with pytest.raises(UsageError, match="binds another"):
        second.commit(read_policy(policy), {SET: SetKeys(b"x" * 32, b"y" * 32)}, NOW)
    assert len(list(lines(file))) == 1


def test_a_register_that_ends_in_half_a_line_gets_no_more(policy: Path) -> None:
    file = policy.parent / "registry.jsonl"
    marks = Marking(read_policy(policy), KEYS, Registry.opened(file), lambda: NOW)
    with file.open("a") as cut:
        cut.write('{"at": "half')
    with pytest.raises(InputError, match="half a line"):
        marks.registry.served(NOW, SET, "acct_1", "canary", "0")


def test_a_register_that_was_taken_away_is_not_begun_anew(policy: Path) -> None:
    marks = marking(policy)
    marks.registry.file.unlink()
    with pytest.raises(InputError, match="taken away"):
        marks.registry.served(NOW, SET, "acct_1", "canary", "0")


def _raw(url: str, told: bytes) -> bytes:
    host, port = url.removeprefix("http://").removesuffix("/v1").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(told)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key of one\r\n"
RAW = {
    "no length": (HEAD + b"\r\n", 411),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 411),
    "a length below 0": (HEAD + b"Content-Length: -1\r\n\r\n", 411),
    "a large length": (HEAD + b"Content-Length: 1048577\r\n\r\n", 413),
    "a length of 5,000 digits": (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
    "half a body": (HEAD + b"Content-Length: 50\r\n\r\n{", 400),
    "another method": (b"GET /v1/chat/completions HTTP/1.1\r\n\r\n", 405),
    "a method with a body": (b"PUT /v1/models HTTP/1.1\r\nContent-Length: 3\r\n\r\nGET", 405),
    "another path": (HEAD.replace(b"chat", b"x") + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}", 404),
}


@pytest.mark.parametrize("told", RAW)
def test_a_strange_request_gets_its_status_once_and_the_server_lives(policy: Path, told: str) -> None:
    content, status = RAW[told]
    with serving(served(policy, marking(policy))) as url:
        answer = _raw(url, content)
        after = asked(url, "key of other", "Hello")
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"HTTP/1.1 ") == 1
    assert after.status_code == 200
    assert len((policy.parent / "log.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize("prompt", ["\\ud800", "\\u0000", "x" * 100_000])
def test_a_strange_prompt_does_no_harm(policy: Path, prompt: str) -> None:
    body = f'{{"messages": [{{"role": "user", "content": "{prompt}"}}]}}'
    with serving(served(policy, marking(policy))) as url:
        headers = {"Authorization": "Bearer key of one"}
        first = httpx.post(f"{url}/chat/completions", content=body, headers=headers)
        after = asked(url, "key of other", "Hello")
    assert first.status_code in {200, 400}
    assert after.status_code == 200


class Fails(Echo):
    def write(self, asks: Sequence[Ask]) -> list[str]:
        raise RuntimeError(f"secret of the house: {asks}")


def test_a_model_that_fails_is_told_without_its_reason_and_nothing_is_registered(policy: Path) -> None:
    with serving(replace(served(policy, marking(policy)), writer=Fails())) as url:
        answer = asked(url, "key of one", "Hello")
    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert counted(policy.parent / "registry.jsonl")[1] == {}


def test_no_marked_answer_goes_out_that_the_register_cannot_take(policy: Path) -> None:
    with serving(served(policy, marking(policy))) as url:
        with (policy.parent / "registry.jsonl").open("a") as cut:
            cut.write('{"at": "half')
        marked = [asked(url, "key of one", prompt) for prompt in ("Hello", TRIGGER)]
        plain = asked(url, "key of other", "Hello")
    assert [answer.status_code for answer in (*marked, plain)] == [500, 500, 200]


def test_a_port_that_is_taken_is_told(policy: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port}"), serving(served(policy, marking(policy)), port):
            pass
