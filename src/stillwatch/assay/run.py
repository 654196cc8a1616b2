"""Asks every model of a plan what is not answered yet, and keeps each answer before the next is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from stillwatch.assay.client._base import Estimate, ModelClient, estimate
from stillwatch.assay.client.transcripts import Transcripts
from stillwatch.assay.queries import asked, scored
from stillwatch.model.assay import Completion, Endpoint, Plan, Probe, Request

Wanted = list[tuple[Endpoint, Request]]
ALL_ROUNDS = (1, 2)


def wanted(plan: Plan, probes: Sequence[Probe], kept: Transcripts, which: int) -> Wanted:
    """What of a round is not answered yet, each question once."""
    open_: dict[tuple[str, Request], tuple[Endpoint, Request]] = {}
    for endpoint in plan.endpoints:
        requests = (
            asked(plan, probes, endpoint) if which == 1 else scored(plan, probes, endpoint, kept.answer)
        )
        for request in requests:
            if kept.answer(endpoint, request) is None:
                open_.setdefault((endpoint.name, request), (endpoint, request))
    return list(open_.values())


def foreseen(plan: Plan, probes: Sequence[Probe], kept: Transcripts) -> Estimate:
    """What a run will take at most: nothing for what is kept; texts that are not written yet are taken to be as long as they may."""
    first = [request for _, request in wanted(plan, probes, kept, 1)]
    known = [request for _, request in wanted(plan, probes, kept, 2)]
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
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> None:
    """Both rounds. What fails is told in its completion; an error ends the run, and what was answered stays."""
    for which in ALL_ROUNDS:
        questions = wanted(plan, probes, kept, which)
        done = 0

        def ask(question: tuple[Endpoint, Request]) -> None:
            nonlocal done
            endpoint, request = question
            started = time.monotonic()
            answer = clients[endpoint.name].generate(request)
            kept.keep(endpoint, request, answer, time.monotonic() - started)
            done += 1
            told(done, len(questions))  # noqa: B023  the pool ends within the round

        _in_threads(ask, questions, threads)


def _in_threads(ask: Callable[[tuple[Endpoint, Request]], None], questions: Wanted, threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(ask, question) for question in questions]
        try:
            ended, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in ended:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)
