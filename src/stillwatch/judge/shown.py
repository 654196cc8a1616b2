"""What is shown of judged clusters beside the campaigns: each part by the name that the findings have for it, made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from stillwatch.judge.case import Told
from stillwatch.judge.days import activity, births
from stillwatch.judge.explained import explain, holders
from stillwatch.judge.judged import Verdicts
from stillwatch.judge.sighted import corroborations
from stillwatch.judge.tables import account_table, exchange_table
from stillwatch.judge.tell import evidence_table
from stillwatch.judge.traits import tie_table
from stillwatch.weigh.holding import Integers


def shown(
    told: Sequence[Told], judged: Verdicts, accounts: pa.Table, principal: Integers
) -> Mapping[str, Callable[[], object]]:
    """The parts, the longest in making first; `accounts` are as the contract has them. None needs another one."""
    case, agreed = judged.case, judged.agreed
    log = case.log
    return {
        "exchanges": lambda: exchange_table(told, log),
        "evidence": lambda: evidence_table([row for t in told for row in t.evidence]),
        "activity": lambda: activity(told),
        "ties": lambda: tie_table(told, case),
        "accounts": lambda: account_table(told, log, agreed=agreed, principal=principal),
        "births": lambda: births(told, log),
        "explained": lambda: explain(judged.passed, case, holders(accounts, log.account_ids, principal)),
        "corroborated": lambda: corroborations(told, case.spoken),
    }
