"""How campaigns ask when they do more than put a template around a task, by the names of `Plan.wording`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from stillwatch.simulate.assumptions import ASSUMED, requests
from stillwatch.simulate.assumptions.requests import TALKS, Ask
from stillwatch.simulate.catalogue import agent
from stillwatch.simulate.content import Content, plain
from stillwatch.simulate.elicitation import Elicitation
from stillwatch.simulate.text import grammar

Weighted = list[tuple[Content, float]]


def _ruse(name: str) -> list[str]:
    texts: list[str] = grammar()["ruses"][name]
    return texts


def _framed(made: Elicitation, name: str, ending: str, capability: str, *, ask: Ask | None = None) -> Content:
    """Some of a ruse's frames with clauses of the campaign's own, around `ending`."""
    low, high = ASSUMED.campaigns.ruse_frames
    chosen = made.brush.rng.permutation(_ruse(name))[: int(made.brush.rng.integers(low, high + 1))]
    extras = [made.clause("extra") for _ in chosen]
    frames = [f"{extra} {frame}" for extra, frame in zip(extras, chosen.tolist(), strict=True)]
    made.frames += frames
    texts = [f"{frame}\n{ending}" for frame in frames]
    content = plain(
        made.brush.library, f"{name}-{capability}", texts, capability,
        ask=ask or made.ask, extraction=True, in_order=True,
    )  # fmt: skip
    content.answers = made.answers(capability)
    return content


def posthoc(made: Elicitation) -> Weighted:
    """The reasoning behind an answer that stands in the prompt (E02)."""
    slot = made.tasks("reasoning")
    return [(_framed(made, "posthoc", f"{made.clause('label')} {{{slot}}}\n{{final}}", "reasoning"), 1.0)]


def pretext(made: Elicitation) -> Weighted:
    """A claim that hidden text may be shown (E03), often refused."""
    ask = replace(made.ask, refusal=ASSUMED.campaigns.pretext_refusal)
    return [(_framed(made, "pretext", f"{{{made.tasks('reasoning')}}}", "reasoning", ask=ask), 1.0)]


def laundered(made: Elicitation) -> Weighted:
    """A transformation of notes that nobody has seen (E04)."""
    return [(_framed(made, "launder", f"{{{made.tasks('reasoning')}}}", "reasoning"), 1.0)]


def language(made: Elicitation) -> Weighted:
    """One clause in ten languages: the hidden reasoning in the language of the question (E05)."""
    reasoning, chinese = made.tasks("reasoning"), made.tasks("instruction")
    clauses = _ruse("coercion")
    made.frames += clauses[:1]
    texts = [f"{{{slot}}}\n\n{clause}" for clause in clauses for slot in (reasoning, chinese)]
    content = plain(
        made.brush.library, "coercion", texts, "reasoning", ask=made.ask, extraction=True, in_order=True
    )
    content.answers = made.answers("reasoning")
    return [(content, 1.0)]


def search(made: Elicitation) -> Weighted:
    """Many small variants, refused less and less (E07); the last content works the one that was kept."""
    variants = [
        f"{lead} {what} {carry}. {{{slot}}}"
        for slot in (made.tasks("reasoning"),)
        for lead in _ruse("search_lead")
        for what in _ruse("search_what")
        for carry in _ruse("search_carry")
    ]
    order = made.brush.rng.permutation(len(variants))
    winner = variants[int(order[0])]
    made.frames.append(winner.rpartition(" {")[0])
    refusals = ASSUMED.campaigns.search_refusals
    stages = ([variants[i] for i in order], [variants[i] for i in order[: len(order) // 4]], [winner])
    return [
        (_probes(made, f"search-{stage}", texts, refusal), 1.0)
        for stage, (texts, refusal) in enumerate(zip(stages, refusals, strict=True))
    ]


def _probes(made: Elicitation, name: str, texts: list[str], refusal: float) -> Content:
    ask = replace(made.ask, refusal=refusal)
    content = plain(made.brush.library, name, texts, "reasoning", ask=ask, extraction=True, in_order=True)
    content.answers = made.answers("reasoning")
    return content


def task(made: Elicitation) -> Weighted:
    """Tasks with tests and solutions (E11)."""
    return [(_framed(made, "task", f"{{{made.tasks('coding')}}}", "coding"), 1.0)]


def media(made: Elicitation) -> Weighted:
    """Pictures in a sweep, with a fixed list of what to return (E12)."""
    ask = replace(made.ask, images=1.0)
    return [(_framed(made, "vision", "{picture}", "vision", ask=ask), 1.0)]


def harness(made: Elicitation) -> Weighted:
    """Only users of agent programs are served by the teacher (H09): their system prompts over a relay's client."""
    content = agent(made.brush)
    content.extraction = True
    content.ask = replace(content.ask, reasoning=ASSUMED.campaigns.silent_thinking)
    made.frames.append(grammar()["agent_systems"][0])
    return [(content, 1.0)]


