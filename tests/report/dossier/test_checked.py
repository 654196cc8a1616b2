"""A dossier that was touched is found out, and what was touched is named."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from stillwatch.errors import InputError
from stillwatch.model.finding import Findings
from stillwatch.model.pack import Pack
from stillwatch.report.dossier import sealed as sealed_module
from stillwatch.report.dossier.checked import Opened, checks, read_zip, unchecked
from stillwatch.report.dossier.documents import documents
from stillwatch.report.dossier.packed import files_of
from stillwatch.report.dossier.sealed import MANIFEST, sealed

Files = dict[str, bytes]


@pytest.fixture
def seal(three: Findings, take: Callable[..., Pack]) -> bytes:
    files = files_of(take(three))
    return sealed("UDC-2026-001", files, documents(files, frozenset({"html", "md", "json"})), None)


@pytest.fixture
def reopened(seal: bytes, tmp_path: Path) -> Callable[..., Opened]:
    """The dossier as it is, or after somebody changed its files."""

    def changed(change: Callable[[Files], object] = dict.copy) -> Opened:
        with zipfile.ZipFile(BytesIO(seal)) as held:
            files = {name: held.read(name) for name in held.namelist()}
        change(files)
        path = tmp_path / "dossier.zip"
        with zipfile.ZipFile(path, "w") as written:
            for name, content in files.items():
                written.writestr(name, content)
        return read_zip(path)

    return changed


def bad(held: Opened) -> dict[str, str]:
    return {check.name: check.outcome for check in checks(held) if check.is_bad}


def test_an_untouched_dossier_is_confirmed(reopened: Callable[..., Opened]) -> None:
    found = checks(reopened())
    assert {check.outcome for check in found} == {"same"}
    assert "dossier.html, told again" in {check.name for check in found}


def test_the_same_dossier_is_the_same_zip(seal: bytes, three: Findings, take: Callable[..., Pack]) -> None:
    files = files_of(take(three))
    assert sealed("UDC-2026-001", files, documents(files, frozenset({"html", "md", "json"})), None) == seal


@pytest.mark.parametrize(
    "name", ["dossier.html", "dossier.md", "proposals.csv", "members.parquet", "finding.json", "queries.sql"]
)
def test_one_changed_byte_is_named(reopened: Callable[..., Opened], name: str) -> None:
    def change(files: Files) -> None:
        files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

    assert bad(reopened(change))[name] == "altered"


def test_a_missing_and_an_added_file_are_named(reopened: Callable[..., Opened]) -> None:
    def change(files: Files) -> None:
        del files["record.json"]
        files["notes.txt"] = b"trust me"

    found = bad(reopened(change))
    assert (found["record.json"], found["notes.txt"]) == ("missing", "added")


def test_a_text_that_was_changed_together_with_its_digest_is_found_out(
    reopened: Callable[..., Opened],
) -> None:
    def forge(files: Files) -> None:
        files["dossier.html"] = files["dossier.html"].replace(b"Almost certain", b"Unlikely")
        manifest = json.loads(files[MANIFEST])
        manifest["documents"]["dossier.html"] = hashlib.sha256(files["dossier.html"]).hexdigest()
        files[MANIFEST] = json.dumps(manifest).encode()

    assert bad(reopened(forge)) == {"dossier.html, told again": "altered"}


def test_queries_that_no_signal_asks_are_found_out(reopened: Callable[..., Opened]) -> None:
    def forge(files: Files) -> None:
        files["queries.sql"] = b"-- nothing\n"
        manifest = json.loads(files[MANIFEST])
        manifest["pack"]["queries.sql"] = hashlib.sha256(files["queries.sql"]).hexdigest()
        files[MANIFEST] = json.dumps(manifest).encode()

    assert set(bad(reopened(forge))) == {
        "digest of the pack",
        "queries.sql, told again",
        "dossier.html, told again",
        "one-page.html, told again",
        "dossier.md, told again",
        "dossier.json, told again",
    }


def test_tables_that_no_scan_writes_are_found_out(reopened: Callable[..., Opened]) -> None:
    def forge(files: Files) -> None:
        finding = json.loads(files["finding.json"])
        finding["run"]["signals_skipped"] = [3]
        finding["run"]["counts"] = {"read": "many"}
        files["finding.json"] = json.dumps(finding).encode()
        manifest = json.loads(files[MANIFEST])
        manifest["pack"]["finding.json"] = hashlib.sha256(files["finding.json"]).hexdigest()
        files[MANIFEST] = json.dumps(manifest).encode()

    assert bad(reopened(forge))["told again"] == "altered"


def resealed(files: Files, changes: Files, **manifest: object) -> None:
    """Other files, and a manifest that fits them."""
    files |= changes
    told = json.loads(files[MANIFEST]) | manifest
    told["documents"] |= {name: hashlib.sha256(content).hexdigest() for name, content in changes.items()}
    files[MANIFEST] = json.dumps(told).encode()


def open_still(held: Opened) -> set[str]:
    return set(unchecked(checks(held)))


def test_a_document_that_another_version_is_said_to_have_made_stays_unchecked_if_it_says_something_else(
    reopened: Callable[..., Opened],
) -> None:
    def older(files: Files) -> None:
        resealed(files, {"dossier.html": b"all is well"}, made_by="9.9")

    held = reopened(older)
    assert not bad(held)
    assert open_still(held) == {"what made it", "dossier.html, told again"}


def test_templates_that_nobody_has_leave_the_page_unchecked(reopened: Callable[..., Opened]) -> None:
    def own(files: Files) -> None:
        resealed(files, {"dossier.html": b"all is well"}, templates="0" * 64)

    assert open_still(reopened(own)) == {"dossier.html, told again"}


def test_a_paper_that_was_replaced_with_its_digest_stays_unchecked(reopened: Callable[..., Opened]) -> None:
    held = reopened(lambda files: resealed(files, {"dossier.pdf": b"%PDF-1.4 other"}))
    assert open_still(held) == {"dossier.pdf, told again"}


def test_a_manifest_of_another_campaign_is_found_out(reopened: Callable[..., Opened]) -> None:
    held = reopened(lambda files: resealed(files, {}, campaign_id="UDC-2026-777"))
    assert bad(held) == {"of one campaign": "altered"}


@pytest.mark.parametrize("said", [{"python": "2.7"}, {"libraries": {"numpy": "9"}}])
def test_what_a_manifest_says_of_another_machine_stays_unchecked(
    reopened: Callable[..., Opened], said: dict[str, object]
) -> None:
    assert open_still(reopened(lambda files: resealed(files, {}, **said))) == {"what made it"}


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_dossier_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dossier.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"dossier\.zip"):
        read_zip(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path, seal: bytes) -> None:
    path = tmp_path / "dossier.zip"
    path.write_bytes(seal)
    with zipfile.ZipFile(path, "a") as added:
        added.writestr("dossier.html", b"another")
    with pytest.raises(InputError, match="two files of one name"):
        read_zip(path)


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, seal: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dossier.zip").write_bytes(seal)
    monkeypatch.setattr(sealed_module, "MOST_BYTES", 10_000)
    with pytest.raises(InputError, match="No dossier does"):
        read_zip(tmp_path / "dossier.zip")
