"""What each class of innocent accounts says, by the names used in `assumptions.KINDS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Ints, Rng
from stillwatch.simulate.assumptions import requests
from stillwatch.simulate.assumptions.requests import TALKS
from stillwatch.simulate.content import Content, mixed, plain
from stillwatch.simulate.text import Library, grammar


@dataclass
class Brush:
    """What a content is painted with: the text table, and the accounts that will use it."""

    library: Library
    rng: Rng
    party: Ints
    program: Ints
    toolsets: dict[str, int]

    @property
    def size(self) -> int:
        """The number of accounts."""
        return len(self.party)

    @property
    def parties(self) -> int:
        """The number of organisations or events behind them."""
        return int(self.party.max()) + 1

    def fill(self, template: str, *, keep: tuple[str, ...] = ()) -> str:
        """The template with every slot but those to keep replaced by one drawn value."""

        def value(match: re.Match[str]) -> str:
            if match.group(1) in keep:
                return match.group(0)
            values = self.library.slot(match.group(1))
            return self.library.text(int(values[self.rng.integers(0, len(values))]))

        return re.sub(r"\{([a-z_]+)\}", value, template)

    def one_of(self, texts: list[str]) -> str:
        """One text, drawn."""
        return texts[int(self.rng.integers(0, len(texts)))]

    def house_name(self) -> str:
        """A made-up organisation name."""
        return " ".join(self.one_of(words).title() for words in grammar()["org_words"][:2])


def define_passages(library: Library, rng: Rng, count: int) -> None:
    """Make up documents that people paste and products look up."""
    brush = Brush(library, rng, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), {})
    sentences = grammar()["sentences"]
    sizes = rng.integers(2, 10, count)
    library.define(
        "passage", library.add(" ".join(brush.fill(brush.one_of(sentences)) for _ in range(n)) for n in sizes)
    )


def _conversational(brush: Brush, name: str, texts: list[tuple[str, str]]) -> Content:
    words = grammar()
    content = mixed(brush.library, name, texts, ask=requests.PEOPLE, talk=TALKS[name])
    content.openers = brush.library.add(words["openers"])
    content.closers = brush.library.add(words["closers"])
    asked = [t for t in words["people"]["conversation"] + words["people"]["coding"] if "passage" not in t]
    follow = words["follow"] if name == "foreign" else [*words["follow"], *asked]
    content.follow = plain(brush.library, "follow", follow, "conversation", ask=requests.PEOPLE)
    return content


def people(brush: Brush) -> Content:
    """Ordinary questions in English."""
    table = grammar()["people"]
    names = ("conversation", "instruction", "coding", "data_analysis", "translation", "reasoning")
    return _conversational(brush, "people", [(n, t) for n in names for t in table[n]])


def foreign(brush: Brush) -> Content:
    """Ordinary questions in Chinese and other languages."""
    table = grammar()["people"]
    content = _conversational(brush, "foreign", [("conversation", t) for t in table["zh"] + table["world"]])
    content.openers = content.closers = None
    return content


def pool(brush: Brush) -> Content:
    """Questions that real people put to a public arena."""
    return _conversational(brush, "pool", [("conversation", "{chat}")])


def paste(brush: Brush) -> Content:
    """Very common short prompts."""
    brush.library.define("paste", brush.library.add(grammar()["paste"]))
    return _conversational(brush, "paste", [("conversation", "{paste}")])


def persona(brush: Brush) -> Content:
    """Persona prompts copied from public collections."""
    return _conversational(
        brush, "persona", [("conversation", "{persona_chat}"), ("conversation", "{persona_zh}")]
    )


def viral(brush: Brush) -> Content:
    """A prompt that spreads through social media for some days."""
    return _conversational(brush, "viral", [("conversation", brush.one_of(grammar()["viral"]))])


def agent(brush: Brush) -> Content:
    """Coding and research agents: one public system prompt per program, many steps per conversation."""
    words, library = grammar(), brush.library
    texts = [("agentic", t) for t in [*words["agent_prompts"], "{agent_task}"]]
    frameworks = len(words["agent_systems"])
    content = mixed(
        library, "agent", texts * frameworks, ask=requests.AGENT, talk=TALKS["agent"], keep_prompt=True
    )
    content.block, content.account_block = len(texts), brush.program % frameworks
    content.systems = np.repeat(library.add(words["agent_systems"]), len(texts))
    content.toolsets = np.repeat([brush.toolsets[f"agent-{i}"] for i in range(frameworks)], len(texts))
    content.follow = plain(
        library, "agent-step", [*words["agent_results"], "{agent_step}"], "agentic", ask=requests.AGENT
    )
    return content


def ci(brush: Brush) -> Content:
    """Agents started by commits."""
    content = agent(brush)
    content.talk = TALKS["ci"]
    content.account_systems = brush.library.add(
        f"{grammar()['agent_systems'][int(p) % 5]}" for p in brush.program
    )
    return content


def _house(brush: Brush, name: str, kinds: tuple[str, ...], per_party: int) -> Content:
    """Templates of each organisation's own, drawn from the business grammar."""
    texts = []
    for _ in range(brush.parties):
        house = brush.house_name()
        for _ in range(per_party):
            kind = brush.one_of(list(kinds))
            template = brush.one_of(grammar()["business"][kind])
            opening = brush.one_of(["", "", f"[{house}] ", f"{house} internal. ", f"You work for {house}. "])
            ending = brush.one_of(
                ["", "", f" Follow the {house} style guide.", f" {house} ref {brush.rng.integers(100, 999)}."]
            )
            texts.append((kind, opening + template + ending))
    systems = brush.library.add(
        brush.fill(brush.one_of(grammar()["business_systems"])) for _ in range(brush.parties)
    )
    content = mixed(
        brush.library, name, texts, ask=requests.MACHINE, account_block=brush.party, block=per_party
    )
    content.account_systems = systems[brush.party]
    return content


