"""What was signed is whole; what was altered, added, taken or signed by another is named; what was not checked is said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from stillwatch.distil.bom import BOM, bom
from stillwatch.distil.croissant import CARD
from stillwatch.distil.manifest import (
    ENVELOPE,
    MODEL_PUBLIC,
    MODEL_SIGNATURE,
    PUBLIC,
    STATEMENT,
    as_json,
    folder_digest,
)
from stillwatch.distil.signing import sign
from stillwatch.distil.verified import Given, checks
from stillwatch.errors import InputError, UsageError
from tests.distil.made import key, made_by_us

CHECKERS = ("cyclonedx", "jsonschema", "mlcroissant", "model_signing", "OpenSSL")
pytestmark = pytest.mark.skipif(
    any(find_spec(name) is None for name in CHECKERS), reason="not installed: stillwatch[provenance]"
)
ELSEWHERE = {
    "authorisation record",
    "taught from served.jsonl",
    "teacher small-teacher",
    "base small-student",
}


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a student that was signed with a key of each kind, the keys beside it."""
    folder = tmp_path_factory.mktemp("signed")
    student = folder / "student"
    student.mkdir()
    (student / "model.safetensors").write_bytes(b"weights")
    (student / "shape.json").write_text("{}", "utf-8")
    sign(student, made_by_us(folder), [key(folder, "mine"), key(folder, "curve", "ec")])
    return folder


@pytest.fixture
def student(signed: Path, tmp_path: Path) -> Path:
    shutil.copytree(signed / "student", tmp_path / "copy")
    return tmp_path / "copy"


def bad(folder: Path, *keys: Path) -> dict[str, str]:
    return {check.name: check.outcome for check in checks(folder, keys) if check.is_bad}


def test_what_was_signed_is_whole_under_another_name_and_says_what_was_not_checked(
    student: Path, signed: Path
) -> None:
    found = checks(student, [signed / "mine.pub", signed / "curve.pub"])
    assert {check.name for check in found if check.outcome != "same"} == ELSEWHERE


def test_the_bill_of_materials_is_valid_by_its_own_schema(student: Path) -> None:
    schema = pytest.importorskip("cyclonedx.schema")
    validation = pytest.importorskip("cyclonedx.validation.json")
    validator = validation.JsonStrictValidator(schema.SchemaVersion.V1_7)
    assert validator.validate_str((student / BOM).read_text("utf-8")) is None


def test_the_card_of_the_data_set_is_read_by_mlcroissant_without_a_complaint(student: Path) -> None:
    with warnings.catch_warnings(action="ignore"):
        mlcroissant = pytest.importorskip("mlcroissant")
        read = mlcroissant.Dataset(jsonld=json.loads((student / CARD).read_text("utf-8")))
    assert not read.metadata.issues.errors
    assert [field.name for field in read.metadata.record_sets[0].fields] == ["model", "prompt", "response"]


def test_programs_of_others_accept_the_signatures_and_the_statement(student: Path, signed: Path) -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    signer = pytest.importorskip("securesystemslib.signer")
    envelope = json.loads((student / ENVELOPE).read_text("utf-8"))
    keyid = envelope["signatures"][0]["keyid"]
    public = load_pem_public_key((signed / "mine.pub").read_bytes())
    opened = dsse.Envelope.from_dict(envelope)
    assert opened.verify([signer.SSlibKey.from_crypto(public, keyid=keyid)], 1)
    statement = pytest.importorskip("in_toto_attestation.v1.statement").Statement
    json_format = pytest.importorskip("google.protobuf.json_format")
    empty = pytest.importorskip("in_toto_attestation.v1.statement_pb2").Statement()
    statement.copy_from_pb(json_format.Parse(opened.payload, empty)).validate()
    key_file = ["--public_key", signed / "curve.pub", "--signature", student / MODEL_SIGNATURE]
    command = [sys.executable, "-m", "model_signing", "verify", "key", student, *key_file]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_the_same_making_gives_the_same_bill_and_another_has_another_number(tmp_path: Path) -> None:
    made = made_by_us(tmp_path)
    one, again, other = bom(made, {"a": "0" * 64}), bom(made, {"a": "0" * 64}), bom(made, {"a": "1" * 64})
    assert one == again
    assert json.loads(one)["serialNumber"] != json.loads(other)["serialNumber"]


def test_what_was_altered_added_or_taken_is_named(student: Path) -> None:
    (student / "model.safetensors").write_bytes(b"other")
    (student / "shape.json").unlink()
    (student / "more.txt").write_text("x", "utf-8")
    told = {"model.safetensors": "altered", "shape.json": "missing", "more.txt": "added"}
    assert bad(student) == {MODEL_SIGNATURE: "altered", **told}


@pytest.mark.parametrize("name", [ENVELOPE, MODEL_SIGNATURE, PUBLIC, MODEL_PUBLIC, BOM, CARD])
def test_what_is_taken_away_is_missed(student: Path, name: str) -> None:
    (student / name).unlink()
    assert any(name in told or "was not there" for told in bad(student))
    assert bad(student)


