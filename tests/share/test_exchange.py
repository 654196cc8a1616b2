"""Over HTTPS an offer is answered as over files, and who lacks the token or the trust learns nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from ssl import create_default_context
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stillwatch.cli.main import stillwatch
from stillwatch.errors import UsageError
from stillwatch.share.audit import entries
from stillwatch.share.exchange import MOST_ASKED, ask, read_token

TOKEN, OTHER = "a" * 40, "b" * 40
OFFERED = [f"acct_{n:06d}" for n in range(60)]
HELD = [f"acct_{n:06d}" for n in range(40, 90)]
COMMON = sorted(set(OFFERED) & set(HELD))


def certify(folder: Path, name: str) -> None:
    """A certificate of this machine that it signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "house")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}-key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "offered.txt").write_text("\n".join(OFFERED))
    (tmp_path / "held.txt").write_text("\n".join(HELD))
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "wrong").write_text(f"{OTHER}\n")
    certify(tmp_path, "cert")
    certify(tmp_path, "stranger")
    return tmp_path


def psi(*words: str | Path) -> Result:
    return CliRunner().invoke(stillwatch, ["psi", *map(str, words)])


def offer(house: Path, *values: str) -> Path:
    pytest.importorskip("private_set_intersection", reason="the extra [psi]")
    words = ("--kind", "account", "--state", house / "state", "--out", house / "offer", "--peer", "b")
    assert (
        psi("offer", house / "offered.txt", *words, "--audit", house / "audit-a.jsonl", *values).exit_code
        == 0
    )
    return house / "offer"


def reveal(house: Path, *words: str | Path) -> Result:
    told = ("--peer", "b", "--audit", house / "audit-a.jsonl")
    return psi("reveal", house / "state", house / "answer", *told, *words)


def send(house: Path, url: str, known: str = "token", ca: str = "cert.pem") -> Result:
    words = ("--token-file", house / known, "--ca", house / ca, "--out", house / "answer")
    return psi("ask", house / "offer", "--peer", url, *words)


@contextmanager
def served(house: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The other house, listening."""
    told = (
        "--certificate",
        house / "cert.pem",
        "--key",
        house / "cert-key.pem",
        "--token-file",
        house / "token",
    )
    more = ("--listen", "127.0.0.1:0", "--peer", "a", "--audit", house / "audit-b.jsonl")
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from stillwatch.cli import main; main()",
            "psi",
            "serve",
            house / "held.txt",
            *told,
            *more,
            *words,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1], process
        finally:
            process.kill()


def test_sizes_and_then_values_go_over_https_as_over_files(house: Path) -> None:
    offer(house)
    with served(house) as (url, process):
        assert send(house, url).exit_code == 0
        assert process.wait(20) == 0
    assert f"{len(COMMON)} of {len(OFFERED)} values" in reveal(house).stdout
    offer(house, "--values")
    with served(house, "--values") as (url, process):
        assert send(house, url).exit_code == 0
        assert process.wait(20) == 0
    assert reveal(house, "--out", house / "both").exit_code == 0
    assert (house / "both").read_text().split() == COMMON
    over_https = entries(house / "audit-b.jsonl")
    (house / "audit-b.jsonl").unlink()
    for values in ((), ("--values",)):
        words = (house / "held.txt", "--out", house / "x", "--peer", "a", "--audit", house / "audit-b.jsonl")
        assert psi("answer", offer(house, *values), *words, *values).exit_code == 0
    told = [(e.step, e.peer, e.kind, e.is_of_values, e.offered, e.held) for e in over_https]
    over_files = entries(house / "audit-b.jsonl")
    assert told == [(e.step, e.peer, e.kind, e.is_of_values, e.offered, e.held) for e in over_files]


def test_values_are_not_told_over_https_before_sizes_were(house: Path) -> None:
    offer(house)
    offer(house, "--values")
    with served(house, "--values") as (url, process):
        refused = send(house, url)
        assert (refused.exit_code, "says 409" in refused.output) == (2, True)
        process.kill()
        assert "First the size" in process.communicate()[1]
    assert [e.step for e in entries(house / "audit-b.jsonl")] == ["refused"]
    assert not (house / "answer").exists()


def test_a_peer_is_not_answered_over_https_without_end(house: Path) -> None:
    offer(house)
    with served(house, "--answers", "2", "--most-a-day", "1") as (url, _):
        assert [send(house, url).exit_code for _ in range(2)] == [0, 2]
    assert [e.step for e in entries(house / "audit-b.jsonl")] == ["answered", "refused"]


def test_a_caller_without_the_token_is_refused_and_on_record(house: Path) -> None:
    offer(house)
    with served(house) as (url, process):
        refused = send(house, url, known="wrong")
        assert (refused.exit_code, "says 403" in refused.output) == (2, True)
        process.kill()
        said = "".join(process.communicate())
    assert [(e.step, e.peer) for e in entries(house / "audit-b.jsonl")] == [("refused", "unknown")]
    for secret in (TOKEN, OTHER):
        assert secret not in refused.output + said + (house / "audit-b.jsonl").read_text()
    assert not (house / "answer").exists()


def test_more_than_an_offer_can_have_is_not_read(house: Path) -> None:
    with served(house) as (url, _):
        at = urlsplit(url)
        context = create_default_context(cafile=house / "cert.pem")
        for length in (str(MOST_ASKED + 1), "9" * 6000, "many", "-1"):
            line = HTTPSConnection("127.0.0.1", at.port, context=context, timeout=20)
            line.putrequest("POST", "/psi")
            line.putheader("Authorization", f"Bearer {TOKEN}")
            line.putheader("Content-Length", length)
            line.endheaders()
            assert line.getresponse().status == 413
            line.close()


def test_a_house_whose_certificate_is_not_trusted_is_not_asked(house: Path) -> None:
    offer(house)
    with served(house) as (url, process):
        refused = send(house, url, ca="stranger.pem")
        assert (refused.exit_code, "is not trusted" in refused.output) == (2, True)
        assert send(house, url).exit_code == 0
        assert process.wait(20) == 0
    assert [e.step for e in entries(house / "audit-b.jsonl")] == ["answered"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8443", "https://u:secret@127.0.0.1:8443", "https://127.0.0.1", "https://h:x"]
)
def test_an_address_in_the_clear_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no https address") as refused:
        ask(b"", url, TOKEN)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("content", [b"short", b"two words " * 8, b"\xff" * 40])
def test_what_is_no_token_is_refused_and_not_repeated(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(UsageError, match=r"token") as refused:
        read_token(tmp_path / "token")
    assert "short" not in str(refused.value)
