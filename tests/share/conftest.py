"""Findings for exports, and the keys that blind them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from stillwatch.model.shared import Shared, Tlp
from stillwatch.registry import discover
from stillwatch.share._base import Export
from stillwatch.share.blind import Blind
from stillwatch.share.policy import Policy
from stillwatch.share.prepare import Wish, prepare
from stillwatch.sources.privacy.key import Key
from stillwatch.testing import secrets

EXPORTS = discover("share", Export)
BLIND = Blind(Key(b"a house key for tests"), Key(b"a circle key for tests"))

Made = Callable[..., Shared]
Told = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def made() -> Made:
    def make(
        tier: int = 1, tlp: Tlp = "amber+strict", retraction: str | None = None, only: Any = ()
    ) -> Shared:
        wish = Wish(
            Policy(tier, tlp), secrets.PRODUCER, only=tuple(only or secrets.EVERYTHING), retraction=retraction
        )
        return prepare(secrets.found(), wish, BLIND)

    return make


@pytest.fixture
def bundled(made: Made) -> Told:
    """The objects of a STIX bundle of such findings."""

    def bundle(**asked: Any) -> list[dict[str, Any]]:
        return json.loads(EXPORTS["stix"].render(made(**asked), BLIND))["objects"]

    return bundle
