"""Groups that agreements on file explain: they get no verdict, and are told, since a programme can be a way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.judge.agreement import DISTILLATION, EXPLAINING, Agreements
from stillwatch.judge.budget import JudgeSettings, within_budget
from stillwatch.judge.campaign import UNSURE
from stillwatch.judge.case import Case
from stillwatch.judge.purpose import Purpose
from stillwatch.judge.verdict import (
    LARGEST_Q,
    LEAST_ACCOUNTS,
    SUREST,
    Judged,
    eligible,
    is_covered,
    membership,
    standing,
)
from stillwatch.link.cluster import Cluster
from stillwatch.model.finding import Explained, Programme
from stillwatch.weigh.holding import Integers, Mask

MEMBERSHIP_DIGITS = 6


@dataclass(frozen=True, eq=False)
class PassedOver:
    """A cluster that earned no verdict because of agreements. `accounts` are positions."""

    cluster: Cluster
    accounts: Integers
    probability: float
    behaves_as_harvest: bool
    harvest_is_agreed: bool


def passed_over(
    clusters: Sequence[Cluster],
    accounts: Sequence[Integers],
    judged: Sequence[Judged],
    *,
    purpose: Purpose,
    agreed: Agreements,
    settings: JudgeSettings,
) -> list[PassedOver]:
    """Clusters of enough accounts, linked by more than chance, that agreements kept from a verdict.

    Either agreements cover half of the accounts, or too few are left once those that may distil have gone.
    """
    stands = standing(clusters, accounts, purpose, agreed)
    likely = eligible(stands, accounts, agreed)
    has_verdict = {j.number for j in judged}
    passed = []
    for number, (cluster, held) in enumerate(zip(clusters, accounts, strict=True)):
        if number in has_verdict or stands.q_value[number] > LARGEST_Q or len(held) < LEAST_ACCOUNTS:
            continue
        too_few_left = np.count_nonzero(~agreed.may_distil[held]) < LEAST_ACCOUNTS
        if not too_few_left and not is_covered(held, agreed):
            continue
        likely_without = likely.copy()
        likely_without[number] = stands.probability[number] * stands.is_candidate[number]
        harvest = bool(within_budget(likely_without, settings)[number])
        passed.append(
            PassedOver(
                cluster=cluster,
                accounts=held,
                probability=float(stands.probability[number]),
                behaves_as_harvest=harvest,
                harvest_is_agreed=harvest and bool(too_few_left),
            )
        )
    return passed


def holders(accounts: pa.Table, account_ids: Sequence[str], principal: Integers) -> Mapping[str, Mask]:
    """Which accounts hold each agreement of weight, themselves or through their declared organisation."""
    rows = pc.index_in(accounts["account_id"], pa.array(account_ids, pa.string()))
    held = accounts["programmes"].combine_chunks()
    names = pc.utf8_lower(pc.list_flatten(held))
    at = rows.combine_chunks().take(pc.list_parent_indices(held))
    return {
        name: _of_parties(at.filter(pc.equal(names, name)).to_numpy(), principal)
        for name in sorted({DISTILLATION, *EXPLAINING})
    }


def _of_parties(accounts: Integers, principal: Integers) -> Mask:
    return np.isin(principal, principal[accounts])


def explain(passed: Sequence[PassedOver], case: Case, held: Mapping[str, Mask]) -> tuple[Explained, ...]:
    """The groups as values: those worth a look first, the larger first; the ids decide ties."""
    told = [_explained(p, case, held) for p in passed]
    return tuple(sorted(told, key=_rank))


def _rank(group: Explained) -> tuple[bool, bool, int, str]:
    return (group.harvest_is_agreed, not group.behaves_as_harvest, -group.accounts, min(group.members))


def _explained(passed: PassedOver, case: Case, held: Mapping[str, Mask]) -> Explained:
    counts = [Programme(name, int(np.count_nonzero(mask[passed.accounts]))) for name, mask in held.items()]
    return Explained(
        accounts=len(passed.accounts),
        exchanges=len(case.rows_of(passed.accounts)),
        programmes=tuple(sorted((p for p in counts if p.accounts), key=lambda p: (-p.accounts, p.programme))),
        training_set_probability=min(SUREST if passed.behaves_as_harvest else UNSURE, passed.probability),
        behaves_as_harvest=passed.behaves_as_harvest,
        harvest_is_agreed=passed.harvest_is_agreed,
        members=_members(passed, case),
    )


def _members(passed: PassedOver, case: Case) -> tuple[str, ...]:
    sure = membership(passed.cluster, case.principal[passed.accounts]).round(MEMBERSHIP_DIGITS)
    ids = [case.log.account_ids[a] for a in passed.accounts.tolist()]
    return tuple(name for _, name in sorted(zip((-sure).tolist(), ids, strict=True)))
