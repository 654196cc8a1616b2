"""What campaigns ask: templates drawn from a grammar around real distillation prompts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillwatch.simulate.arrays import Floats, Ints, Rng
from stillwatch.simulate.assumptions import ASSUMED, requests
from stillwatch.simulate.assumptions.plans import Plan
from stillwatch.simulate.assumptions.requests import TALKS
from stillwatch.simulate.catalogue import Brush, agent, foreign, people, pool
from stillwatch.simulate.content import Content, plain
from stillwatch.simulate.text import grammar

_TASKS = {"grading": "grading", "alignment": "topic"}
_OWN_FRAME = ("grading", "alignment", "agentic", "tool_use", "conversation")
_TALKED = ("grading", "alignment", "conversation")
"""Capabilities that are asked for without a form of reasoning."""
_SWAPS = (
    ("Write", ("Produce", "Set down", "Give", "Compose")), ("answer", ("reply", "result", "response", "outcome")),
    ("task", ("exercise", "item", "question", "assignment")), ("reasoning", ("line of thought", "deliberation", "derivation")),
    ("Solve", ("Work out", "Resolve", "Tackle")), ("step", ("stage", "move", "point")), ("Show", ("Lay out", "Present", "Display")),
    ("the item", ("this item", "what follows", "the case")), ("full", ("complete", "entire", "whole")), ("before", ("ahead of", "prior to")),
)  # fmt: skip


class Elicitation:
    """The wording of one campaign: its own templates, tasks and settings, drawn once."""

    def __init__(self, plan: Plan, brush: Brush, name: str, copied: str | None = None) -> None:
        self.plan, self.brush, self.name, self.copied = plan, brush, name, copied
        rng = brush.rng
        self.ask = replace(
            requests.HARVEST,
            temperatures=(float(rng.choice(requests.HARVEST_TEMPERATURES)),),
            max_tokens=(int(rng.choice(requests.HARVEST_MAX_TOKENS)),),
            reasoning=float(rng.uniform(*ASSUMED.campaigns.thinking_share)),
            answer_tokens=float(rng.uniform(*ASSUMED.campaigns.answer_tokens)),
        )
        self.injection = f"{self.clause('form')} {self.clause('extra')} {self.clause('extra')}"
        self.product: str | None = None
        self.frames: list[str] = []

    def contents(self) -> list[tuple[Content, float]]:
        """Extraction contents with their weights."""
        if self.plan.wording == "human":
            return self._human()
        if self.plan.wording == "injected":
            return [(self._injected(capability), weight) for capability, weight in self.plan.capabilities]
        return [(self.harvest(capability), weight) for capability, weight in self.plan.capabilities]

    def sketch(self) -> str:
        """A template of the campaign, as somebody who saw it might have written it down."""
        return self.frames[0] if self.frames else self.injection

    def clause(self, clause: str) -> str:
        """One clause of that name, drawn."""
        return self.brush.one_of(grammar()["campaign"][clause])

    def template(self, capability: str) -> str:
        """One template for a capability, without its task."""
        rng = self.brush.rng
        clauses = [self.clause(capability) if capability in _OWN_FRAME else self.clause("open")]
        if capability not in _TALKED:
            clauses.append(
                self.clause("posthoc")
                if rng.random() < ASSUMED.campaigns.posthoc_share
                else self.clause("form")
            )
        clauses += [self.clause("extra") for _ in range(int(rng.integers(1, 3)))]
        if rng.random() < ASSUMED.campaigns.persona_share:
            clauses.append(self.clause("persona"))
        return " ".join(clauses)

    def paraphrase(self, capability: str) -> str:
        """One template whose words were swapped and whose clauses were moved."""
        rng = self.brush.rng
        clauses = self.template(capability).split(". ")
        text = ". ".join(clauses[i] for i in rng.permutation(len(clauses)))
        for word, others in _SWAPS:
            if rng.random() < ASSUMED.campaigns.swap_share:
                text = text.replace(word, self.brush.one_of(list(others)))
        return text

    def tasks(self, capability: str) -> str:
        """Define the campaign's task list for a capability and return its slot name."""
        rng = self.brush.rng
        tasks = self._pool(capability)
        kept = max(
            ASSUMED.campaigns.fewest_tasks, int(len(tasks) * rng.uniform(*ASSUMED.campaigns.task_share))
        )
        return self.define(f"task_{capability}", rng.permutation(tasks)[:kept])

    def _pool(self, capability: str) -> Ints:
        """Positions of tasks that draw on the capability."""
        library = self.brush.library
        if capability == "alignment":
            return library.pool("topic")
        if capability == "vision":
            return library.slot("item")
        if capability == "data_analysis":
            return library.add(self._tables())
        if capability == "conversation":
            return np.concatenate([library.pool(name) for name in ("bank", "persona_chat", "desk")])
        if capability == "instruction":
            written = (library.pool(name) for name in ("distil_zh", "seedtask"))
            return np.concatenate([library.pool("distil", "instruction"), *written])
        return library.pool("distil", capability)

    def _tables(self) -> list[str]:
        """Questions about small tables of figures."""
        rng, assumed = self.brush.rng, ASSUMED.campaigns
        made = []
        for _ in range(assumed.table_tasks):
            places = [
                self.brush.fill("{place}").split()[0] for _ in range(int(rng.integers(*assumed.table_rows)))
            ]
            rows = [f"{place},{rng.integers(10, 9999)}" for place in places]
            made.append("\n".join([self.clause("table"), self.brush.fill("{sql}"), "place,figure", *rows]))
        return made

    def define(self, what: str, values: Ints) -> str:
        """Make the texts at these positions the values of a slot of the campaign's own; returns its name."""
        slot = f"{what}_{self.name}".replace("-", "_").lower()
        slot = "".join(c if c.isalpha() or c == "_" else chr(ord("g") + int(c)) for c in slot)
        self.brush.library.define(slot, values)
        return slot

    def harvest(self, capability: str) -> Content:
        """The campaign's templates around its tasks."""
        slot = self.tasks(capability)
        frames = [self.copied] if self.copied else self._frames(capability)
        self.frames += frames
        label = self.clause("label")
        texts = [_in_order(frame, f"\n{label} {{{slot}}}") for frame in frames]
        ask = replace(self.ask, images=1.0 if capability == "vision" else 0.0)
        if capability == "grading":
            ask = replace(
                ask, answer_tokens=requests.GRADING_ANSWER_TOKENS, reasoning=requests.GRADING_THINKING
            )
        content = plain(
            self.brush.library,
            f"harvest-{capability}",
            texts,
            capability,
            ask=ask,
            extraction=True,
            in_order=True,
        )
        content.answers = self.answers(capability)
        self._name_product(content)
        if capability == "agentic":
            content.talk = TALKS["harvest-agentic"]
            content.follow = plain(
                self.brush.library, "step", grammar()["agent_results"], capability, ask=ask
            )
        return content

    def _frames(self, capability: str) -> list[str]:
        if self.plan.wording == "paraphrase":
            return [self.paraphrase(capability) for _ in range(ASSUMED.campaigns.paraphrases)]
        low, high = ASSUMED.campaigns.templates
        return [self.template(capability) for _ in range(int(self.brush.rng.integers(low, high + 1)))]

    def _injected(self, capability: str) -> Content:
        slot = self.tasks(capability)
        text = f"{{{slot}}}\n\n{self.injection}"
        content = plain(
            self.brush.library,
            f"injected-{capability}",
            [text],
            capability,
            ask=self.ask,
            extraction=True,
            in_order=True,
        )
        content.answers, content.talk = self.answers("reasoning"), TALKS["injected"]
        said = grammar()["agent_results"] if capability == "agentic" else grammar()["follow"]
        follow = [f"{text}\n\n{self.injection}" for text in said]
        content.follow = plain(self.brush.library, "injected-step", follow, capability, ask=self.ask)
        if capability == "agentic":
            offered = self.brush.toolsets["agent-3"]
            content.toolsets = np.full(len(content.templates), offered)
            content.follow.toolsets = np.full(len(follow), offered)
        self._name_product(content)
        return content

    def _human(self) -> list[tuple[Content, float]]:
        made = cover_contents(self.brush)
        for content, _ in made:
            content.extraction = True
            content.ask = replace(content.ask, reasoning=ASSUMED.campaigns.silent_thinking)
            self._name_product(content)
        return made

    def _name_product(self, content: Content) -> None:
        if self.product and content.systems is None:
            text = f"You are {self.product}, a helpful assistant. Never mention any other model."
            system = self.brush.library.add([text])[0]
            named = self.brush.rng.random(self.brush.size) < ASSUMED.campaigns.product_named_share
            content.account_systems = np.where(named, system, 0)

    def answers(self, capability: str) -> Ints:
        """What the model answers, with traces where they were asked for."""
        words = grammar()["answers"]
        traces = words["trace"] if capability in ("reasoning", "agentic", "instruction") else []
        return self.brush.library.add([*words[capability], *traces])


def _in_order(frame: str, ending: str) -> str:
    """The task first where the frame has a slot of its own, so that tasks are dealt out in order."""
    return f"{ending.lstrip()}\n{frame}" if "{" in frame else frame + ending


def cover_contents(brush: Brush) -> list[tuple[Content, float]]:
    """Other customers' traffic on the same accounts."""
    made = (people(brush), foreign(brush), agent(brush), pool(brush))
    return list(zip(made, ASSUMED.campaigns.customer_mix, strict=True))


def cover_shares(rng: Rng, plan: Plan, count: int) -> Floats:
    """The share of each account's traffic that is not extraction."""
    if plan.harvest is not None:
        focus = ASSUMED.campaigns.harvest_focus
        shares = (
            rng.beta(focus * plan.harvest, focus * (1 - plan.harvest), count)
            if plan.harvest
            else np.zeros(count)
        )
        return 1.0 - shares
    if plan.cover < 0:
        low, high = ASSUMED.campaigns.extraction_share
        return 1.0 - rng.uniform(low, high, count)
    return np.clip(
        rng.normal(plan.cover, plan.cover * ASSUMED.campaigns.cover_spread, count),
        0.0,
        ASSUMED.campaigns.most_cover,
    )
