"""How a student was made: who taught it, from what, by which recipe, with whose leave. The statement, the bill of materials and the data set's card tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from stillwatch.distil.authorisation import Authorisation

Kind = Literal["folder", "endpoint", "exchanges"]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A model that came in: the teacher, or what the student was before. A folder has a digest, an endpoint a host."""

    name: str
    kind: Kind = "folder"
    sha256: str = ""
    host: str = ""
    model: str = ""


@dataclass(frozen=True, kw_only=True)
class Material:
    """What was taught from: a file that stays with whoever made the student, by its digest.

    Without exchanges it holds prompts only: the student answered them itself, and the teacher scored what it wrote.
    """

    file: str
    sha256: str
    prompts: int
    prompts_sha256: str
    exchanges: int = 0
    form: Literal["jsonl", "parquet", "other"] = "jsonl"
    answer_tokens: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """How much it was."""
        if not self.exchanges:
            return f"{self.prompts:,} prompts, with scores of what the student wrote"
        return f"{self.exchanges:,} exchanges, {self.answer_tokens:,} tokens of answers"


@dataclass(frozen=True, kw_only=True)
class Making:
    """All of it. `recipe` holds way, epochs, rate, seed and what else decides; `marks` the commitments of keys in force, if any were told."""

    student: str
    teacher: Origin
    base: Origin
    material: Material
    recipe: Mapping[str, Any]
    authorisation: Authorisation
    marks: tuple[Mapping[str, str], ...] = ()
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def told(self) -> Mapping[str, Any]:
        """As JSON tells it: no prompt, no answer, no key."""
        record = asdict(self.authorisation)
        days = {name: record[name].isoformat() for name in ("granted", "expires")}
        return {
            "student": self.student,
            "teacher": _known(self.teacher),
            "base": _known(self.base),
            "material": asdict(self.material),
            "recipe": dict(self.recipe),
            "authorisation": {**record, **days},
            "marks": [dict(mark) for mark in self.marks],
            "made_at": self.made_at.isoformat(timespec="seconds"),
        }


def _known(origin: Origin) -> Mapping[str, str]:
    return {name: value for name, value in asdict(origin).items() if value}