def business(brush: Brush) -> Content:
    """Products that call the model with a template and a record."""
    return _house(
        brush, "business", ("conversation", "instruction", "data_analysis", "translation", "coding"), 2
    )


def etl(brush: Brush) -> Content:
    """Batch jobs over records."""
    return _house(brush, "etl", ("data_analysis", "data_analysis", "translation", "instruction"), 1)


def copilot(brush: Brush) -> Content:
    """Staff of a company chatting through an internal assistant."""
    content = people(brush)
    systems = [
        f"You are the internal copilot of {brush.house_name()}. Answer from the handbook."
        for _ in range(brush.parties)
    ]
    content.name, content.account_systems = "copilot", brush.library.add(systems)[brush.party]
    return content


def bpo(brush: Brush) -> Content:
    """Outsourced support and captioning: people at work in shifts."""
    content = plain(
        brush.library, "bpo", grammar()["bpo"], "conversation", ask=requests.MACHINE, talk=TALKS["bpo"]
    )
    content.follow = plain(brush.library, "follow", grammar()["follow"], "conversation", ask=requests.MACHINE)
    return content


def evaluation(brush: Brush) -> Content:
    """Public benchmarks through a harness."""
    texts = []
    for frame in grammar()["eval_frames"]:
        texts += [
            ("reasoning", frame.replace("{x}", "{eval_reasoning}")),
            ("coding", frame.replace("{x}", "{eval_coding}")),
        ]
    for name in ("reasoning", "coding"):
        brush.library.define(f"eval_{name}", brush.library.pool("eval", name))
    return mixed(
        brush.library, "eval", texts, ask=requests.EVALUATION, account_block=brush.party % 5, block=2
    )


def judge(brush: Brush) -> Content:
    """Grading in an evaluation."""
    texts = [t.replace("{x}", "{judge}") for t in grammar()["judge_frames"]]
    return plain(brush.library, "judge", texts, "grading", ask=requests.JUDGE)


def drift(brush: Brush) -> Content:
    """A fixed set of probes, every hour."""
    brush.library.define("probe", brush.library.add(grammar()["drift"]))
    return plain(
        brush.library,
        "drift",
        ["{probe}"],
        "other",
        ask=requests.DRIFT,
    )


def audit(brush: Brush) -> Content:
    """Reasons behind a product's decisions, for the file."""
    return plain(brush.library, "audit", grammar()["audit"], "reasoning", ask=requests.AUDIT)


def redteam(brush: Brush) -> Content:
    """Registered safety evaluators."""
    texts = [t.replace("{x}", "{topic_sensitive}") for t in grammar()["redteam"]]
    brush.library.define("topic_sensitive", brush.library.pool("topic"))
    return plain(brush.library, "redteam", texts, "alignment", ask=requests.REDTEAM)


def _event(brush: Brush, name: str, texts: list[str], capability: str) -> Content:
    """The same handful of tasks for everybody in a class or at an event."""
    tasks = [brush.fill(brush.one_of(texts)) for _ in range(4 * brush.parties)]
    content = plain(brush.library, name, tasks, capability, ask=requests.PEOPLE, talk=TALKS["event"])
    content.account_block, content.block = brush.party, 4
    content.openers, content.closers = (brush.library.add(grammar()[n]) for n in ("openers", "closers"))
    content.follow = plain(brush.library, "follow", grammar()["follow"], capability, ask=requests.PEOPLE)
    return content


def university(brush: Brush) -> Content:
    """Assignments of a course."""
    return _event(brush, "university", grammar()["university"], "coding")


def hackathon(brush: Brush) -> Content:
    """Tasks of an event."""
    return _event(brush, "hackathon", grammar()["hackathon"], "coding")


def _generation(brush: Brush, name: str, texts: list[str], keep: tuple[str, ...]) -> Content:
    templates = [brush.fill(brush.one_of(texts), keep=keep) for _ in range(brush.parties)]
    return plain(
        brush.library, name, templates, "instruction", ask=requests.GENERATION, account_block=brush.party
    )


def synthetic(brush: Brush) -> Content:
    """Academic synthetic corpora."""
    content = _generation(brush, "synthetic", grammar()["synthetic"], ("persona", "topic"))
    content.account_systems = np.repeat(brush.library.add(grammar()["synthetic_system"]), brush.size)
    return content


def authorised(brush: Brush) -> Content:
    """Distillation under an agreement on file."""
    return _generation(brush, "authorised", grammar()["authorised"], ("distil", "persona"))


CATALOGUE: Mapping[str, Callable[[Brush], Content]] = {
    "people": people,
    "foreign": foreign,
    "pool": pool,
    "paste": paste,
    "persona": persona,
    "viral": viral,
    "agent": agent,
    "ci": ci,
    "business": business,
    "etl": etl,
    "copilot": copilot,
    "bpo": bpo,
    "eval": evaluation,
    "judge": judge,
    "drift": drift,
    "audit": audit,
    "redteam": redteam,
    "university": university,
    "hackathon": hackathon,
    "synthetic": synthetic,
    "authorised": authorised,
}
