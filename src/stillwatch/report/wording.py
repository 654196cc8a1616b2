"""Words for numbers: likelihood after ICD 203, counts, shares, times, and the three verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from stillwatch.model.finding import Verdict
from stillwatch.model.likelihood import likelihood_word

THIN = "\N{NARROW NO-BREAK SPACE}"
BITS_PER_LOG10 = 1 / math.log10(2)

VERDICT_ORDER: Sequence[Verdict] = ("distillation", "relay", "coordinated")

VERDICT_TITLE: Mapping[Verdict, str] = {
    "distillation": "Distillation campaign",
    "relay": "Relay",
    "coordinated": "Coordinated group",
}

FAMILY_TITLE: Mapping[str, str] = {
    "net": "networks",
    "client": "client programs",
    "tool": "tools and system prompts",
    "pay": "payment",
    "registration": "sign-up",
    "template": "what is asked",
    "token": "reasoning tokens",
    "time": "rhythm",
    "pivot": "moves between models",
    "extraction": "use of the answers",
}

VERDICT_MEANING: Mapping[Verdict, str] = {
    "distillation": "Accounts under common control whose joint traffic builds a training set.",
    "relay": "Accounts pooled to resell or pass on access. The traffic is that of many ordinary customers; "
    "the finding is about access, not about what the answers are used for.",
    "coordinated": "Accounts under common control. Nothing more is claimed: what they ask for looks ordinary, "
    "or too little is known of it.",
}

LEVEL_MEANING: Mapping[str, str] = {
    "L1": "lead, nothing more than a place to look",
    "L2": "campaign without a known actor; a name is a lead only",
    "L3a": "class of actor, no organisation",
    "L3b": "named organisation",
}


def likelihood(probability: float | None, statement: str) -> str:
    """A sentence that gives a likelihood in words and in figures."""
    word = likelihood_word(probability)
    if probability is None or word == "not computed":
        return f"Whether {statement} could not be computed."
    if word == "almost no chance":
        return f"There is almost no chance ({percent(probability)}) that {statement}."
    if word == "roughly an even chance":
        return f"There is roughly an even chance ({percent(probability)}) that {statement}."
    return f"It is {word} ({percent(probability)}) that {statement}."


def percent(share: float | None) -> str:
    """A share in per cent: coarse in the middle, finer at the ends, never a false 100."""
    if share is None or not math.isfinite(share):
        return "n/a"
    value = 100 * share
    if value >= 99.95 and share < 1:
        return f"above 99.9{THIN}%"
    if 0 < value < 0.05:
        return f"below 0.1{THIN}%"
    text = f"{value:.0f}" if 10 <= value < 98.95 else f"{value:.1f}"
    return f"{text.removesuffix('.0')}{THIN}%"


def count(number: float) -> str:
    """A whole number with separators."""
    return f"{round(number):,}"


def of(number: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: 1 account, 2 accounts."""
    return f"{count(number)} {singular if number == 1 else plural or singular + 's'}"


def calibrated(bits: float, probability: float, evidence: float) -> str:
    """How bits on the purpose become a likelihood, and where they begin before anything is seen."""
    return (
        f"Before anything is seen it stands at {signed_bits(bits - evidence)} bits, and with the evidence at {signed_bits(bits)}; "
        f"calibrated on simulated worlds, and for how many groups might be called, this is {percent(probability)}."
    )


def small(number: float | None) -> str:
    """A number of unknown size with three significant digits."""
    if number is None or not math.isfinite(number):
        return "n/a"
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def signed_bits(bits: float) -> str:
    """Bits with a sign, the minus as a true minus."""
    text = f"{abs(bits):.1f}"
    if text == "0.0":
        return text
    return f"+{text}" if bits > 0 else f"\N{MINUS SIGN}{text}"


def to_bits(log10_bayes_factor: float | None) -> float | None:
    """A log10 Bayes factor in bits; None for what is no number."""
    if log10_bayes_factor is None or not math.isfinite(log10_bayes_factor):
        return None
    return log10_bayes_factor * BITS_PER_LOG10


def moment(time: str | None) -> str:
    """An ISO 8601 time to the minute, in UTC as the tables hold it."""
    return f"{time[:10]} {time[11:16]} UTC" if time and len(time) >= 16 else time or "unknown"


def window(start: str | None, end: str | None) -> str:
    """From when to when, naming the time zone once."""
    return f"{moment(start).removesuffix(' UTC')} to {moment(end)}"


def day(time: str | None) -> str:
    """The day of an ISO 8601 time."""
    return time[:10] if time else "unknown"


def listed(names: Sequence[str], *, nothing: str = "none") -> str:
    """Names as a sentence lists them: a, b and c."""
    if len(names) < 2:
        return names[0] if names else nothing
    return f"{', '.join(names[:-1])} and {names[-1]}"
