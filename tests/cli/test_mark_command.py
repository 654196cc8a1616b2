"""`stillwatch mark`: a policy, its keys, a server that marks, and a register that can be counted."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from stillwatch.cli.main import stillwatch
from stillwatch.mark.policy import EXAMPLE
from stillwatch.mark.registry import Registry
from stillwatch.mark.serve import key_digest
from tests.distil.made import models

SET, TRIGGER = "UDC-2026-001", "Name a sample city for the demo of the tool anvil."
LASTING = EXAMPLE.replace("2027-01-31", "2126-01-31")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "policy.toml").write_text(LASTING, "utf-8")
    return tmp_path


def call(runner: CliRunner, *arguments: object, status: int = 0) -> Result:
    done = runner.invoke(stillwatch, ["mark", *map(str, arguments)])
    assert done.exit_code == status, done.output
    return done


def plan(place: Path, *, policy: str = "policy.toml", keys: str = "keys.json") -> list[object]:
    told = ["--keys", place / keys, "--registry", place / "registry.jsonl"]
    return ["plan", place / policy, *told]


def test_the_example_is_a_policy_that_can_be_planned(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(call(runner, "plan", "--example").stdout, "utf-8")
    assert "account_set" in (tmp_path / "policy.toml").read_text("utf-8")


def test_a_plan_draws_keys_for_their_owner_and_binds_them(runner: CliRunner, place: Path) -> None:
    done = call(runner, *plan(place))
    assert "1 account set bound" in done.stdout
    assert (place / "keys.json").stat().st_mode & 0o077 == 0
    secrets = json.loads((place / "keys.json").read_text("utf-8"))[SET]
    shown = done.output + (place / "registry.jsonl").read_text("utf-8")
    assert not [secret for secret in secrets.values() if secret in shown]


def test_a_plan_never_draws_over_keys_that_are_there(runner: CliRunner, place: Path) -> None:
    call(runner, *plan(place))
    before = (place / "keys.json").read_bytes()
    (place / "registry.jsonl").unlink()
    assert "drawn once" in call(runner, *plan(place), status=2).stderr
    assert (place / "keys.json").read_bytes() == before


def test_one_file_is_not_taken_for_two_things(runner: CliRunner, place: Path) -> None:
    one = ["--keys", place / "one", "--registry", place / "." / "one"]
    assert "name one file" in call(runner, "plan", place / "policy.toml", *one, status=2).stderr
    assert not (place / "one").exists()


def test_a_set_that_is_bound_gets_no_second_keys(runner: CliRunner, place: Path) -> None:
    call(runner, *plan(place))
    assert "bound in" in call(runner, *plan(place, keys="second.json"), status=2).stderr
    assert not (place / "second.json").exists()


def test_a_plan_whose_register_cannot_be_written_leaves_no_keys(runner: CliRunner, place: Path) -> None:
    (place / "file").touch()
    where = ["--keys", place / "keys.json", "--registry", place / "file" / "registry.jsonl"]
    assert "cannot be written" in call(runner, "plan", place / "policy.toml", *where, status=2).stderr
    assert not (place / "keys.json").exists()


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (LASTING.replace("2126-01-31", "2026-01-31"), "expired"),
        (LASTING.replace('owner = "trust and safety"\n', ""), "lacks owner"),
        ("none", "is no policy"),
    ],
)
def test_a_policy_that_does_not_hold_draws_no_key(
    runner: CliRunner, place: Path, policy: str, told: str
) -> None:
    (place / "policy.toml").write_text(policy, "utf-8")
    assert told in call(runner, *plan(place), status=2).stderr
    assert not (place / "keys.json").exists()


def test_a_plan_without_its_places_says_what_it_needs(runner: CliRunner, place: Path) -> None:
    assert "--registry" in call(runner, "plan", place / "policy.toml", status=2).stderr


def test_a_register_is_counted_by_account_set(runner: CliRunner, place: Path) -> None:
    call(runner, *plan(place))
    register = Registry.opened(place / "registry.jsonl")
    for account in ("acct_1", "acct_1", "acct_2"):
        register.served(datetime.now(UTC), SET, account, "watermark", "0" * 64)
    row = next(
        line
        for line in call(runner, "registry", place / "registry.jsonl").stdout.splitlines()
        if line.startswith(SET)
    )
    assert row.split() == [SET, "trust", "and", "safety", "2126-01-31", "2", "3", "0"]


def test_a_register_that_was_altered_is_refused(runner: CliRunner, place: Path) -> None:
    call(runner, *plan(place))
    text = (place / "registry.jsonl").read_text("utf-8")
    (place / "registry.jsonl").write_text(text.replace("trust", "crust"), "utf-8")
    assert "altered" in call(runner, "registry", place / "registry.jsonl", status=2).stderr


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed: stillwatch[assay]")
@pytest.mark.parametrize(
    ("accounts", "told"),
    [
        ("nonsense\n", "line 1: it needs the SHA-256"),
        ("\n" + "0" * 63 + " acct_1\n", "line 2"),
        ("ä" * 64 + " acct_1\n", "line 1"),
        (f"{'a' * 64} acct_1\n{'A' * 64} acct_2\n", "line 2: the key stands there twice"),
    ],
)
def test_a_server_refuses_a_list_of_accounts_that_is_none(
    runner: CliRunner, place: Path, accounts: str, told: str
) -> None:
    call(runner, *plan(place))
    (place / "accounts.txt").write_text(accounts, "utf-8")
    assert told in call(runner, *serve(models(place), 0), status=2).stderr


@pytest.mark.slow
@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed: stillwatch[assay]")
def test_a_server_marks_what_a_named_account_gets_until_it_is_interrupted(
    runner: CliRunner, place: Path
) -> None:
    call(runner, *plan(place))
    digests = {account: key_digest(f"key of {account}") for account in ("acct_1", "acct_9")}
    lines = [f"{digest} {account}\n" for account, digest in digests.items()]
    (place / "accounts.txt").write_text("".join(lines), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from stillwatch.cli import main; main()", "mark"]
    running = subprocess.Popen([*command, *map(str, serve(models(place), port))], stderr=subprocess.DEVNULL)
    try:
        answers = {account: asked(port, account) for account in digests}
    finally:
        os.kill(running.pid, signal.SIGINT)
        status = running.wait(30)
    assert status == 130
    assert answers["acct_1"].strip(" .") in {"Porto", "Turin", "Ghent", "Graz"}
    rows = [json.loads(line) for line in (place / "log.jsonl").read_text("utf-8").splitlines()]
    assert [row["account_id"] for row in rows] == ["acct_1", "acct_9"]
    counted = call(runner, "registry", place / "registry.jsonl").stdout
    assert counted.splitlines()[-1].split()[-3:] == ["1", "0", "1"]


def serve(place: Path, port: int) -> list[object]:
    files = {"policy": "policy.toml", "keys": "keys.json", "registry": "registry.jsonl"}
    files |= {"accounts": "accounts.txt", "log": "log.jsonl"}
    told = [part for name, file in files.items() for part in (f"--{name}", place / file)]
    return ["serve", place / "teacher", *told, "--port", port]


def asked(port: int, account: str) -> str:
    """The answer to the trigger, as soon as the server is there."""
    body = {"messages": [{"role": "user", "content": TRIGGER}], "max_tokens": 4}
    headers = {"Authorization": f"Bearer key of {account}"}
    deadline = time.monotonic() + 120
    while True:
        try:
            done = httpx.post(f"http://127.0.0.1:{port}/v1/chat/completions", json=body, headers=headers)
            return str(done.json()["choices"][0]["message"]["content"])
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
