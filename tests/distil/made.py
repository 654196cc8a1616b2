"""A record, keys, and two tiny untrained models: what a lesson needs, made on the spot."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from stillwatch.distil.authorisation import Authorisation, read_authorisation
from stillwatch.distil.making import Making, Material, Origin

CONSENT = b"yes"
TOLD = {
    "teacher": '"small-teacher"',
    "teacher_owner": '"its owner"',
    "granted_to": '"us"',
    "student": '"small-student"',
    "data": '"its answers"',
    "ways": '["text", "logit"]',
    "consent": '"consent.txt"',
    "consent_sha256": f'"{hashlib.sha256(CONSENT).hexdigest()}"',
    "purpose": '"a test"',
    "teacher_host": '"127.0.0.1"',
    "granted": "2026-01-01",
    "expires": "2126-01-01",
}


def record(folder: Path, **changed: str) -> Path:
    """A record in a file; an entry that is changed to nothing is left out."""
    (folder / "consent.txt").write_bytes(CONSENT)
    file = folder / "authorisation.toml"
    lines = [f"{name} = {value}\n" for name, value in {**TOLD, **changed}.items() if value]
    file.write_text("[authorisation]\n" + "".join(lines), "utf-8")
    return file


def key(folder: Path, name: str, kind: str = "ed25519") -> Path:
    """A new private key; its public half lies beside it, under `.pub`."""
    made = (
        ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else ec.generate_private_key(ec.SECP256R1())
    )
    file, pem = folder / f"{name}.pem", serialization.Encoding.PEM
    pkcs8, public = serialization.PrivateFormat.PKCS8, serialization.PublicFormat.SubjectPublicKeyInfo
    file.write_bytes(made.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    file.with_suffix(".pub").write_bytes(made.public_key().public_bytes(pem, public))
    return file


def making(authorisation: Authorisation) -> Making:
    """How a student was made that nobody made."""
    return Making(
        student="small-student",
        teacher=Origin(name="small-teacher", sha256="a" * 64),
        base=Origin(name="small-student", sha256="b" * 64),
        material=Material(
            file="served.jsonl",
            sha256="c" * 64,
            prompts=12,
            exchanges=12,
            prompts_sha256="d" * 64,
            answer_tokens=480,
            left_out={"of another model": 3},
        ),
        recipe={"way": "text", "epochs": 3, "rate": 1e-3, "seed": 0},
        authorisation=authorisation,
        marks=({"account_set": "UDC-2026-001", "watermark": "e" * 64, "canary": ""},),
    )


def made_by_us(folder: Path) -> Making:
    """The same under a record that was read."""
    return making(read_authorisation(record(folder)))


def models(folder: Path) -> Path:
    """Folders `teacher` and `base` with untrained models of one tokenizer, and `prompts.jsonl`."""
    from stillwatch.distil.small import Shape, Small  # noqa: PLC0415  torch
    from stillwatch.distil.tokens import Tokens  # noqa: PLC0415  as above
    from stillwatch.distil.writer import SmallWriter  # noqa: PLC0415  as above

    tokens = Tokens.trained(["the sea of the tower is blue and old "] * 4, 280)
    for seed, name in enumerate(("teacher", "base")):
        SmallWriter(Small(Shape(tokens.size, 16, 1, 2, 24), seed), tokens).save(folder / name)
    lines = [json.dumps({"prompt": f"{number}: the sea of"}) + "\n" for number in range(40)]
    (folder / "prompts.jsonl").write_text("".join(lines), "utf-8")
    return folder
