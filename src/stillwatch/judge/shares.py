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
from stillwatch.judge.requests import Alike, Requests, answer
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

Condition = Callable[[Alike], Mask]
FEW = 2
"""Messages of a request that begins a conversation at most."""
NO_VALUE = 8
"""The first of the capabilities that are hardly worth training on."""


def _of_prompts(condition: Condition) -> Counted:
    return lambda asked, _member: _among(asked.prompts, condition, asked.clusters)


def _among(these: Alike, condition: Condition, clusters: int) -> pa.Table:
    """Of these requests the share for which that holds."""
    support = np.bincount(these.cluster, these.requests, clusters)
    held = np.bincount(these.cluster, these.requests * condition(these), clusters)
    return answer(held / np.maximum(support, 1), support.astype(np.int64))


def _share(asked: Requests, condition: Mask, among: Mask) -> pa.Table:
    """The same of any requests."""
    support = asked.count(among)
    return answer(asked.count(among & condition) / np.maximum(support, 1), support)


def _least(first: Counted, second: Counted) -> Counted:
    """The smaller of two shares of the same requests."""

    def counted(asked: Requests, member: pa.Table) -> pa.Table:
        one, other = first(asked, member), second(asked, member)
        return one.set_column(1, "value", pc.min_element_wise(one["value"], other["value"]))

    return counted


def _asks(*probes: str) -> Condition:
    bits = sum(BIT[name] for name in probes)
    return lambda these: these.asks & bits != 0


def _is(*capabilities: int) -> Condition:
    return lambda these: np.isin(these.capability, capabilities)


def _both(first: Condition, second: Condition) -> Condition:
    return lambda these: first(these) & second(these)


def _either(first: Condition, second: Condition) -> Condition:
    return lambda these: first(these) | second(these)


def _wanted(asked: Requests, _member: pa.Table) -> pa.Table:
    wanted = asked.parameters["wanted"]
    return _share(asked, asked.holds("asks", lambda asks: asks & wanted != 0), _openings(asked))


def _trained(asked: Requests, _member: pa.Table) -> pa.Table:
    value = asked.holds("capability", lambda capability: (capability >= 0) & (capability < NO_VALUE))
    return _share(asked, value, _openings(asked))


def _openings(asked: Requests) -> Mask:
    opens: Mask = asked.read & asked.column("opens")
    return opens


def _thinking(asked: Requests, _member: pa.Table) -> pa.Table:
    return _share(asked, asked.column("thinking"), asked.there("thinking"))


def _served(asked: Requests, _member: pa.Table) -> pa.Table:
    goes_on = asked.holds("turns", lambda turns: turns > 1) & asked.there("thinking")
    return _share(asked, asked.column("thinking") & ~asked.known("template"), goes_on)


def _single(asked: Requests, _member: pa.Table) -> pa.Table:
    return _share(asked, asked.holds("turns", lambda turns: turns <= FEW), asked.there("turns"))


SHARES: Mapping[str, Counted] = {
    alignment_harvest.SIGNAL.query: _of_prompts(_either(_is(7), _both(_asks("sensitive"), _asks("rewrite")))),
    asks_for_training_value.SIGNAL.query: _wanted,
    cleanup_loop.SIGNAL.query: _of_prompts(
        _both(_asks("clean"), _asks("output", "reason", "tags", "rationale", "hidden"))
    ),
    extended_thinking.SIGNAL.query: _thinking,
    grades_answers.SIGNAL.query: _of_prompts(_is(6)),
    inline_reasoning.SIGNAL.query: _of_prompts(_asks("tags", "inline")),
    language_coercion.SIGNAL.query: _of_prompts(_both(_asks("reason_in"), _asks("language"))),
    pipeline_help.SIGNAL.query: _of_prompts(_both(_asks("train"), _asks("code"))),
    pretexts.SIGNAL.query: _of_prompts(_asks("pretext", "authority")),
    reasoning_after_the_fact.SIGNAL.query: _of_prompts(
        _both(_asks("answered"), _asks("rationale", "reason"))
    ),
    serve_and_harvest.SIGNAL.query: _served,
    single_turn.SIGNAL.query: _single,
    task_laundering.SIGNAL.query: _of_prompts(
        _both(_asks("translate", "rewrite", "encode"), _asks("hidden", "pretext"))
    ),
    task_making.SIGNAL.query: _of_prompts(_both(_asks("make", "pose"), _asks("verifier"))),
    training_pipeline.SIGNAL.query: _least(_of_prompts(_asks("make", "pose")), _of_prompts(_is(6))),
    training_value.SIGNAL.query: _trained,
}
"""By query, what counts its answer from the requests of members and the relation `member`."""
