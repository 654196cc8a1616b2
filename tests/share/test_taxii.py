"""To a real TAXII server and back: medallion on this machine, with a password."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from stillwatch.cli.main import stillwatch
from stillwatch.errors import InputError, UsageError
from stillwatch.share import taxii
from stillwatch.share.bundle import MOST_BYTES
from stillwatch.share.taxii import KEPT_BACK, Collection, pull, push
from tests.share.conftest import BLIND, EXPORTS, Made, Told

ID = "365fed99-08fa-fdcd-a1b3-fb247eb41d01"
USER, PASSWORD = "analyst", "not a secret of anybody"
COLLECTION = {
    "id": ID,
    "title": "tests",
    "can_read": True,
    "can_write": True,
    "media_types": ["application/stix+json;version=2.1"],
    "objects": [],
    "manifest": [],
}
HELD: dict[str, Any] = {
    "/discovery": {"title": "tests", "api_roots": []},
    "root": {
        "information": {
            "title": "r",
            "versions": ["application/taxii+json;version=2.1"],
            "max_content_length": 9765625,
        },
        "status": [],
        "collections": [COLLECTION],
    },
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of an empty collection."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    held, config, log = tmp_path / "held.json", tmp_path / "config.json", tmp_path / "log"
    held.write_text(json.dumps(HELD))
    backend = {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": str(held),
    }
    settings = {"backend": backend, "users": {USER: PASSWORD}, "taxii": {"max_page_size": 100}}
    config.write_text(json.dumps(settings))
    command = [sys.executable, "-m", "medallion.scripts.run", "--port", str(port), str(config)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    with log.open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        try:
            _wait(port, process, log)
            yield f"http://127.0.0.1:{port}/root/collections/{ID}/"
        finally:
            process.terminate()
            process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"the server does not answer: {log.read_text()}")


def by_id(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {o["id"]: o for o in objects}


def test_a_bundle_comes_back_equal(server: str, bundled: Told) -> None:
    objects = bundled(tier=3)
    collection = Collection(server, USER, PASSWORD)
    done = push(objects, collection)
    assert done.refused == ()
    sent = by_id([o for o in objects if o["type"] not in KEPT_BACK])
    assert done.taken == len(sent) > 100
    assert by_id(json.loads(pull(collection))["objects"]) == sent


def test_a_retraction_takes_the_place_of_what_it_withdraws(server: str, bundled: Told) -> None:
    collection = Collection(server, USER, PASSWORD)
    push(bundled(tier=1), collection)
    push(bundled(tier=1, retraction="Somebody else's traffic"), collection)
    campaign = next(o for o in json.loads(pull(collection))["objects"] if o["type"] == "campaign")
    assert campaign["revoked"] is True


def test_a_collection_with_an_extension_definition_is_read_type_by_type(server: str, bundled: Told) -> None:
    objects = bundled(tier=1)
    auth, media = (USER, PASSWORD), "application/taxii+json;version=2.1"
    headers = {"Accept": media, "Content-Type": media}
    requests.post(f"{server}objects/", json={"objects": objects}, auth=auth, headers=headers, timeout=30)
    assert requests.get(f"{server}objects/", auth=auth, headers=headers, timeout=30).status_code == 500
    got = by_id(json.loads(pull(Collection(server, USER, PASSWORD)))["objects"])
    assert got == by_id([o for o in objects if o["type"] not in KEPT_BACK])


@pytest.mark.parametrize(("password", "said"), [("wrong", "status 401"), (None, "status 401")])
def test_a_wrong_password_is_told_as_such(password: str | None, said: str, server: str) -> None:
    with pytest.raises(InputError, match=said):
        pull(Collection(server, USER, password))


@pytest.mark.parametrize(
    "url", ["http://taxii.example/root/collections/x/", "ftp://127.0.0.1/", "taxii.example"]
)
def test_nothing_goes_in_the_clear_to_another_machine(url: str) -> None:
    with pytest.raises(UsageError, match="not behind https"):
        Collection(url)


def test_a_server_that_is_not_there_is_told_as_such() -> None:
    with pytest.raises(InputError, match="cannot be used"):
        push([{"type": "identity"}], Collection("http://127.0.0.1:9/root/collections/x/"))


class _Flood(BaseHTTPRequestHandler):
    """A server that answers without end."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/taxii+json;version=2.1")
        self.end_headers()
        try:
            for _ in range(4 * MOST_BYTES // 65536):
                self.wfile.write(b"[" * 65536)
        except OSError:
            return

    def log_message(self, *told: object) -> None:
        """Say nothing."""


class _Elsewhere(_Flood):
    """A server that sends us to another."""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://192.0.2.1/")
        self.end_headers()


@pytest.mark.parametrize(("kind", "said"), [(_Flood, "more than"), (_Elsewhere, "redirects")])
def test_a_server_that_floods_or_leads_away_is_left(kind: type[_Flood], said: str) -> None:
    flood = HTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=flood.serve_forever)
    thread.start()
    try:
        with pytest.raises(InputError, match=said):
            pull(Collection(f"http://127.0.0.1:{flood.server_port}/root/collections/x/"))
    finally:
        flood.shutdown()
        flood.server_close()
        thread.join()


