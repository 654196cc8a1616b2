"""An offer to another house and its answer back in one HTTPS request: the transport alone.

What is answered, how often, and what goes to the record is decided by whoever opens the door; here a caller without the token, or with
more than an offer can have, is turned away before anything is read. One caller is served at a time, and has half a minute to say what it wants.
Nothing of a token or a key is printed, and a caller is not told why an offer is not answered: that would tell of this house.
"""

from __future__ import annotations

import hmac
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit

from stillwatch.errors import InputError, StillwatchError, UsageError
from stillwatch.share.psi import MOST_BYTES

PATH = "/psi"
MOST_ASKED = 8 * 1024 * 1024
"""More than twice what the largest offer has."""

LEAST_TOKEN = 32
ARRIVAL_SECONDS = 30
ANSWER_SECONDS = 3600
"""A large house takes minutes to answer."""

_WHY = {
    403: "It does not know the token. Give the file that both houses have.",
    404: "It is no `stillwatch psi serve`. Ask the other house for its address.",
    409: "It does not answer this offer, and says to its own people why. Ask them.",
}


@dataclass(frozen=True)
class Door:
    """Where one is asked, what proves who one is, and what a caller has to know."""

    listen: str
    certificate: Path
    key: Path
    token: str = field(repr=False)


@dataclass(frozen=True)
class Service:
    """What is behind the door: the answer to an offer, who hears why there is none, and what a caller without the token sets off."""

    answer: Callable[[bytes], bytes]
    complain: Callable[[str], None]
    refused: Callable[[], None]


def read_token(path: Path) -> str:
    """The token in a file."""
    try:
        token = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The token in {path} cannot be read: it is no file of plain signs.") from error
    if len(token) < LEAST_TOKEN or not token.isprintable() or " " in token:
        raise UsageError(
            f"{path} holds no token: one line of {LEAST_TOKEN} signs or more, without spaces. Make one: openssl rand -hex 32."
        )
    return token


class Exchange(TCPServer):
    """The open door; `address` is where it listens."""

    allow_reuse_address = True

    def __init__(self, door: Door, service: Service) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(door.certificate, door.key)
        except OSError as error:
            raise UsageError(
                f"{door.certificate} and {door.key} are no certificate and its key, in PEM: {error.strerror or 'other content'}."
            ) from error
        at = _split(f"https://{door.listen}", door.listen)
        self.address_family = socket.AF_INET6 if ":" in str(at.hostname) else socket.AF_INET
        self.service, self.expected, self.answered = service, f"Bearer {door.token}".encode(), 0
        try:
            super().__init__((str(at.hostname), at.port or 0), _Caller)
        except OSError as error:
            raise UsageError(
                f"Nothing can listen at {door.listen}: {error.strerror}. Name another."
            ) from error
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"https://{door.listen.rpartition(':')[0]}:{self.server_address[1]}"

    def serve(self, answers: int) -> None:
        """Let callers in until so many were answered."""
        while self.answered < answers:
            self.handle_request()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Callers may go away or speak no TLS; everything else is ours and ends the service."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            raise error


class _Caller(BaseHTTPRequestHandler):
    server: Exchange
    timeout = ARRIVAL_SECONDS
    server_version, sys_version = "stillwatch", ""

    def setup(self) -> None:
        super().setup()
        self.late = Timer(ARRIVAL_SECONDS, self._hang_up)
        self.late.daemon = True
        self.late.start()

    def finish(self) -> None:
        self.late.cancel()
        super().finish()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else MOST_ASKED + 1
        if not hmac.compare_digest(
            self.headers.get("Authorization", "").encode("utf-8"), self.server.expected
        ):
            self.server.service.refused()
            self._say(403)
            self.rfile.read(min(size, MOST_ASKED))  # else the caller's system drops the reply unread
        elif self.path != PATH:
            self._say(404)
        elif size > MOST_ASKED:
            self._say(413)
        else:
            self._answer(self.rfile.read(size))

    def _answer(self, offer: bytes) -> None:
        self.late.cancel()
        try:
            content = self.server.service.answer(offer)
        except (StillwatchError, OSError) as error:
            self.server.service.complain(str(error))
            self._say(409)
            return
        self.server.answered += 1
        self._say(200, content)

    def _say(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        socket.socket.shutdown(self.connection, socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Nothing: the record says who was answered."""


def ask(offer: bytes, url: str, token: str, ca: Path | None = None) -> bytes:
    """What another house answers to an offer; `ca` is a file of certificates to trust, or None for the usual ones."""
    at = _split(url, url)
    if len(offer) > MOST_ASKED:
        raise UsageError(
            f"The offer has {len(offer):,} bytes, and {MOST_ASKED:,} is the most. Offer fewer values."
        )
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise UsageError(f"{ca} holds no certificate in PEM. Ask the other house for its own.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    line = HTTPSConnection(str(at.hostname), at.port, timeout=ARRIVAL_SECONDS, context=context)
    try:
        line.connect()
        line.sock.settimeout(ANSWER_SECONDS)
        line.request("POST", PATH, offer, {"Authorization": f"Bearer {token}"})
        told = line.getresponse()
        content = told.read(MOST_BYTES) if told.status == 200 else b""
    except ssl.SSLCertVerificationError as error:
        raise InputError(
            f"The certificate of {url} is not trusted: {error.verify_message}. Get it from the other house by another way: --ca FILE."
        ) from error
    except (OSError, HTTPException) as error:
        raise InputError(
            f"{url} cannot be asked: {str(error) or type(error).__name__}. Is it open?"
        ) from error
    finally:
        line.close()
    if told.status != 200:
        raise InputError(f"{url} says {told.status}. {_WHY.get(told.status, 'Ask the other house.')}")
    if str(len(content)) != told.headers["Content-Length"]:
        raise InputError(f"The answer of {url} is cut short, or has more than {MOST_BYTES:,} bytes.")
    return content


def _split(url: str, told: str) -> SplitResult:
    """The parts of an address; one that is not behind https, or says more than a host and a port, is refused."""
    try:
        at = urlsplit(url)
        is_good = at.scheme == "https" and bool(at.hostname) and at.port is not None and at.username is None
    except ValueError:
        is_good = False
    if not is_good or at.path.strip("/") or at.query or at.fragment:
        shown = told if "@" not in told else "The address"
        raise UsageError(f"{shown} is no https address with a host and a port. Give https://HOST:PORT.")
    return at
