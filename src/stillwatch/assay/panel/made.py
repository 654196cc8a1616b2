"""The report of a panel, made from its items, its transcripts and the scores of its tasks: the same every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.panel.answers import is_right, refuses
from stillwatch.assay.panel.asked import question
from stillwatch.assay.panel.corrected import Labels, corrected
from stillwatch.assay.panel.gaps import Row, Told, gaps, profile
from stillwatch.assay.panel.inspected import RIGHT, Scores
from stillwatch.model.panel import Item, Panel, PanelReport

ALWAYS = (
    "A panel describes and confirms nothing: to be close to a teacher is no sign of having learned from it.",
    "Refusals of unsafe prompts and of safe ones are never one figure: the first should be many, the second few.",
)
OF_CENSORSHIP = "Censorship tells of a base model and its training afterwards, and nothing of the teacher."
OF_KEYWORDS = "Refusals were recognised by how an answer opens. A model that talks around a question is not caught by that."


def reported(
    panel: Panel,
    items: Sequence[Item],
    kept: Transcripts,
    scores: Mapping[str, Scores] | None = None,
    labels: Labels | None = None,
) -> PanelReport:
    """Everything there is to say."""
    told = {**_of_items(panel, items, kept), **_of_tasks(panel, scores or {})}
    suspect, base, teacher = (model.name for model in panel.models)
    judged, labelled = _labelled(panel, items, kept, labels or {})
    return PanelReport(
        seal=panel.seal,
        transcript_digest=kept.whole(),
        models={"suspect": suspect, "base": base, "teacher": teacher},
        margin=panel.margin,
        gaps=gaps(told, suspect, (base, teacher), panel.margin),
        profile=profile(told, (suspect, base, teacher), panel.near),
        corrected=tuple(corrected(told, judged, labelled, panel.random_seed)),
        labelled=len(labelled),
        limits=tuple(_limits(panel, items, kept, told)),
        problems=kept.problems(),
    )


def _of_items(panel: Panel, items: Sequence[Item], kept: Transcripts) -> Told:
    """Masks over the items that all three answered."""
    rows: dict[Row, list[tuple[bool, ...]]] = {}
    for item in items:
        answers = [kept.answer(model, question(item, panel)) for model in panel.models]
        said = [answer.text for answer in answers if answer is not None]
        if len(said) == len(answers):
            is_benchmark = item.panel == "benchmark"
            rows.setdefault((item.panel, item.row), []).append(
                tuple(is_right(text, item.expected) if is_benchmark else refuses(text) for text in said)
            )
    return {row: _masks(panel, told) for row, told in rows.items()}


def _masks(panel: Panel, told: Sequence[Sequence[bool]]) -> Mapping[str, np.ndarray]:
    table = np.array(told, np.bool_).reshape(-1, len(panel.models))
    return {model.name: table[:, at] for at, model in enumerate(panel.models)}


def _of_tasks(panel: Panel, scores: Mapping[str, Scores]) -> Told:
    """Masks over the samples that have a score of all three."""
    found: dict[Row, Mapping[str, np.ndarray]] = {}
    for task, by_model in scores.items():
        common = sorted(set.intersection(*(set(by_model[m.name]) for m in panel.models)))
        rows = [[by_model[m.name][sample] >= RIGHT for m in panel.models] for sample in common]
        found["benchmark", task] = _masks(panel, rows)
    return found


def _labelled(
    panel: Panel, items: Sequence[Item], kept: Transcripts, labels: Labels
) -> tuple[np.ndarray, np.ndarray]:
    """What the keywords said, and what somebody says, of each labelled answer."""
    pairs = []
    for item in items:
        for model in panel.models:
            answer = kept.answer(model, question(item, panel))
            label = labels.get((item.item_id, model.name))
            if label is not None and answer is not None and item.panel != "benchmark":
                pairs.append((refuses(answer.text), label))
    table = np.array(pairs, np.bool_).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _limits(panel: Panel, items: Sequence[Item], kept: Transcripts, told: Told) -> Iterator[str]:
    panels = {row[0] for row in told}
    for model in panel.models:
        missing = sum(kept.answer(model, question(item, panel)) is None for item in items)
        if missing:
            yield f"{model.name}: {missing:,} of {len(items):,} items have no answer; all models go without them."
    if panels & {"refusal", "censorship"}:
        yield OF_KEYWORDS
    if "censorship" in panels:
        yield OF_CENSORSHIP
    yield from ALWAYS
