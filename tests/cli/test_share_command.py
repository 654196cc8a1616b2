"""`stillwatch share` and `stillwatch techniques`, from a scan of a simulated world to files."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from stix2validator import ValidationOptions, validate_string

from stillwatch.cli.main import stillwatch
from stillwatch.scan import scan
from stillwatch.simulate.worlds import build

FORMATS = ("stix", "misp", "csv", "sigma", "navigator")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The findings of a simulated world, its log beside them."""
    folder = tmp_path_factory.mktemp("shared")
    build("easy", seed=7, exchanges=20_000, out=folder / "world")
    scan(folder / "world", out=folder / "findings")
    (folder / "house.key").write_text("a house key for tests of the command")
    key = Ed25519PrivateKey.generate()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "sign.pem").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    (folder / "sign.pub").write_bytes(key.public_key().public_bytes(pem, public))
    return folder


def share(folder: Path, *words: str) -> Result:
    key = ("--key-file", str(folder / "house.key"))
    return CliRunner().invoke(stillwatch, ["share", str(folder / "findings"), *words, *key])


@pytest.mark.parametrize("name", FORMATS)
def test_a_scan_is_shared_without_an_account_or_an_address_of_its_log(
    name: str, found: Path, tmp_path: Path
) -> None:
    result = share(found, "--as", name, "--tier", "1", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    content = (tmp_path / "out").read_text("utf-8")
    accounts = pq.read_table(found / "world" / "accounts.parquet")
    exchanges = pq.read_table(found / "world" / "exchanges.parquet")
    told = [
        *accounts["account_id"].to_pylist(),
        *accounts["payment_fingerprint"].drop_null().to_pylist(),
        *set(exchanges["client_ip"].drop_null().to_pylist()),
    ]
    assert not [value for value in told if value in content]
    assert "imulated" in content


def test_the_same_findings_are_shared_in_the_same_bytes(found: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert share(found, "--as", "stix", "--tier", "3", "--out", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_bundle_of_a_scan_is_valid(found: Path, tmp_path: Path) -> None:
    share(found, "--as", "stix", "--tier", "2", "--out", str(tmp_path / "out"))
    assert validate_string((tmp_path / "out").read_text(), ValidationOptions(version="2.1")).is_valid


def test_a_watchlist_is_verified_and_said_to_have_expired(found: Path, tmp_path: Path) -> None:
    out = tmp_path / "watchlist.json"
    made = share(
        found, "--as", "watchlist", "--tier", "3", "--out", str(out), "--sign-key", str(found / "sign.pem")
    )
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    words = ["share", "verify", str(out), "--public-key", str(found / "sign.pub")]
    checked = CliRunner().invoke(stillwatch, words)
    assert (checked.exit_code, "account" in checked.output) == (1, True)
    document = json.loads(CliRunner().invoke(stillwatch, [*words, "--payload"]).stdout)
    accounts = pq.read_table(found / "world" / "accounts.parquet")["account_id"].to_pylist()
    assert {e["account_id"] for e in document["entries"] if e["account_id"]} <= set(accounts)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as", "stixx"), "Did you mean stix"),
        (("--as", "stix", "--tlp", "clear"), "stricter --tlp"),
        (("--as", "stix", "--finding", "UDC-1"), "hold no UDC-1"),
        (
            (
                "--as",
                "watchlist",
            ),
            "give --sign-key",
        ),
    ],
)
def test_what_cannot_be_shared_is_refused_and_nothing_written(
    words: tuple[str, ...], said: str, found: Path, tmp_path: Path
) -> None:
    result = share(found, *words, "--out", str(tmp_path / "out"))
    assert (result.exit_code, said in result.output) == (2, True), result.output
    assert not (tmp_path / "out").exists()


def test_without_a_key_the_command_says_how_to_give_one(found: Path, tmp_path: Path) -> None:
    words = ["share", str(found / "findings"), "--as", "stix", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(stillwatch, words, env={"STILLWATCH_SHARE_KEY": None})
    assert (result.exit_code, "STILLWATCH_SHARE_KEY" in result.output) == (2, True)


def test_findings_of_an_older_version_are_refused(found: Path, tmp_path: Path) -> None:
    old = tmp_path / "findings"
    old.mkdir()
    for file in (found / "findings").iterdir():
        (old / file.name).write_bytes(file.read_bytes())
    document = json.loads((old / "findings.json").read_text())
    del document["traits"]
    (old / "findings.json").write_text(json.dumps(document))
    words = [
        "share",
        str(old),
        "--as",
        "csv",
        "--out",
        str(tmp_path / "o"),
        "--key-file",
        str(found / "house.key"),
    ]
    result = CliRunner().invoke(stillwatch, words)
    assert (result.exit_code, "Scan again" in result.output) == (2, True)


def test_techniques_are_listed_with_the_signals_that_speak_to_them() -> None:
    output = CliRunner().invoke(stillwatch, ["techniques"]).stdout
    assert "SWT-E06" in output
    assert "token_replay" in output


def test_a_technique_is_told_with_who_else_shows_it() -> None:
    output = CliRunner().invoke(stillwatch, ["techniques", "swt-h02"]).stdout
    assert "Who else shows it" in output


def test_an_unknown_technique_names_near_ones() -> None:
    result = CliRunner().invoke(stillwatch, ["techniques", "SWT-H99"])
    assert (result.exit_code, "Did you mean" in result.output) == (2, True)


@pytest.mark.parametrize("form", ["stix", "navigator"])
def test_the_catalogue_is_written_for_other_programs(form: str, tmp_path: Path) -> None:
    words = ["techniques", "--as", form, "--out", str(tmp_path / "out.json")]
    assert CliRunner().invoke(stillwatch, words).exit_code == 0
    assert "SWT-A01" in (tmp_path / "out.json").read_text()


def test_what_was_shared_at_a_higher_tier_is_taken_back_whole(found: Path, tmp_path: Path) -> None:
    ledger = ("--ledger", str(tmp_path / "ledger.jsonl"))
    sent, back = str(tmp_path / "sent"), str(tmp_path / "back")
    assert share(found, "--as", "stix", "--tier", "2", "--out", sent, *ledger).exit_code == 0
    result = share(found, "--as", "stix", "--retract", "a mistake", "--out", back, *ledger)
    assert result.exit_code == 0, result.output
    told, withdrawn = ({o["id"]: o for o in json.loads(Path(p).read_text())["objects"]} for p in (sent, back))
    indicators = {name for name, o in told.items() if o["type"] == "indicator"}
    assert indicators
    assert told.keys() <= withdrawn.keys()
    assert all(withdrawn[name]["revoked"] for name in indicators)


def test_nothing_is_taken_back_in_part_because_it_is_not_known_what_was_shared(
    found: Path, tmp_path: Path
) -> None:
    words = ("--ledger", str(tmp_path / "none"), "--as", "stix", "--out", str(tmp_path / "out"))
    result = share(found, *words, "--retract", "a mistake")
    assert (result.exit_code, "what to take back is not known" in result.output) == (2, True)
    assert share(found, *words, "--retract", "a mistake", "--tier", "3").exit_code == 0


def test_what_is_said_of_a_file_is_what_is_in_it(found: Path, tmp_path: Path) -> None:
    layer = share(found, "--as", "navigator", "--tier", "2", "--out", str(tmp_path / "layer"))
    assert ", 0 indicators as navigator" in " ".join(layer.output.split())
    empty = share(
        found,
        "--as",
        "watchlist",
        "--tier",
        "0",
        "--out",
        str(tmp_path / "list"),
        "--sign-key",
        str(found / "sign.pem"),
    )
    assert "signed and empty" in " ".join(empty.output.split())
