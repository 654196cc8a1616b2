"""A client and its transcripts against a real server: whatever that does is survived, kept and told."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from stillwatch.assay.client._base import Bounds, BudgetError, Estimate
from stillwatch.assay.client.allowed import allowed
from stillwatch.assay.client.http import HttpClient, Purse
from stillwatch.assay.client.opened import clients
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.run import foreseen, run, wanted
from stillwatch.cli.assaying.told import endpoint
from stillwatch.errors import UsageError
from stillwatch.model.assay import Completion, Endpoint, Plan, Probe, Request
from tests.assay.endpoint import Server, endless, serving, usual

KEY = "sk-a-secret-of-the-house"
ASKED = Request(prompt="hello there", most_tokens=8)


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(shared: Server) -> Server:
    shared.asked.clear()
    shared.keys.clear()
    shared.behave = lambda _number, _body: None
    return shared


made: list[HttpClient] = []


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    while made:
        made.pop().close()


def client(server: Server, style: str = "chat", **bounds: float) -> HttpClient:
    usual_bounds = {
        "per_second": 1000.0,
        "first_wait_seconds": 0.01,
        "timeout_seconds": 2.0,
        "whole_seconds": 3.0,
    }
    endpoint = Endpoint(
        name="suspect",
        role="suspect",
        url=server.url,
        model="m",
        style=style,
        capabilities=("text", "seed", "prompt_logprobs"),
        key_variable="THE_KEY",
    )
    made.append(HttpClient(endpoint, Purse(Bounds(**{**usual_bounds, **bounds})), {"THE_KEY": KEY}))
    return made[-1]


def test_chat_and_completions_are_asked_as_they_are(server: Server) -> None:
    assert client(server).generate(ASKED).text == "You said hello there"
    assert client(server, "completions").generate(ASKED).text == " blue sky"
    assert server.keys == [f"Bearer {KEY}"] * 2


@pytest.mark.parametrize(
    "told", [b'"text_offset":[Infinity]', b'"text_offset":[0],"token_logprobs":[1' + b"0" * 400 + b"]"]
)
def test_log_probabilities_that_are_no_numbers_are_a_problem_and_no_exception(
    server: Server, told: bytes
) -> None:
    content = b'{"choices":[{"text":"a","logprobs":{"token_logprobs":[-1.0],' + told + b"}}]}"
    server.behave = lambda *_: Response(content, media_type="application/json")
    assert client(server, "completions").generate(Request(prompt="", scored="a")).problem


def test_only_the_scored_text_gets_its_log_probabilities(server: Server) -> None:
    told = client(server, "completions").generate(Request(prompt="hello there", scored=" blue sky"))
    assert told.logprobs == (-1.5, -1.5)


def test_a_server_that_limits_its_rate_is_asked_again_when_it_says(server: Server) -> None:
    server.behave = lambda number, _: (
        Response(status_code=429, headers={"retry-after": "0.3"}) if number < 3 else None
    )
    started = time.monotonic()
    assert client(server).generate(ASKED).text
    assert time.monotonic() - started >= 0.6


def test_a_server_that_keeps_failing_is_given_up_and_told(server: Server) -> None:
    server.behave = lambda *_: Response(status_code=503)
    assert client(server, tries=3).generate(ASKED).problem == "status 503"
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "body",
    [b"\x00\xff\xfe garbage", b"data: {}\n\n" * 50, b"[]", b'{"choices": []}', b'{"choices": [{"message": null}]}', b"[" * 100_000],
    ids=["bytes", "events", "list", "empty", "null", "deep"],
)  # fmt: skip
def test_garbage_is_a_problem_and_no_exception(server: Server, body: bytes) -> None:
    server.behave = lambda *_: Response(body, media_type="application/json")
    assert (
        client(server)
        .generate(ASKED)
        .problem.startswith(("the answer is no completion", "the answer is nested"))
    )


def test_an_answer_of_a_hundred_megabytes_is_cut_off(server: Server) -> None:
    server.behave = lambda *_: endless()
    told = client(server, most_bytes=1_000_000).generate(ASKED)
    assert told.problem == "the answer has more than 1,000,000 bytes"


def test_an_answer_that_drips_is_cut_off(server: Server) -> None:
    server.behave = lambda *_: endless(b" ", pause=0.1)
    started = time.monotonic()
    assert "more than 0.5 seconds" in client(server, whole_seconds=0.5).generate(ASKED).problem
    assert time.monotonic() - started < 2


@contextmanager
def dripping() -> Iterator[str]:
    """A server that sends one header after another and never ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            taken, _ = listening.accept()
            with taken, suppress(OSError):
                taken.sendall(b"HTTP/1.1 200 OK\r\n")
                for number in range(60):
                    taken.sendall(f"x-{number}: y\r\n".encode())
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


