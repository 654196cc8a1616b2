"""A student comes nearer to its teacher, and a lesson that was cut comes to the same weights."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from stillwatch.distil.authorisation import Authorisation, read_authorisation
from stillwatch.distil.exchanges import Pair
from stillwatch.distil.recipe import Recipe
from stillwatch.errors import InputError, UsageError
from tests.distil.made import models, record

torch = pytest.importorskip("torch", reason="torch is not installed: stillwatch[assay]")

from stillwatch.distil.checkpoint import Checkpoint  # noqa: E402  torch
from stillwatch.distil.small import Shape, Small  # noqa: E402  as above
from stillwatch.distil.teaching import taught  # noqa: E402  as above
from stillwatch.distil.tokens import Tokens  # noqa: E402  as above
from stillwatch.distil.writer import SmallWriter  # noqa: E402  as above

PAIRS = tuple(Pair(f"{number}: the sea of", "the tower is") for number in range(40))


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models(tmp_path_factory.mktemp("cast"))


@pytest.fixture
def allowed(tmp_path: Path) -> Authorisation:
    return read_authorisation(record(tmp_path))


def distance(one: SmallWriter, other: SmallWriter) -> float:
    """The mean cross-entropy of one's next tokens under the other, on what the lesson was about."""
    rows = torch.from_numpy(np.array([one.tokens.of("3: the sea of the tower is")], np.int64))
    with torch.no_grad():
        wanted, given = one.model(rows).softmax(-1), other.model(rows).log_softmax(-1)
    return float(-(wanted * given).sum(-1).mean())


def weights(student: SmallWriter) -> list[float]:
    return torch.cat([part.flatten() for part in student.model.state_dict().values()]).tolist()


@pytest.mark.parametrize("way", ["text", "logit"])
def test_a_student_comes_nearer_to_what_it_is_taught(cast: Path, allowed: Authorisation, way: str) -> None:
    teacher, base = SmallWriter.opened(cast / "teacher"), SmallWriter.opened(cast / "base")
    student, tokens = taught(base, PAIRS, Recipe(way=way, epochs=10, rate=0.01), allowed, teacher)
    assert tokens == len(PAIRS) * len(base.tokens.of("the tower is"))
    if way == "logit":
        assert distance(teacher, student) < distance(teacher, base)
    else:
        asked = [("9: the sea of", "the tower is")]
        assert sum(student.scores(asked)[0]) > sum(base.scores(asked)[0]) + 3


@pytest.mark.parametrize("cut_at", [3, 7])
def test_a_lesson_that_was_cut_goes_on_to_the_same_weights(
    cast: Path, allowed: Authorisation, tmp_path: Path, cut_at: int
) -> None:
    base, recipe = SmallWriter.opened(cast / "base"), Recipe(epochs=4)
    whole, _ = taught(base, PAIRS, recipe, allowed)

    def cut(done: int, _total: int) -> None:
        if done == cut_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taught(base, PAIRS, recipe, allowed, checkpoint=Checkpoint(tmp_path / "l.pt", cut, every=2))
    steps: list[int] = []
    again = Checkpoint(tmp_path / "l.pt", lambda done, _total: steps.append(done), every=2)
    student, _ = taught(base, PAIRS, recipe, allowed, checkpoint=again)
    assert weights(student) == weights(whole)
    assert steps[0] == cut_at // 2 * 2 + 1


def test_a_checkpoint_that_is_none_is_refused(cast: Path, allowed: Authorisation, tmp_path: Path) -> None:
    (tmp_path / "l.pt").write_bytes(b"none")
    with pytest.raises(InputError, match="--start-over"):
        taught(
            SmallWriter.opened(cast / "base"),
            PAIRS,
            Recipe(),
            allowed,
            checkpoint=Checkpoint(tmp_path / "l.pt"),
        )


def test_a_lesson_under_a_record_that_has_expired_is_refused_whoever_calls_it(
    cast: Path, allowed: Authorisation
) -> None:
    base = SmallWriter.opened(cast / "base")
    expired = replace(allowed, granted=date(2025, 1, 1), expires=date(2026, 2, 1))
    with pytest.raises(UsageError, match="holds from 2025-01-01 until 2026-02-01"):
        taught(base, PAIRS, Recipe(), expired)
    with pytest.raises(UsageError, match="The record allows text; --way logit"):
        taught(base, PAIRS, Recipe(way="logit"), replace(allowed, ways=("text",)))


def test_scores_need_weights_of_the_same_tokens_and_as_long_a_sight(
    cast: Path, allowed: Authorisation
) -> None:
    base, recipe = SmallWriter.opened(cast / "base"), Recipe(way="logit")
    other = Tokens.trained(["other words of another language"] * 4, base.tokens.size)
    short = Shape(base.tokens.size, 16, 1, 2, 20)
    with pytest.raises(InputError, match="teacher's weights"):
        taught(base, PAIRS, recipe, allowed)
    with pytest.raises(UsageError, match="different tokenizers"):
        taught(base, PAIRS, recipe, allowed, SmallWriter(base.model, other))
    with pytest.raises(UsageError, match="sees 20 tokens"):
        taught(base, PAIRS, recipe, allowed, SmallWriter(Small(short), base.tokens))