def command(*words: str, file: Path, password: str = PASSWORD) -> Result:
    (file.parent / "house.key").write_text("a house key for tests")
    environment = {"STILLWATCH_TAXII_PASSWORD": password}
    return CliRunner().invoke(stillwatch, ["share", *words], env=environment)


def test_the_commands_push_pull_and_read(server: str, made: Made, tmp_path: Path) -> None:
    file, key = tmp_path / "bundle.json", tmp_path / "house.key"
    file.write_bytes(EXPORTS["stix"].render(made(tier=2), BLIND))
    where = ("--collection", server, "--user", USER)
    pushed = command("push", str(file), *where, "--key-file", str(key), file=file)
    assert pushed.exit_code == 0, pushed.output
    pulled = command("pull", "--out", str(tmp_path / "pulled.json"), *where, file=file)
    assert pulled.exit_code == 0, pulled.output
    told = command("read", f"partner={tmp_path / 'pulled.json'}", file=file)
    assert "Example provider, by way of partner" in told.output


def test_what_others_wrote_is_not_pushed_on(server: str, made: Made, tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_bytes(EXPORTS["stix"].render(made(tier=2), BLIND))
    (tmp_path / "other.key").write_text("the house key of another")
    words = ("push", str(file), "--collection", server, "--key-file", str(tmp_path / "other.key"))
    result = command(*words, file=file)
    assert (result.exit_code, "not written by this house" in result.output) == (2, True)


def test_red_is_not_pushed(server: str, made: Made, tmp_path: Path) -> None:
    file, key = tmp_path / "bundle.json", tmp_path / "house.key"
    shared = made(tier=1)
    red = replace(shared, handling=replace(shared.handling, tlp="red"))
    file.write_bytes(EXPORTS["stix"].render(red, BLIND))
    result = command("push", str(file), "--collection", server, "--key-file", str(key), file=file)
    assert (result.exit_code, "TLP:RED" in result.output) == (2, True)


def test_pages_are_followed(server: str, bundled: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taxii, "PAGE", 7)
    collection = Collection(server, USER, PASSWORD)
    objects = [o for o in bundled(tier=1) if o["type"] not in KEPT_BACK]
    assert push(objects, collection).taken == len(objects)
    assert len(json.loads(pull(collection))["objects"]) == len(objects)


@pytest.mark.parametrize(
    "time", ["yesterday", "2026-11-01", "2026-13-01T00:00:00Z", "2026-11-01T00:00:00+02:00"]
)
def test_a_time_that_taxii_does_not_know_is_not_asked_for(time: str) -> None:
    with pytest.raises(UsageError, match="no time as TAXII writes it"):
        pull(Collection("http://127.0.0.1:9/"), time)
