"""What the harder look-alikes say, by the names used in `assumptions/populations.py`.

Each stands close to one way of campaigns: a long public system prompt, one assignment, templates of unrelated
clients behind one card, articles by the hundred, reasoning in the language of the reader, tasks with tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from stillwatch.simulate.assumptions import requests
from stillwatch.simulate.assumptions.requests import TALKS, Ask
from stillwatch.simulate.catalogue import Brush, people
from stillwatch.simulate.content import Content, mixed, plain
from stillwatch.simulate.text import grammar

_HOUSE_KINDS = ("conversation", "instruction", "data_analysis", "translation", "coding")


def _texts(name: str) -> list[str]:
    texts: list[str] = grammar()["lookalikes"][name]
    return texts


def framework(brush: Brush) -> Content:
    """Users of one open source agent: thousands of unrelated accounts with one long system prompt."""
    content = plain(
        brush.library, "framework", _texts("framework_task"), "agentic", ask=requests.AGENT,
        talk=TALKS["agent"], keep_prompt=True,
    )  # fmt: skip
    content.systems = np.repeat(brush.library.add(_texts("framework_system")), len(content.templates))
    content.toolsets = np.full(len(content.templates), brush.toolsets["agent-0"])
    content.follow = plain(
        brush.library, "framework-step", _texts("framework_step"), "agentic", ask=requests.AGENT
    )
    return content


def sheet(brush: Brush) -> Content:
    """One exercise sheet for a whole course: everybody pastes the same four tasks."""
    tasks = [brush.fill(text) for _ in range(brush.parties) for text in _texts("university_sheet")]
    content = plain(brush.library, "sheet", tasks, "coding", ask=requests.PEOPLE, talk=TALKS["event"])
    content.account_block, content.block = brush.party, len(_texts("university_sheet"))
    content.openers, content.closers = (brush.library.add(grammar()[n]) for n in ("openers", "closers"))
    content.follow = plain(brush.library, "follow", grammar()["follow"], "coding", ask=requests.PEOPLE)
    return content


def clients(brush: Brush) -> Content:
    """A small agency: each account is another client's product, with templates and a system of its own."""
    texts = []
    for _ in range(brush.size):
        kind, house = brush.one_of(list(_HOUSE_KINDS)), brush.house_name()
        template = brush.one_of(grammar()["business"][kind])
        texts.append((kind, f"{brush.one_of(['', f'For {house}. ', f'[{house}] '])}{template}"))
    content = mixed(
        brush.library, "clients", texts, ask=requests.MACHINE, account_block=np.arange(brush.size), block=1
    )
    content.account_systems = brush.library.add(
        brush.fill(brush.one_of(grammar()["business_systems"])) for _ in range(brush.size)
    )
    return content


def _own_words(brush: Brush, text: str) -> str:
    """A text as one house would word it: unrelated organisations do the same work in other words."""
    house = brush.house_name()
    for word, *others in grammar()["lookalikes"]["reworded"]:
        text = re.sub(rf"\b{word}\b(?![^{{]*\}})", brush.one_of([word, *others]), text)
    opening = brush.one_of(["", f"[{house}] ", f"{house}: ", f"For {house}. "])
    return (
        opening
        + text
        + brush.one_of(["", f" House style {house}.", f" {house} ref {brush.rng.integers(100, 999)}."])
    )


def _shared(brush: Brush, name: str, capability: str, *, ask: Ask = requests.MACHINE) -> Content:
    """Two templates for each party, in words of its own; what fills their slots is drawn at each request."""
    kept = [_own_words(brush, brush.one_of(_texts(name))) for _ in range(2 * brush.parties)]
    return plain(brush.library, name, kept, capability, ask=ask, account_block=brush.party, block=2)


def farm(brush: Brush) -> Content:
    """A content farm: articles, titles and reviews by the hundred, from one office."""
    return _shared(brush, "content_farm", "instruction", ask=requests.GENERATION)


def free_tier(brush: Brush) -> Content:
    """One small product spread over free accounts, to stay below what has to be paid."""
    return _shared(brush, "free_tier", "conversation")


def warm_up(brush: Brush) -> Content:
    """Accounts made to be sold, kept warm by small talk from a script."""
    return _shared(brush, "account_farm", "conversation")


def persona_net(brush: Brush) -> Content:
    """Comments and posts in many made-up voices."""
    return _shared(brush, "persona_net", "conversation", ask=requests.PEOPLE)


def wrapper(brush: Brush) -> Content:
    """An assistant under a brand of its own, whose makers say that it runs on others' models."""
    content = people(brush)
    systems = [
        text.replace("Pebble", brush.house_name()) for text in _texts("wrapper_system") * brush.parties
    ]
    content.name, content.account_systems = "wrapper", brush.library.add(systems)[brush.party]
    return content


def localisation(brush: Brush) -> Content:
    """Teams that want text and explanations in the reader's language, each team in one."""
    texts = [
        _own_words(brush, text.replace("{language}", language))
        for language in (brush.fill("{language}") for _ in range(brush.parties))
        for text in _texts("localisation")
    ]
    return plain(
        brush.library, "localisation", texts, "translation", ask=requests.AUDIT,
        account_block=brush.party, block=len(_texts("localisation")),
    )  # fmt: skip


def exam(brush: Brush) -> Content:
    """Makers of examinations: task, tests and solution together."""
    return _shared(brush, "exam", "coding", ask=requests.AUDIT)


def safety(brush: Brush) -> Content:
    """A trust and safety team: rule-bound replies to sensitive questions."""
    brush.library.define("topic_sensitive", brush.library.pool("topic"))
    return _shared(brush, "safety", "alignment", ask=requests.JUDGE)


def regression(brush: Brush) -> Content:
    """Regression tests of a product on its own recorded requests."""
    return _shared(brush, "regression", "conversation", ask=requests.DRIFT)


def editing(brush: Brush) -> Content:
    """An editorial desk: drafts go in again and again."""
    return _shared(brush, "editing", "instruction", ask=requests.AUDIT)


def comparison(brush: Brush) -> Content:
    """A public site that compares answers of several models."""
    return _shared(brush, "comparison", "grading", ask=requests.JUDGE)


def captioning(brush: Brush) -> Content:
    """Captions of product pictures, in shifts."""
    return _shared(brush, "captioning", "vision", ask=requests.CAPTION)


LOOKALIKES: Mapping[str, Callable[[Brush], Content]] = {
    "framework": framework,
    "sheet": sheet,
    "clients": clients,
    "farm": farm,
    "free_tier": free_tier,
    "warm_up": warm_up,
    "persona_net": persona_net,
    "wrapper": wrapper,
    "localisation": localisation,
    "exam": exam,
    "safety": safety,
    "regression": regression,
    "editing": editing,
    "comparison": comparison,
    "captioning": captioning,
}
