"""Signals of clusters that are shares of requests.

The query stays a signal's definition, as in `judge.counted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.fingerprint.probes import BIT
from stillwatch.judge.counted import Counted
from stillwatch.judge.requests import Requests, answer
from stillwatch.signals import (
    alignment_harvest,
    asks_for_training_value,
    cleanup_loop,
    extended_thinking,
    grades_answers,
    inline_reasoning,
    language_coercion,
    pipeline_help,
    pretexts,
    reasoning_after_the_fact,
    serve_and_harvest,
    single_turn,
    task_laundering,
    task_making,
    training_pipeline,
    training_value,
)
from stillwatch.weigh.holding import Mask

Condition = Callable[[Requests], Mask]
FEW = 2
"""Messages of a request that begins a conversation at most."""


def _share(condition: Condition, *, among: Condition) -> Counted:
    """Of the requests for which one holds, the share for which the other holds as well."""

    def counted(asked: Requests, _member: pa.Table) -> pa.Table:
        these = among(asked)
        support = asked.count(these)
        return answer(asked.count(these & condition(asked)) / np.maximum(support, 1), support)

    return counted


def _of_prompts(condition: Condition) -> Counted:
    return _share(condition, among=lambda asked: asked.read)


def _least(first: Counted, second: Counted) -> Counted:
    """The smaller of two shares of the same requests."""

    def counted(asked: Requests, member: pa.Table) -> pa.Table:
        one, other = first(asked, member), second(asked, member)
        return one.set_column(1, "value", pc.min_element_wise(one["value"], other["value"]))

    return counted


def _of_openings(condition: Condition) -> Counted:
    return _share(condition, among=lambda asked: asked.read & asked.column("opens"))


def _asks(*probes: str) -> Condition:
    bits = sum(BIT[name] for name in probes)
    return lambda asked: asked.holds("asks", lambda asks: asks & bits != 0)


def _both(first: Condition, second: Condition) -> Condition:
    return lambda asked: first(asked) & second(asked)


def _is(*capabilities: int) -> Condition:
    return lambda asked: asked.holds("capability", lambda capability: np.isin(capability, capabilities))


def _is_wanted(asked: Requests) -> Mask:
    wanted = asked.parameters["wanted"]
    return asked.holds("asks", lambda asks: asks & wanted != 0)


def _thinks(asked: Requests) -> Mask:
    return asked.holds("thinking", lambda thinking: thinking)


def _may_think(asked: Requests) -> Mask:
    return asked.there("thinking")


def _goes_on(asked: Requests) -> Mask:
    return asked.holds("turns", lambda turns: turns > 1)


def _is_single(asked: Requests) -> Mask:
    return asked.holds("turns", lambda turns: turns <= FEW)


def _in_own_words(asked: Requests) -> Mask:
    return ~asked.known("template")


SHARES: Mapping[str, Counted] = {
    alignment_harvest.SIGNAL.query: _of_prompts(
        lambda asked: _is(7)(asked) | _both(_asks("sensitive"), _asks("rewrite"))(asked)
    ),
    asks_for_training_value.SIGNAL.query: _of_openings(_is_wanted),
    cleanup_loop.SIGNAL.query: _of_prompts(
        _both(_asks("clean"), _asks("output", "reason", "tags", "rationale", "hidden"))
    ),
    extended_thinking.SIGNAL.query: _share(_thinks, among=_may_think),
    grades_answers.SIGNAL.query: _of_prompts(_is(6)),
    inline_reasoning.SIGNAL.query: _of_prompts(_asks("tags", "inline")),
    language_coercion.SIGNAL.query: _of_prompts(_both(_asks("reason_in"), _asks("language"))),
    pipeline_help.SIGNAL.query: _of_prompts(_both(_asks("train"), _asks("code"))),
    pretexts.SIGNAL.query: _of_prompts(_asks("pretext", "authority")),
    reasoning_after_the_fact.SIGNAL.query: _of_prompts(
        _both(_asks("answered"), _asks("rationale", "reason"))
    ),
    serve_and_harvest.SIGNAL.query: _share(_both(_thinks, _in_own_words), among=_both(_goes_on, _may_think)),
    single_turn.SIGNAL.query: _share(_is_single, among=lambda asked: asked.there("turns")),
    task_laundering.SIGNAL.query: _of_prompts(
        _both(_asks("translate", "rewrite", "encode"), _asks("hidden", "pretext"))
    ),
    task_making.SIGNAL.query: _of_prompts(_both(_asks("make", "pose"), _asks("verifier"))),
    training_pipeline.SIGNAL.query: _least(_of_prompts(_asks("make", "pose")), _of_prompts(_is(6))),
    training_value.SIGNAL.query: _of_openings(_is(*range(8))),
}
"""By query, what counts its answer from the requests of members and the relation `member`."""
