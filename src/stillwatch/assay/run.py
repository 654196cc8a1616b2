"""Asks every model of a plan what is not answered yet, and keeps each answer before the next is asked for.

A plan that may stop early is asked in blocks: the suspect first, looked at after each, and once it is found the controls by the same rule. If the suspect is not
found, every model is asked everything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from stillwatch.assay.case import Case, Tools
from stillwatch.assay.client._base import Estimate, ModelClient, estimate
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.looking import Ends, ends, look_for, refuse_to_look_without_keys, stopped_at
from stillwatch.assay.queries import scored
from stillwatch.assay.stopping import asked_until, made
from stillwatch.model.assay import TESTED, Completion, Endpoint, Plan, Probe, Request

Wanted = list[tuple[Endpoint, Request]]
Told = Callable[[int, int], None]
ALL_ROUNDS = (1, 2)


def wanted(
    plan: Plan, probes: Sequence[Probe], kept: Transcripts, which: int, told: Ends | None = None
) -> Wanted:
    """What of a round is not answered yet, each question once; of a run that ended early, no more than was asked by then."""
    open_: dict[tuple[str, Request], tuple[Endpoint, Request]] = {}
    whole = plan if told is None else replace(plan, tests=made(plan))
    for endpoint in plan.endpoints:
        requests = (
            asked_until(plan, probes, endpoint, look_for(told, endpoint))
            if which == 1
            else scored(whole, probes, endpoint, kept.answer)
        )
        for request in requests:
            if kept.answer(endpoint, request) is None:
                open_.setdefault((endpoint.name, request), (endpoint, request))
    return list(open_.values())


def foreseen(plan: Plan, probes: Sequence[Probe], kept: Transcripts, told: Ends | None = None) -> Estimate:
    """What a run will take at most: nothing for what is kept; texts that are not written yet are taken to be as long as they may."""
    first = [request for _, request in wanted(plan, probes, kept, 1, told)]
    known = [request for _, request in wanted(plan, probes, kept, 2, told)]
    if told is not None:
        return estimate([*first, *known])
    unwritten = Completion(text="x" * (4 * plan.most_tokens))

    def missing(writer: Endpoint, request: Request) -> Completion | None:
        return unwritten if kept.answer(writer, request) is None else None

    second = [request for endpoint in plan.endpoints for request in scored(plan, probes, endpoint, missing)]
    return estimate([*first, *known, *second])


def run(
    plan: Plan,
    probes: Sequence[Probe],
    kept: Transcripts,
    clients: Mapping[str, ModelClient],
    *,
    threads: int = 4,
    told: Told = lambda _done, _of: None,
    tools: Tools | None = None,
) -> Ends | None:
    """Both rounds; gives where they ended, if they ended early. What fails is told in its completion; an error ends the run, and what was answered stays."""
    asking = _Asking(kept, clients, threads, told)
    ended = None
    if plan.stopping is not None:
        case = Case(plan, probes, kept.answer, tools or Tools())
        refuse_to_look_without_keys(case)
        ended = _in_blocks(case, asking)
    for which in ALL_ROUNDS:
        asking.ask(wanted(plan, probes, kept, which, ended))
    return ended


def _in_blocks(case: Case, asking: _Asking) -> Ends | None:
    """Ask each tested model, the suspect first, a part of the questions and look, until it is found or all is asked."""
    assert case.plan.stopping is not None  # noqa: S101  its caller asked
    for model in case.models(*TESTED):
        for look in range(1, case.plan.stopping.looks + 1):
            asking.ask([(model, r) for r in dict.fromkeys(asked_until(case.plan, case.probes, model, look))])
            if stopped_at(case, model):
                break
        else:
            if model == case.suspect:
                return None
    return ends(case)


@dataclass(frozen=True)
class _Asking:
    """How questions are asked: by which clients, how many at a time."""

    kept: Transcripts
    clients: Mapping[str, ModelClient]
    threads: int
    told: Told

    def ask(self, questions: Wanted) -> None:
        """Ask what is not answered yet."""
        open_ = [(e, r) for e, r in questions if self.kept.answer(e, r) is None]
        done = 0

        def ask(question: tuple[Endpoint, Request]) -> None:
            nonlocal done
            endpoint, request = question
            started = time.monotonic()
            answer = self.clients[endpoint.name].generate(request)
            self.kept.keep(endpoint, request, answer, time.monotonic() - started)
            done += 1
            self.told(done, len(open_))

        _in_threads(ask, open_, self.threads)


def _in_threads(ask: Callable[[tuple[Endpoint, Request]], None], questions: Wanted, threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(ask, question) for question in questions]
        try:
            ended, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in ended:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)
