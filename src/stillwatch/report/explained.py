"""Groups that agreements on file explain, told for people: what was seen, what explains it, what to check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.model.finding import Explained
from stillwatch.model.likelihood import likelihood_word
from stillwatch.report.shown import shown
from stillwatch.report.wording import count, of, percent

MOST_GROUPS = 100
MOST_PROGRAMMES = 12
MOST_MEMBERS = 5

LIKE: dict[tuple[bool, bool], str] = {
    (False, False): "Nothing that would have been reported as distillation.",
    (True, True): "Behaves as a harvest, which is what its distillation agreement allows.",
    (True, False): "Behaves as a harvest: without the agreement it would have been reported as distillation.",
}


@dataclass(frozen=True)
class ExplainedRow:
    """One group, fit to be shown; `members` are a few of its accounts, and only of a group worth a look."""

    accounts: str
    exchanges: str
    programmes: tuple[str, ...]
    word: str
    probability: str
    like: str
    is_worth_a_look: bool
    members: tuple[str, ...]


def explained_line(groups: Sequence[Explained]) -> str:
    """The groups in one line; nothing if there are none."""
    if not groups:
        return ""
    harvests = sum(g.behaves_as_harvest for g in groups)
    agreed = sum(g.harvest_is_agreed for g in groups)
    verb = "is" if len(groups) == 1 else "are"
    told = f"{of(len(groups), 'linked group')} {verb} explained by agreements on file"
    if not harvests:
        return f"{told}."
    which = "it" if len(groups) == 1 else f"{count(harvests)} of them"
    behaves = "behaves" if harvests == 1 else "behave"
    return f"{told}; {which} {behaves} as a harvest{_allowed(agreed, harvests)}."


def _allowed(agreed: int, harvests: int) -> str:
    if not agreed:
        return ""
    part = "" if agreed == harvests else f"{count(agreed)} of these "
    return f", {part}as a distillation agreement allows"


def explained_rows(groups: Sequence[Explained]) -> tuple[ExplainedRow, ...]:
    """The groups as the report lists them, in the order of the scan."""
    return tuple(_row(group) for group in groups[:MOST_GROUPS])


def _row(group: Explained) -> ExplainedRow:
    is_worth_a_look = group.behaves_as_harvest and not group.harvest_is_agreed
    return ExplainedRow(
        accounts=count(group.accounts),
        exchanges=count(group.exchanges),
        programmes=tuple(
            f"{shown(p.programme, 40).replace('_', ' ')}: {of(p.accounts, 'account')}"
            for p in group.programmes[:MOST_PROGRAMMES]
        ),
        word=likelihood_word(group.training_set_probability),
        probability=percent(group.training_set_probability),
        like=LIKE[group.behaves_as_harvest, group.harvest_is_agreed],
        is_worth_a_look=is_worth_a_look,
        members=tuple(shown(m, 60) for m in group.members[:MOST_MEMBERS]) if is_worth_a_look else (),
    )
