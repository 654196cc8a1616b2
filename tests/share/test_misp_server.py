"""Events go to a MISP server by its API: added once, brought up to date, never somebody else's and never red."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymisp import PyMISP

from stillwatch.cli.main import stillwatch
from stillwatch.errors import InputError, UsageError
from stillwatch.share.blind import Blind
from stillwatch.share.misp_server import MispServer, own_events, push_events
from stillwatch.sources.privacy.key import Key
from tests.share.conftest import BLIND, EXPORTS, Made

KEY = "a key of forty signs for a user of MISP."
ME = {
    "User": {"id": "1", "email": "analyst@provider.example"},
    "Role": {"id": "1", "name": "publisher"},
    "UserSetting": [],
}


class Misp(BaseHTTPRequestHandler):
    """As much of MISP's API as adding, changing and viewing events takes."""

    events: dict[str, Any]
    refuses = False

    def _say(self, status: int, told: Any) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _is_known(self) -> bool:
        if self.headers["Authorization"] == KEY:
            return True
        self._say(403, {"message": "Authentication failed."})
        return False

    def do_GET(self) -> None:
        if not self._is_known():
            return
        if self.path.endswith("servers/getVersion"):
            self._say(200, {"version": "2.5.34", "pymisp_recommended_version": "2.5.34"})
        elif self.path.endswith("users/view/me"):
            self._say(200, ME)
        elif (found := re.search(r"events/view/([0-9a-f-]{36})$", self.path)) and found[1] in self.events:
            self._say(200, {"Event": self.events[found[1]]})
        else:
            self._say(404, {"message": "Not found"})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._is_known():
            return
        event = told.get("Event", told)
        is_there = event["uuid"] in self.events
        if self.refuses or is_there != ("events/edit" in self.path):
            self._say(403, {"message": "Event could not be saved", "errors": "no"})
            return
        self.events[event["uuid"]] = event
        self._say(200, {"Event": event})

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def misp() -> Iterator[tuple[str, type[Misp]]]:
    made = type("OneMisp", (Misp,), {"events": {}, "refuses": False})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", made
    server.shutdown()
    server.server_close()
    thread.join()


def events(made: Made, **asked: Any) -> list[dict[str, Any]]:
    return own_events(EXPORTS["misp"].render(made(**asked), BLIND), BLIND)


def test_events_are_added_once_and_pymisp_finds_them_there(misp: tuple[str, type[Misp]], made: Made) -> None:
    url, _ = misp
    told = events(made, tier=2)
    for _ in range(2):
        assert push_events(told, MispServer(url, KEY)).taken == len(told)
    door = PyMISP(url, KEY)
    for one in told:
        found = door.get_event(one["uuid"], pythonify=True)
        assert (found.info, len(found.attributes)) == (one["info"], len(one["Attribute"]))
        assert {tag.name for tag in found.tags} == {tag["name"] for tag in one["Tag"]}
        assert not found.published


def test_a_withdrawal_takes_the_place_of_the_event(misp: tuple[str, type[Misp]], made: Made) -> None:
    url, server = misp
    push_events(events(made), MispServer(url, KEY))
    push_events(events(made, retraction="a mistake"), MispServer(url, KEY))
    assert all(event["info"].startswith("Withdrawn") for event in server.events.values())


def test_what_the_server_refuses_is_told(misp: tuple[str, type[Misp]], made: Made) -> None:
    url, server = misp
    server.refuses = True
    done = push_events(events(made), MispServer(url, KEY))
    assert (done.taken, len(done.refused)) == (0, len(events(made)))
    assert "could not be saved" in done.refused[0]


def test_a_wrong_key_is_told_without_the_key(misp: tuple[str, type[Misp]], made: Made) -> None:
    with pytest.raises(InputError, match="cannot be used") as caught:
        push_events(events(made), MispServer(misp[0], "a wrong key"))
    assert "a wrong key" not in str(caught.value)
    assert "a wrong key" not in repr(MispServer(misp[0], "a wrong key"))


def test_nothing_goes_in_the_clear_to_another_machine() -> None:
    with pytest.raises(UsageError, match="not behind https"):
        MispServer("http://misp.example/", KEY)


def test_events_of_another_house_and_red_ones_stay(made: Made) -> None:
    theirs = Blind(Key(b"the house key of another"))
    with pytest.raises(UsageError, match="theirs to pass on"):
        own_events(EXPORTS["misp"].render(made(), theirs), BLIND)
    with pytest.raises(UsageError, match="TLP:RED"):
        events(made, tlp="red")


@pytest.mark.parametrize("content", [b"{}", b"[", b'{"response": [{"Event": {}}]}', b'{"response": 3}'])
def test_what_is_no_file_of_events_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="no file that"):
        own_events(content, BLIND)


def command(url: str, made: Made, folder: Path, **environment: str) -> Result:
    (folder / "events.json").write_bytes(EXPORTS["misp"].render(made(), BLIND))
    (folder / "house.key").write_bytes(b"a house key for tests")
    words = (
        "share",
        "misp-push",
        str(folder / "events.json"),
        "--server",
        url,
        "--key-file",
        str(folder / "house.key"),
    )
    return CliRunner().invoke(stillwatch, words, env=environment)


def test_the_command_pushes_with_a_key_from_the_environment(
    misp: tuple[str, type[Misp]], made: Made, tmp_path: Path
) -> None:
    url, server = misp
    assert "STILLWATCH_MISP_KEY" in command(url, made, tmp_path).output
    done = command(url, made, tmp_path, STILLWATCH_MISP_KEY=KEY)
    assert (done.exit_code, f"{len(server.events)} events are on the server" in done.output) == (0, True)
    server.refuses = True
    assert command(url, made, tmp_path, STILLWATCH_MISP_KEY=KEY).exit_code == 3