def stored(made: Elicitation) -> Weighted:
    """Own users' recorded sessions are run again (H08): stale dates, tool results and ids of another program."""
    library, rng = made.brush.library, made.brush.rng
    kept = rng.permutation(library.pool("chat"))[: ASSUMED.campaigns.stored_sessions]
    slot = made.define("sessions", kept)
    texts = [f"{{{slot}}}\n[session of {{stamp}}]", f"{{{slot}}}", "{agent_task}\n[opened {stamp}]"]
    content = plain(
        library, "stored", texts, "agentic", ask=made.ask, talk=TALKS["agent"], extraction=True,
        in_order=True, keep_prompt=True,
    )  # fmt: skip
    content.toolsets = np.full(len(texts), made.brush.toolsets["foreign"])
    steps = ["[{call_id} {stamp}] {agent_step}", "[{call_id} {stamp}] {passage}"]
    content.follow = plain(library, "stored-step", steps, "agentic", ask=made.ask)
    made.frames.append("[session of")
    return [(content, 1.0)]


def cleaned(made: Elicitation) -> Weighted:
    """Answers of the campaign come back to be put in order (H10)."""
    rng, assumed = made.brush.rng, ASSUMED.campaigns
    traces = made.brush.library.add(_trace(made) for _ in range(assumed.cleaned_traces))
    harvest = made.harvest("reasoning")
    harvest.answers = traces
    records = made.define("records", rng.permutation(traces))
    loop = _framed(made, "clean", f"{{{records}}}", "reasoning")
    return [(harvest, 1 - assumed.cleaned_share), (loop, assumed.cleaned_share)]


def _trace(made: Elicitation) -> str:
    """A made-up answer that is its own: the words of a derivation around drawn objects."""
    steps = [made.brush.fill(made.brush.one_of(grammar()["sentences"])) for _ in range(3)]
    return f"Step 1. {steps[0]} Step 2. {steps[1]} Step 3. {steps[2]} RESULT: as derived."


def crossed(made: Elicitation) -> Weighted:
    """Another model's answers are graded (H11)."""
    ask = replace(made.ask, answer_tokens=requests.GRADING_ANSWER_TOKENS, reasoning=requests.GRADING_THINKING)
    ending = f"{{{made.tasks('reasoning')}}}\n{{rival_answer}}"
    return [(_framed(made, "cross", ending, "grading", ask=ask), 1.0)]


def teacher(made: Elicitation) -> Weighted:
    """The model writes tasks, solves and grades them, and helps with the pipeline (U01, U02)."""
    pipeline = plain(
        made.brush.library, "pipeline", _ruse("pipeline"), "coding", ask=made.ask, extraction=True
    )
    return [
        *((content, 0.4) for content, _ in task(made)),
        (made.harvest("grading"), 0.3),
        (made.harvest("coding"), 0.25),
        (pipeline, 0.05),
    ]


def arbitrage(made: Elicitation) -> Weighted:
    """One task list, much refused by one model and answered by another (V05)."""
    guarded = made.harvest("reasoning")
    refused = replace(made.ask, refusal=ASSUMED.campaigns.guarded_refusal)
    return [(replace(guarded, ask=refused), 1.0), (replace(guarded, name="harvest-moved"), 1.0)]


def canary(made: Elicitation) -> Content:
    """A few short questions, the same every day, that tell whether answers got worse (V03)."""
    texts = [made.brush.fill(text) for text in _ruse("canary")]
    ask = replace(requests.DRIFT, refusal=0.0)
    return plain(made.brush.library, "canary", texts, "reasoning", ask=ask, extraction=True)


RUSES: Mapping[str, Callable[[Elicitation], Weighted]] = {
    "posthoc": posthoc,
    "pretext": pretext,
    "laundered": laundered,
    "language": language,
    "search": search,
    "task": task,
    "media": media,
    "harness": harness,
    "stored": stored,
    "cleaned": cleaned,
    "crossed": crossed,
    "teacher": teacher,
    "arbitrage": arbitrage,
}


def asked(made: Elicitation) -> Weighted:
    """What the campaign asks, with weights."""
    wanted = RUSES[made.plan.wording](made) if made.plan.wording in RUSES else made.contents()
    if made.plan.canaries:
        wanted.append((canary(made), ASSUMED.campaigns.canary_share))
    return wanted
