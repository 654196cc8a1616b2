"""Benchmarks as inspect-ai runs them (extra `[evals]`): its tasks, solvers and scorers, and our client in place of its providers.

A model is given to inspect-ai as a provider of ours, so that budget, rate, bounds and transcripts hold as for any other question, and a panel that was answered
is scored again without a network. Tasks ask in plain text here: a chat is joined into one prompt, and tools and images are refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stillwatch.assay.panel.asked import Asker
from stillwatch.errors import InputError, UsageError
from stillwatch.model.assay import Request
from stillwatch.model.panel import Panel

EXTRA = "Tasks of inspect-ai need the extra evals: pip install 'stillwatch[evals]'."
RIGHT = 0.5
"""A score from so much on is a right answer."""
LOGS = "inspect"
Scores = Mapping[str, Mapping[str, float]]
"""By task's sample and model."""


def needed() -> None:
    """Refuse where the extra is missing."""
    if find_spec("inspect_ai") is None:
        raise UsageError(EXTRA)


def scored(panel: Panel, askers: Mapping[str, Asker], folder: Path) -> Mapping[str, Scores]:
    """The scores of every task, by model and sample; a sample that could not be asked has none."""
    needed()
    from inspect_ai import eval as evaluate  # noqa: PLC0415  an extra

    found: dict[str, dict[str, dict[str, float]]] = {}
    for task in panel.tasks:
        by_model = found.setdefault(task.name, {})
        for model in panel.models:
            (log,) = evaluate(
                task.name,
                model=_as_model(askers[model.name], panel),
                log_dir=str(folder / LOGS),
                log_format="json",
                display="none",
                limit=panel.limit or None,
                fail_on_error=False,
                max_samples=4,
                temperature=0.0,
                seed=0,
            )
            if log.status != "success":
                raise InputError(f"inspect-ai could not run {task.name}: {_told(log)}.")
            by_model[model.name] = _values(log.samples or [])
    return found


def _told(log: Any) -> str:
    return str(log.error.message if log.error else log.status)[:400]


def _values(samples: Sequence[Any]) -> dict[str, float]:
    """The first score of each sample, as a number."""
    from inspect_ai.scorer import value_to_float  # noqa: PLC0415  an extra

    number, found = value_to_float(), {}
    for sample in samples:
        values = [score.value for score in (sample.scores or {}).values()]
        if values and not sample.error and not isinstance(values[0], (dict, list)):
            found[f"{sample.id}/{sample.epoch}"] = float(number(values[0]))
    return found


def _as_model(asker: Asker, panel: Panel) -> Any:
    """An endpoint as inspect-ai wants a model. What it is asked through stays out of what inspect-ai knows and writes down of a model."""
    from inspect_ai.model import GenerateConfig, Model, ModelAPI, ModelOutput, modelapi  # noqa: PLC0415  an extra

    class Asked(ModelAPI):
        """Answers by the asker."""

        async def generate(self, input: Any, tools: Any, tool_choice: Any, config: Any) -> Any:  # noqa: A002, ARG002  the library's names
            if tools:
                raise InputError("This task offers tools, which a panel does not ask with. Leave it out.")
            request = Request(
                prompt=_joined(input),
                most_tokens=config.max_tokens or panel.most_tokens,
                temperature=config.temperature or 0.0,
                seed=config.seed,
            )
            told = await asyncio.to_thread(asker.answer, request)
            if told.problem:
                raise InputError(f"{asker.endpoint.name}: {told.problem}")
            return ModelOutput.from_content(asker.endpoint.model, told.text)

    return Model(modelapi(name="stillwatch")(Asked)(asker.endpoint.name), GenerateConfig())


def _joined(messages: Sequence[Any]) -> str:
    """A chat as one prompt: the only one, or each with who says it."""
    if any(not isinstance(message.content, str) for message in messages):
        raise InputError("This task asks with images or files, which a panel does not. Leave it out.")
    if len(messages) == 1:
        return str(messages[0].content)
    return "\n\n".join(f"{message.role}: {message.content}" for message in messages)