def test_a_server_whose_headers_drip_is_cut_off() -> None:
    with dripping() as url:
        asking = client(Server(url=url), whole_seconds=0.5)
        started = time.monotonic()
        assert asking.generate(ASKED).problem == "the answer takes more than 0.5 seconds"
        assert time.monotonic() - started < 2


def test_a_client_that_cut_one_answer_off_asks_on(server: Server) -> None:
    server.behave = lambda number, _: endless(b" ", pause=0.1) if number == 1 else None
    asking = client(server, whole_seconds=0.5)
    assert "more than 0.5" in asking.generate(ASKED).problem
    assert [asking.generate(ASKED).text for _ in range(2)] == ["You said hello there"] * 2


def test_a_server_that_says_nothing_is_given_up(server: Server) -> None:
    server.behave = lambda *_: endless(b"", pause=1.0, most=3)
    assert (
        client(server, timeout_seconds=0.2, tries=2)
        .generate(ASKED)
        .problem.startswith("connection: ReadTimeout")
    )


def test_no_redirect_is_followed_and_a_refusal_is_told_without_the_key(server: Server) -> None:
    server.behave = lambda *_: Response(status_code=307, headers={"location": "http://192.0.2.1/"})
    assert client(server).generate(ASKED).problem.startswith("status 307")
    server.behave = lambda *_: Response(f"no such key: {KEY}", status_code=401)
    assert client(server).generate(ASKED).problem == "status 401: no such key: [key]"


def test_an_answer_that_repeats_the_key_is_kept_without_it(server: Server, tmp_path: Path) -> None:
    server.behave = lambda *_: JSONResponse({"choices": [{"message": {"content": f"it is {KEY}"}}]})
    told = client(server).generate(ASKED)
    kept = Transcripts(tmp_path / "t.jsonl", "seal")
    kept.keep(models()[0], ASKED, told, 0.1)
    assert told.text == "it is [key]"
    assert KEY not in kept.file.read_text()


def _coded(text: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in text)


ESCAPES = {
    "slash": lambda key: key.replace("/", "\\/"),
    "unicode": _coded,
    "upper": lambda key: key.replace("/", "\\u002F"),
    "twice": lambda key: _coded(key).replace("\\", "\\\\"),
    "address": lambda key: key.replace("/", "%2F").replace("+", "%2b"),
    "page": lambda key: key.replace("/", "&#47;").replace("+", "&#x2b;"),
}


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("status", [200, 401])
def test_a_key_that_comes_back_escaped_is_kept_nowhere(
    server: Server, monkeypatch: pytest.MonkeyPatch, escape: str, status: int
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "KEY", "sk-abc/DEF+ghi")
    key = ESCAPES[escape]("sk-abc/DEF+ghi")
    long = "x" * 190
    body = f'{{"model": "{long}{key}", "choices": [{{"finish_reason": "{key}", "message": {{"content": "it is {key}."}}}}]}}'
    server.behave = lambda *_: Response(body if status == 200 else f"no: {key}!", status_code=status)
    told = client(server).generate(ASKED)
    if status == 401:
        assert told.problem == "status 401: no: [key]!"
    else:
        assert (told.text, told.finish, told.model) == ("it is [key].", "[key]", f"{long}[key]")


