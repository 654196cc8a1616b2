"""Request settings, answers and conversations of each content; all assumed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ask:
    """Request settings of a content.

    `answer_tokens` is the median length of an answer, `answer_spread` how much answers differ and
    `habit_spread` how much accounts differ in it (standard deviations of the log). Some accounts are keen
    on extended thinking.
    """

    temperatures: tuple[float, ...] = (1.0,)
    max_tokens: tuple[int, ...] = (4096,)
    reasoning: float = 0.15
    answer_tokens: float = 260.0
    answer_spread: float = 0.8
    habit_spread: float = 0.45
    keen_accounts: float = 0.0
    keen_reasoning: float = 0.75
    formats: tuple[str, ...] = ("text",)
    choices: int = 1
    logprobs: float = 0.0
    images: float = 0.0
    seeded: float = 0.0
    refusal: float = 0.004
    tool_choice: str = "auto"


@dataclass(frozen=True)
class Talk:
    """Mean exchanges of a conversation and mean seconds between them."""

    turns: float
    gap_seconds: float


ONE_SHOT = Talk(1.0, 6.0)
_HUMAN_GAP = 75.0

PEOPLE = Ask(
    answer_tokens=330.0, images=0.03, reasoning=0.10, keen_accounts=0.2, temperatures=(1.0, 1.0, 1.0, 0.7)
)
AGENT = Ask(answer_tokens=210.0, keen_accounts=0.25, reasoning=0.45, max_tokens=(8192, 16000, 32000))
MACHINE = Ask(
    answer_tokens=110.0,
    habit_spread=1.0,
    keen_accounts=0.08,
    temperatures=(0.0, 0.0, 0.2, 0.3, 1.0),
    max_tokens=(256, 512, 1024, 2048),
    reasoning=0.03,
    formats=("text", "json_object", "json_schema"),
)
EVALUATION = Ask(
    temperatures=(0.0,), max_tokens=(1024, 2048), reasoning=0.3, answer_tokens=240.0, logprobs=0.1, seeded=0.6
)
JUDGE = Ask(temperatures=(0.0,), max_tokens=(512,), answer_tokens=130.0, reasoning=0.05)
DRIFT = Ask(temperatures=(0.0,), max_tokens=(64,), answer_tokens=9.0)
AUDIT = Ask(answer_tokens=280.0, reasoning=0.4)
REDTEAM = Ask(refusal=0.35, answer_tokens=120.0)
GENERATION = Ask(temperatures=(0.7, 0.8, 1.0), max_tokens=(2048, 4096), reasoning=0.4, answer_tokens=520.0)
CAPTION = Ask(answer_tokens=30.0, images=1.0, reasoning=0.0)
HARVEST = Ask(answer_spread=0.6, refusal=0.01)
HARVEST_TEMPERATURES = (0.0, 0.6, 0.7, 1.0, 1.0, 1.0)
HARVEST_MAX_TOKENS = (2048, 4096, 4096, 8192, 16000)
GRADING_ANSWER_TOKENS = 24.0
GRADING_THINKING = 0.1

TALKS = {
    "people": Talk(3.2, _HUMAN_GAP),
    "foreign": Talk(3.2, _HUMAN_GAP),
    "pool": Talk(2.0, _HUMAN_GAP),
    "paste": Talk(1.6, _HUMAN_GAP),
    "persona": Talk(4.0, _HUMAN_GAP),
    "viral": Talk(1.5, _HUMAN_GAP),
    "event": Talk(3.0, _HUMAN_GAP),
    "agent": Talk(7.0, 9.0),
    "ci": Talk(4.0, 5.0),
    "bpo": Talk(1.8, 150.0),
    "harvest-agentic": Talk(2.5, 14.0),
    "injected": Talk(1.8, 40.0),
}
