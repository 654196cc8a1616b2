"""The nouns of a panel: what a suspect, its presumed base and the teacher are asked on the same items, and how far apart they are.

A panel describes; it confirms nothing. It is a different thing to be close to a teacher than to have learned from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from stillwatch.model.assay import Endpoint

PanelKind = Literal["benchmark", "refusal", "censorship"]
PANEL_KINDS: tuple[PanelKind, ...] = get_args(PanelKind)
SAFE, UNSAFE = "safe", "unsafe"
CENSORED = ("sensitive in China", "sensitive in the West", "universal", "neutral")
ProfileWord = Literal["fits", "does not fit", "not tested"]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question. A benchmark's has an expected answer; a refusal's is safe or unsafe; a censorship's has one of `CENSORED`."""

    item_id: str
    prompt: str
    panel: PanelKind
    task: str
    expected: str = ""
    kind: str = ""
    language: str = ""
    capability: str = ""
    group: str = ""

    @property
    def row(self) -> str:
        """Under what it is counted: safe and unsafe, and each corner of the design, apart."""
        if self.panel == "benchmark":
            return self.task
        told = (self.task, self.kind) if self.panel == "refusal" else (self.kind, self.language)
        return ", ".join(part for part in told if part)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task that inspect-ai runs: its name or file there, and the capability that it draws on."""

    name: str
    capability: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What is fixed before anybody is asked; `near` are tasks that a campaign's traffic draws on. `seal` is the digest of the rest."""

    items_digest: str
    suspect: Endpoint
    base: Endpoint
    teacher: Endpoint
    tasks: tuple[Task, ...] = ()
    near: tuple[str, ...] = ()
    margin: float = 0.05
    most_tokens: int = 256
    limit: int = 0
    random_seed: int = 1
    seal: str = ""

    @property
    def models(self) -> tuple[Endpoint, ...]:
        """The three, the suspect first."""
        return (self.suspect, self.base, self.teacher)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """The suspect beside another model on the same items: both shares with Wilson's interval, their difference with Newcombe's.

    `share` is of right answers in a benchmark and of refusals in the others. `p_difference` is McNemar's, `adjusted_p` holds over the rows of its panel
    (Holm), `p_equivalence` is for a difference within the margin (two one-sided tests).
    """

    panel: PanelKind
    row: str
    other: str
    items: int
    share: float
    share_interval: tuple[float, float]
    other_share: float
    other_interval: tuple[float, float]
    difference: float
    low: float
    high: float
    p_difference: float
    adjusted_p: float
    p_equivalence: float


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """A difference of differences between near and far tasks, with Welch's interval over tasks."""

    value: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Whether the suspect is close to the teacher on tasks of a campaign's traffic, and far elsewhere.

    `gained` is what it has over its base on near tasks, less the same on far ones; `closer` is how much further from the teacher it is on far tasks.
    """

    word: ProfileWord
    near: tuple[str, ...]
    far: tuple[str, ...]
    gained: Contrast | None
    closer: Contrast | None
    told: str


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """A share of refusals, corrected by answers that somebody labelled by hand (Rogan and Gladen), with the bootstrap's interval."""

    row: str
    model: str
    raw: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class PanelReport:
    """All of it, made from the panel and its transcripts."""

    seal: str
    transcript_digest: str
    models: Mapping[str, str]
    margin: float
    gaps: tuple[Gap, ...]
    profile: Profile
    corrected: tuple[Corrected, ...]
    labelled: int
    limits: tuple[str, ...]
    problems: Mapping[str, int] = field(default_factory=dict)