def test_plain_http_to_another_machine_and_missing_keys_are_refused() -> None:
    far = Endpoint(name="s", role="suspect", url="http://192.0.2.1/v1", model="m")
    with pytest.raises(UsageError, match="not behind https"):
        HttpClient(far, Purse(Bounds()))
    keyed = Endpoint(
        name="s", role="suspect", url="https://example.invalid", model="m", key_variable="NOT_SET"
    )
    with pytest.raises(UsageError, match="NOT_SET, which is not set"):
        HttpClient(keyed, Purse(Bounds()), {})


@pytest.mark.parametrize("key", ["schlüssel-of-the-house", "sk-abc\n", "sk abc", "sk-\x00abc"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key: str) -> None:
    keyed = Endpoint(name="s", role="suspect", url="https://example.invalid", model="m", key_variable="K")
    with pytest.raises(UsageError, match="no header can carry") as told:
        HttpClient(keyed, Purse(Bounds()), {"K": key})
    assert "abc" not in str(told.value)
    assert "house" not in str(told.value)


SECRETS = [
    "s=https://u:secretpw@suspect.example/v1",
    "s=https://secretpw@suspect.example/v1",
    "s=https://suspect.example/v1?api-key=secretpw",
    "s=https://suspect.example/v1#secretpw",
    "s=https://suspect.example/v1,key=sk-secretpw",
    "s=https://suspect.example/v1,api_key=secretpw",
    "s=https://u:secretpw@suspect.example:port/v1",
    "s=https://u:secretpw@[::1/v1",
]


@pytest.mark.parametrize("told", SECRETS)
def test_a_secret_in_place_of_an_address_or_a_variable_is_refused_and_not_repeated(told: str) -> None:
    with pytest.raises(UsageError) as refused:
        endpoint(told, "suspect")
    assert "secretpw" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["http://192.0.2.1/v1", "http://suspect.example/v1", "ftp://127.0.0.1/", "https:///v1", "127.0.0.1:80"],
)
def test_a_plan_refuses_an_address_that_is_not_safe_to_ask(url: str) -> None:
    with pytest.raises(UsageError, match="not behind https"):
        endpoint(f"s={url}", "suspect")


def test_a_plan_takes_https_and_this_machine() -> None:
    for url in (
        "https://suspect.example/v1",
        "http://127.0.0.1:8000/v1",
        "http://[::1]:1/v1",
        "http://localhost/v1",
    ):
        assert endpoint(f"s={url},key=THE_KEY", "suspect").url == url


def models(url: str = "") -> tuple[Endpoint, ...]:
    return tuple(Endpoint(name=n, role=n, url=url, model="m") for n in ("suspect", "teacher"))


PROBES = tuple(Probe(probe_id=str(i), kind="agreement", prompt=f"prompt {i}") for i in range(20))
PLAN = Plan(probes_digest="", endpoints=models(), tests=("T1",), seal="a seal")


def ask(server: Server, kept: Transcripts, **bounds: float) -> None:
    asking = client(server, **bounds)
    run(PLAN, PROBES, kept, {"suspect": asking, "teacher": asking}, threads=2)


def test_a_run_that_was_cut_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    with pytest.raises(BudgetError, match="What was answered is kept"):
        ask(server, Transcripts(file, "a seal"), budget=15)
    with file.open("ab") as cut:
        cut.write(b'{"address": "half a li')
    again = Transcripts.opened(file, "a seal")
    assert (len(again.answers), again.damaged) == (15, 1)
    ask(server, again)
    assert len(server.asked) == 40
    whole = Transcripts.opened(file, "a seal")
    assert wanted(PLAN, PROBES, whole, 1) == []
    assert whole.whole() == again.whole()


