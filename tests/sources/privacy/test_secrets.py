"""Secrets in texts, masked by their shapes and counted; made here from parts, so that none stands in this file."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest

from stillwatch.sources.privacy.secrets import is_secret, masked, without_secrets

MIXED = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
SECRETS = {
    "openai": ["sk-" + MIXED, "sk-proj-" + MIXED + "_x-" + MIXED],
    "anthropic": ["sk-ant-" + "api03-" + MIXED],
    "openrouter": ["sk-or-" + "v1-" + MIXED],
    "aws": ["AKIA" + "QWERTYUIOP234567", "ASIA" + "QWERTYUIOP234567"],
    "github": ["ghp_" + MIXED + MIXED, "github_pat_" + MIXED + "_" + MIXED],
    "gitlab": ["glpat-" + MIXED],
    "slack": ["xoxb-" + "1234567890-" + MIXED],
    "google": ["AIza" + (MIXED * 2)[:35]],
    "huggingface": ["hf_" + MIXED + MIXED],
    "stripe": ["sk_" + "live_" + MIXED, "rk_" + "test_" + MIXED],
    "npm": ["npm_" + (MIXED * 2)[:36]],
    "pypi": ["pypi-" + MIXED + MIXED],
    "sendgrid": ["SG." + MIXED + "." + MIXED],
    "jwt": ["eyJ" + MIXED + ".eyJ" + MIXED + "." + MIXED],
    "private_key": [
        "-----BEGIN RSA " + "PRIVATE KEY-----\n" + MIXED + "\n-----END RSA " + "PRIVATE KEY-----",
        "-----BEGIN " + "PRIVATE KEY-----\\n" + MIXED + " and no end",
    ],
}
CASES = [(kind, secret) for kind, secrets in SECRETS.items() for secret in secrets]


@pytest.mark.parametrize(("kind", "secret"), CASES)
def test_a_secret_is_masked_and_counted_by_its_kind(kind, secret):
    counts = Counter()
    assert without_secrets(f"My key='{secret}", counts) == f"My key='[secret:{kind}]"
    assert counts == {kind: 1}
    assert is_secret(secret)


def test_a_bearer_token_keeps_the_word_before_it():
    counts = Counter()
    text = "curl -H 'Authorization: Bearer " + MIXED + "=' https://api.example.org"
    assert (
        without_secrets(text, counts)
        == "curl -H 'Authorization: Bearer [secret:bearer]' https://api.example.org"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Please write a task-based-plan-for-the-year-2026-and-later.",
        "We use sk-learn-based-models-for-everything-here",
        "The ring bearer antidisestablishmentarianism said so",
        "AKIA is a prefix, and ASIA a continent",
        "hf_hub_download(repo_id) and npm_config_registry",
        "-----BEGIN CERTIFICATE-----",
        "a risk-0123456789abcdefghijklmnop",
        "eyJhbGciOi is how they begin",
    ],
)
def test_what_only_looks_a_little_like_one_stays(text):
    assert without_secrets(text, Counter()) == text
    assert not is_secret(text)


def test_texts_of_a_batch_are_masked_and_the_others_left_as_they_are():
    secret = SECRETS["openai"][0]
    before = pa.RecordBatch.from_pydict(
        {
            "prompt": ["hello", f"use {secret} and {secret}", None, "task-force"],
            "response": [None, secret, "x", ""],
        },
        schema=pa.schema([("prompt", pa.string()), ("response", pa.string())]),
    )
    counts = Counter()
    after = masked(before, counts)
    assert after.column("prompt").to_pylist() == [
        "hello", "use [secret:openai] and [secret:openai]", None, "task-force",
    ]  # fmt: skip
    assert after.column("response").to_pylist() == [None, "[secret:openai]", "x", ""]
    assert counts == {"openai": 3}
    assert after.schema == before.schema


def test_a_repeated_text_counts_as_often_as_rows_hold_it():
    once = pa.array(["Key: " + SECRETS["aws"][0], None, "Key: " + SECRETS["aws"][0], "x"]).dictionary_encode()
    counts = Counter()
    after = masked(pa.RecordBatch.from_arrays([once], ["system_prompt"]), counts)
    assert after.column(0).to_pylist() == ["Key: [secret:aws]", None, "Key: [secret:aws]", "x"]
    assert after.column(0).type == once.type
    assert counts == {"aws": 2}


def test_a_batch_without_secrets_is_not_copied():
    before = pa.RecordBatch.from_pydict({"prompt": ["hello", "sk-"], "other": [SECRETS["aws"][0]] * 2})
    assert masked(before, Counter()) is before


def test_masking_twice_changes_nothing():
    counts = Counter()
    once = without_secrets(" ".join(secret for _, secret in CASES), counts)
    assert without_secrets(once, Counter()) == once
