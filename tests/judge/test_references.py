"""The innocent clusters that come with the package: of the right class, and made with today's weights."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np
import pytest

from stillwatch.judge.references import References, made_with, packaged

HELD = References(
    parties=np.array([10, 31, 32, 63, 64, 500, 500]),
    reads_prompts=np.array([True, True, True, True, True, True, False]),
    reads_addresses=np.ones(7, np.bool_),
    bits=np.arange(7.0),
)


@pytest.mark.parametrize(("parties", "expected"), [(8, [0, 1]), (40, [2, 3]), (64, [4, 5]), (9000, [4, 5])])
def test_a_group_is_compared_with_clusters_of_like_size(parties: int, expected: list[float]) -> None:
    assert HELD.of_class(parties, reads_prompts=True, reads_addresses=True).tolist() == expected


def test_a_group_without_prompts_is_compared_with_clusters_without_prompts() -> None:
    assert HELD.of_class(100, reads_prompts=False, reads_addresses=True).tolist() == [6.0]


def test_a_log_that_shows_what_no_reference_shows_has_none() -> None:
    assert len(HELD.of_class(100, reads_prompts=True, reads_addresses=False)) == 0


def test_the_packaged_table_was_made_with_the_weights_that_a_scan_uses() -> None:
    text = (resources.files("stillwatch.judge") / "data" / "references.json").read_text("ascii")
    assert json.loads(text)["weights"] == made_with(), "make it anew: python benchmarks/references.py"


@pytest.mark.parametrize("parties", [10, 40, 100])
@pytest.mark.parametrize("shown", [(True, True), (False, True), (True, False)])
def test_every_class_but_that_of_a_log_that_shows_nothing_has_references(
    parties: int, shown: tuple[bool, bool]
) -> None:
    alike = packaged().of_class(parties, reads_prompts=shown[0], reads_addresses=shown[1])
    assert len(alike) >= 10