SCORES = ("text", "prompt_logprobs")
T2 = Plan(
    probes_digest="",
    endpoints=(
        Endpoint(name="suspect", role="suspect", url="", model="m"),
        Endpoint(name="teacher", role="teacher", url="", model="m", style="completions", capabilities=SCORES),
    ),
    tests=("T2",),
    seal="a seal",
)
FREE = tuple(Probe(probe_id=str(i), kind="free", prompt=f"prompt {i}") for i in range(6))


def test_what_is_kept_is_foreseen_no_more(server: Server, tmp_path: Path) -> None:
    kept = Transcripts(tmp_path / "t.jsonl", "a seal")
    assert foreseen(T2, FREE, kept).requests == 12
    clients = {"suspect": client(server, budget=4), "teacher": client(server, "completions", budget=4)}
    with pytest.raises(BudgetError):
        run(T2, FREE, kept, clients, threads=1)
    assert foreseen(T2, FREE, kept).requests == 8
    run(T2, FREE[:3], kept, {"suspect": client(server), "teacher": client(server, "completions")})
    assert foreseen(T2, FREE[:3], kept) == Estimate(0, 0, 0)
    run(T2, FREE, kept, {"suspect": client(server), "teacher": client(server, "completions")})
    assert foreseen(T2, FREE, kept).requests == 0


def test_what_failed_is_asked_again_and_what_was_answered_is_not(server: Server, tmp_path: Path) -> None:
    server.behave = lambda _, body: (
        Response(status_code=400) if body["messages"][0]["content"] == "prompt 3" else None
    )
    kept = Transcripts(tmp_path / "t.jsonl", "a seal")
    ask(server, kept)
    assert kept.problems() == {"status 400": 2}
    server.behave = lambda *_: None
    ask(server, kept)
    assert len(server.asked) == 42
    assert kept.problems() == {}


def test_a_model_that_changes_its_name_half_way_is_told(server: Server, tmp_path: Path) -> None:
    server.behave = lambda number, body: usual(body, "first" if number <= 25 else "second")
    kept = Transcripts(tmp_path / "t.jsonl", "a seal")
    ask(server, kept)
    requests = [Request(prompt=p.prompt, most_tokens=4, seed=0) for p in PROBES]
    counted = [kept.names(model, requests) for model in PLAN.endpoints]
    assert sum(len(names) for names in counted) == 3


def test_an_altered_line_and_a_line_of_another_plan_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    Transcripts(file, "another seal").keep(models()[0], ASKED, Completion(text="one"), 0.1)
    mine = Transcripts(file, "a seal")
    mine.keep(models()[0], ASKED, Completion(text="two"), 0.1)
    mine.keep(models()[1], ASKED, Completion(text="three"), 0.1)
    file.write_text(file.read_text().replace("three", "four"))
    told = Transcripts.opened(file, "a seal")
    assert [c.text for c in told.answers.values()] == ["two"]
    assert (told.foreign, told.damaged) == (1, 1)
    assert json.loads(file.read_text().splitlines()[0])["request"]["prompt"] == ASKED.prompt


@pytest.mark.skipif(find_spec("torch") is None, reason="needs the extra assay")
def test_a_model_in_a_folder_is_asked_in_this_process(tmp_path) -> None:
    from tests.distil.made import models  # noqa: PLC0415  an extra

    folder = models(tmp_path) / "base"
    told = [
        Endpoint(name="a", role="reference", url=allowed(f"folder:{folder}"), model="a", capabilities=("text", "prompt_logprobs"))
    ]  # fmt: skip
    with clients(told, Purse(Bounds(budget=0))) as found:
        answer = found["a"].generate(ASKED)
        again = found["a"].generate(ASKED)
        scored = found["a"].generate(Request(prompt="the tower", scored=" is high"))
    assert answer == again
    assert answer.model == "base"
    assert scored.logprobs
    assert max(scored.logprobs) <= 0


def test_an_address_that_is_no_folder_is_refused() -> None:
    with pytest.raises(UsageError, match="is no folder"):
        allowed("folder:nowhere")