def test_a_folder_that_was_stripped_of_all_signatures_is_not_taken_for_signed(student: Path) -> None:
    for file in (ENVELOPE, PUBLIC, MODEL_SIGNATURE, MODEL_PUBLIC):
        (student / file).unlink()
    told = json.loads((student / STATEMENT).read_text("utf-8"))
    told["predicate"]["signatures"] = ["none"]
    (student / STATEMENT).write_bytes(as_json(told))
    assert bad(student) == {ENVELOPE: "missing"}


@pytest.mark.parametrize(("name", "kind"), [("mine", "ed25519"), ("curve", "ec")])
def test_a_forger_who_signs_anew_is_caught_by_the_key_that_came_another_way(
    student: Path, signed: Path, tmp_path: Path, name: str, kind: str
) -> None:
    for file in (ENVELOPE, PUBLIC, MODEL_SIGNATURE, MODEL_PUBLIC, STATEMENT):
        (student / file).unlink()
    (student / "model.safetensors").write_bytes(b"other")
    sign(student, made_by_us(tmp_path), [key(tmp_path, "forged", kind)])
    assert bad(student) == {}
    assert set(bad(student, signed / f"{name}.pub").values()) == {"altered"}


def test_a_statement_that_was_altered_is_told_by_either_signature(student: Path) -> None:
    (student / STATEMENT).write_bytes((student / STATEMENT).read_bytes() + b" ")
    assert bad(student) == {ENVELOPE: "altered", MODEL_SIGNATURE: "altered"}


@pytest.mark.parametrize(
    "alter",
    [
        lambda told: told["metadata"]["component"]["components"][0]["hashes"][0].update(content="0" * 64),
        lambda told: told["metadata"]["component"]["pedigree"]["ancestors"][0].update(name="nobody"),
        lambda told: told.update(surprise=1),
        lambda told: told.pop("metadata"),
    ],
)
def test_a_bill_that_says_something_else_or_is_not_valid_is_told(
    student: Path, alter: Callable[[dict], object]
) -> None:
    told = json.loads((student / BOM).read_text("utf-8"))
    alter(told)
    (student / BOM).write_bytes(as_json(told))
    assert bad(student)[f"{BOM}, as CycloneDX 1.7"] == "altered"


@pytest.mark.parametrize(
    "alter",
    [
        lambda told: told["distribution"][0].update(sha256="0" * 64),
        lambda told: told.update({"@context": "https://example.org/context"}),
        lambda told: told["distribution"][0].update({"@context": "https://example.org/context"}),
        lambda told: told["distribution"][0].pop("contentUrl"),
        lambda told: told.pop("distribution"),
    ],
)
def test_a_card_that_says_something_else_or_leads_elsewhere_is_told(
    student: Path, alter: Callable[[dict], object]
) -> None:
    told = json.loads((student / CARD).read_text("utf-8"))
    alter(told)
    (student / CARD).write_bytes(as_json(told))
    assert bad(student)[f"{CARD}, as Croissant"] == "altered"


def test_what_lies_elsewhere_is_compared_where_it_is_given(student: Path, signed: Path) -> None:
    given = Given(authorisation=signed / "authorisation.toml", material=student / "shape.json", base=student)
    found = {check.name: check.outcome for check in checks(student, (), given)}
    assert [
        found[name] for name in ("authorisation record", "taught from served.jsonl", "base small-student")
    ] == [
        "same",
        "altered",
        "altered",
    ]


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"_type": "x", "predicateType": "y", "subject": [], "predicate": {}}',
    ],
)
def test_a_folder_without_a_statement_is_refused(student: Path, content: bytes | None) -> None:
    (student / STATEMENT).unlink()
    if content is not None:
        (student / STATEMENT).write_bytes(content)
    with pytest.raises(InputError, match="statement"):
        checks(student)


def test_a_student_is_not_left_unsigned_and_not_signed_with_what_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="openssl genpkey"):
        sign(tmp_path, made_by_us(tmp_path), [])
    (tmp_path / "no.pem").write_text("none", "utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        sign(tmp_path, made_by_us(tmp_path), [tmp_path / "no.pem"])
    with pytest.raises(UsageError, match="one kind"):
        sign(tmp_path, made_by_us(tmp_path), [key(tmp_path, "one"), key(tmp_path, "two")])


def test_a_link_in_a_student_is_refused_and_in_a_teacher_followed(student: Path) -> None:
    (student / "link").symlink_to(student / "shape.json")
    assert len(folder_digest(student)) == 64
    with pytest.raises(InputError, match="is a link"):
        checks(student)


def test_neither_prompts_nor_keys_stand_in_what_is_written(signed: Path) -> None:
    everything = b"".join(
        file.read_bytes() for file in (signed / "student").iterdir() if file.suffix != ".safetensors"
    )
    assert b"PRIVATE" not in everything
    assert str(signed).encode() not in everything
