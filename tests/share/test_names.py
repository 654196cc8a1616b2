"""Which names of models and paths are told as they are: public ones, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.share.names import plain_model, plain_path
from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Wish, prepare
from stillwatch.testing import secrets
from tests.share.conftest import BLIND, EXPORTS

PUBLIC = (
    "opal-4", "opal-4-reason", "claude-3-5-sonnet-20241022", "gpt-4o", "gpt4o", "gpt-35-turbo", "openai/gpt-4.1-mini", "o3-mini", "llama3.1-70b-instruct",
    "us.anthropic.claude-3-7-sonnet-20250219-v1:0", "gemini-2.5-flash", "accounts/fireworks/models/llama-v3p1-70b-instruct", "mixtral-8x7b",
    "deepseek-ai/DeepSeek-R1", "Qwen/Qwen2.5-72B-Instruct",
)  # fmt: skip
SOMEBODYS = (
    "acme-bank-eastus-gpt4o", "accounts/acme/models/x", "deploy-john-miller", "gpt-4o-acme", "ft:gpt-4o:acme::a1b2", "claude-for-jane-doe", "prod-gpt-4o",
    "a.b:c", "vertex", "4", "a@b.de", "1.2.3.4", "gpt-1.2.3.4", "2001:db8::1", "two words", "", "4242424242424242", "gpt-4242424242424242", "x" * 40, "<b>", "ä",
    "m-fp_1JzX9dQwErTyUi", "gpt-4o-49170123456",
)  # fmt: skip
ORGANISATIONS = (
    "acme",
    "acmebank",
    "globex",
    "initech",
    "umbrella",
    "contoso",
    "northwind",
    "stadtwerke",
    "sparkasse",
    "clinic",
)
PEOPLE = ("john", "miller", "jane", "doe", "schmidt", "garcia", "nguyen", "ivanova", "okafor", "tanaka")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_model_is_called_by_its_name(name: str) -> None:
    assert plain_model(name) == name


@pytest.mark.parametrize("name", SOMEBODYS)
def test_a_name_that_somebody_chose_is_not_told(name: str) -> None:
    assert plain_model(name) is None


def test_a_house_names_its_own_families() -> None:
    assert plain_model("basalt-2-mini") is None
    assert plain_model("basalt-2-mini", ["Basalt"]) == "basalt-2-mini"
    assert plain_model("acme-basalt-2", ["basalt"]) is None


def test_a_path_is_told_by_the_usual_words_alone() -> None:
    assert [plain_path(p) for p in ("api", "vertex", "acme-gateway", "")] == ["api", "vertex", None, None]


@given(
    who=st.lists(st.sampled_from(ORGANISATIONS + PEOPLE), min_size=2, max_size=3),
    known=st.lists(
        st.sampled_from(("gpt4o", "claude", "eastus", "prod", "models", "deploy", "4", "v2")), max_size=3
    ),
    order=st.randoms(use_true_random=False),
    sign=st.sampled_from("-_./:"),
)
@settings(deadline=None, max_examples=30)
def test_no_organisation_and_no_person_shows_by_the_name_of_a_deployment(
    who: list[str], known: list[str], order: object, sign: str
) -> None:
    parts = [*who, *known]
    order.shuffle(parts)  # type: ignore[attr-defined]
    name = sign.join(parts)
    found = secrets.found()
    told = replace(found.campaigns[0], models=(name, "gpt-4o"), channels=(name,))
    for tier in (0, 3):
        wish = Wish(Policy(tier), secrets.PRODUCER)
        shared = prepare(replace(found, campaigns=(told,)), wish, BLIND)
        assert name not in shared.findings[0].models
        assert "gpt-4o" in shared.findings[0].models
        for export in (EXPORTS["stix"], EXPORTS["misp"]):
            assert name.encode() not in export.render(shared, BLIND)
