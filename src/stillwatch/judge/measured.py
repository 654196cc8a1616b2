"""What was measured of a cluster, in a sentence for a person, beside what look-alike groups show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stillwatch.judge.purpose import Feature
from stillwatch.signals._base import Signal

IN_WORDS: Mapping[str, str] = {
    "pool_size": "{parties:.0f} of the cluster's parties count as in one hand; look-alike groups have about {few:.0f}.",
    "common_control": (
        "Addresses, identities and tokens link each member by {value:.1f} bits, look-alike groups by about {ordinary:.0f}."
    ),
    "thinking_pool": (
        "A pool that serves many people asks for extended thinking and moved to a new model at once, or nearly always "
        "asks for it ({value:.2f} of 1)."
    ),
    "idle_frame": (
        "Prompts that share a frame exceed those worth training on by {value:+.2f} of all; look-alike groups show "
        "about {ordinary:+.1f}."
    ),
    "spliced_pool": (
        "Under common control, {value:.0%} of the requests with a system prompt carry a request for reasoning, grades or "
        "new tasks below several programs' prompts; look-alike groups show none."
    ),
    "own_frame": (
        "Under common control, {value:.0%} of the prompts that open a conversation are bare tasks below a system prompt that "
        "hardly anybody else sends; look-alike groups show none."
    ),
    "assignment": (
        "Prompts that open a conversation and are sent by a quarter of the accounts or more come again as an assignment does: "
        "they count as {value:.0%} of all; look-alike groups other than classes show none."
    ),
    "disguised_pool": (
        "Many parties with a level load serve people below system prompts of their own that speak of models or companies that "
        "are not to be named: they count as {value:.0%} of the conversations; look-alike groups show none."
    ),
    "demanded_pool": (
        "Many parties with a level load talk below system prompts of their own, or with one text in each prompt, that want the whole "
        "reasoning written out: they count as {value:.0%} of the requests; look-alike groups show hardly any."
    ),
    "strangers_by_day": (
        "Nothing but a program and its text joins the parties, who keep people's hours and each use it as much as they need "
        "({value:.2f} of 1)."
    ),
    "poor_slots": (
        "What is put into shared texts would have to vary twice as much in length {value:.1f} times over to be a corpus; "
        "look-alike groups show about {ordinary:.1f}."
    ),
    "injected_pool": (
        "Under common control, {value:.0%} of the requests that continue a conversation carry one fixed text; look-alike "
        "groups show hardly any."
    ),
    "stored_reasoning": "{value:.1f} {phrase}; look-alike groups show about {ordinary:.1f}.",
}
"""Of measurements that are no share of requests, or no signal's."""
SHARE = "{value:.0%} {phrase}; look-alike groups show about {ordinary:.0%}."


LOWERED = " It counts for less than it would: there are many like them in a log of this kind."
LESS = " With what else was measured it says less than this value alone."
BESIDE = " With what else was measured it says more {side} a training set than this value alone."


def sentence(
    feature: Feature, value: float, signals: Mapping[str, Signal], *, bits: float | None = None
) -> str:
    """What this value says, and whether it counts otherwise than by the value alone, if it counts so many bits."""
    signal = signals.get(feature.signal)
    said = IN_WORDS.get(feature.signal, SHARE).format(
        value=value,
        ordinary=feature.ordinary,
        parties=2**value if feature.signal == "pool_size" else 0,
        few=2**feature.ordinary,
        phrase=signal.phrase if signal else "",
    )
    alone = float(feature.bits(np.array(value)))
    if bits is None or bits == alone:
        return said
    if bits < alone and alone > 0:
        return said + (LOWERED if feature.signal == "pool_size" else LESS)
    return said + BESIDE.format(side="for" if bits > alone else "against")
