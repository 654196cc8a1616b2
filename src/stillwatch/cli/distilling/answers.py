"""A teacher's answers to prompts: read from a file, written by a model of this machine, or asked for over HTTP, each kept before the next."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from stillwatch.assay.client._base import Bounds, Estimate, ModelClient, estimate
from stillwatch.assay.client.http import HttpClient, Purse
from stillwatch.assay.client.local import from_folder
from stillwatch.assay.client.transcripts import Transcripts, address
from stillwatch.cli.distilling.named import Named
from stillwatch.distil.exchanges import Pair, Taken, cleaned, read_pairs
from stillwatch.errors import InputError, UsageError
from stillwatch.model.assay import Endpoint, Request

TRANSCRIPTS = "answers.jsonl"
NO_ANSWER = "without an answer"
Told = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What each prompt is asked with, and within which bounds."""

    most_tokens: int
    temperature: float
    seed: int
    bounds: Bounds
    threads: int = 4

    def requests(self, prompts: Sequence[str]) -> list[Request]:
        """One for each prompt."""
        return [
            Request(
                prompt=p, most_tokens=self.most_tokens, temperature=self.temperature, seed=self.seed + number
            )
            for number, p in enumerate(prompts)
        ]


def answers(
    teacher: Named, prompts: Sequence[str], asking: Asking, transcripts: Path, seal: str, *, told: Told
) -> Taken:
    """The pairs to teach from, and what was left out."""
    if teacher.form is None and teacher.path is not None:
        return read_pairs(teacher.path, teacher.name)
    requests = asking.requests(prompts)
    if teacher.form == "small":
        texts = _written(teacher, requests, told)
        return _taken(prompts, texts, Counter())
    asked = teacher.endpoint or Endpoint(name=teacher.name, role="teacher", url="", model=teacher.name)
    kept = Transcripts.opened(transcripts, seal)
    _refuse_dear(asked, kept, requests, asking)
    client, close = _client(teacher, asking)
    try:
        _ask(client, asked, requests, kept, asking.threads, told=told)
    finally:
        close()
    found = [kept.answers[address(asked, request)] for request in requests]
    problems = Counter(one.problem.partition(":")[0] for one in found if one.problem)
    return _taken(prompts, [one.text for one in found], problems)


def foreseen(teacher: Named, prompts: Sequence[str], asking: Asking) -> Estimate | None:
    """What an endpoint will be asked at most; None where nobody is asked over a network."""
    return estimate(asking.requests(prompts)) if teacher.endpoint is not None else None


def _refuse_dear(asked: Endpoint, kept: Transcripts, requests: Sequence[Request], asking: Asking) -> None:
    open_ = sum(kept.answer(asked, request) is None for request in requests)
    if asked.url and open_ > asking.bounds.budget:
        raise UsageError(
            f"Up to {open_:,} queries are needed, and the budget is {asking.bounds.budget:,}. Give a larger --budget, or fewer prompts."
        )


def _client(teacher: Named, asking: Asking) -> tuple[ModelClient, Callable[[], None]]:
    if teacher.endpoint is not None:
        client = HttpClient(teacher.endpoint, Purse(asking.bounds))
        return client, client.close
    assert teacher.path is not None  # noqa: S101
    return from_folder(teacher.path), lambda: None


def _ask(
    client: ModelClient,
    asked: Endpoint,
    requests: Sequence[Request],
    kept: Transcripts,
    threads: int,
    *,
    told: Told,
) -> None:
    """Ask what is not answered yet. An error ends it, and what was answered stays."""
    open_ = [request for request in dict.fromkeys(requests) if kept.answer(asked, request) is None]
    done = len(requests) - len(open_)

    def ask(request: Request) -> None:
        nonlocal done
        started = time.monotonic()
        answer = client.generate(request)
        kept.keep(asked, request, answer, time.monotonic() - started)
        done += 1
        told(done, len(requests))

    with ThreadPoolExecutor(threads if asked.url else 1) as pool:
        futures = [pool.submit(ask, request) for request in open_]
        try:
            ended, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in ended:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _written(teacher: Named, requests: Sequence[Request], told: Told) -> list[str]:
    from stillwatch.distil.writer import SmallWriter  # noqa: PLC0415  an extra

    assert teacher.path is not None  # noqa: S101
    texts = SmallWriter.opened(teacher.path).write(requests)
    told(len(texts), len(texts))
    return texts


def _taken(prompts: Sequence[str], texts: Sequence[str], problems: Counter[str]) -> Taken:
    pairs = [Pair(prompt, text) for prompt, text in zip(prompts, texts, strict=True) if text.strip()]
    if silent := len(prompts) - len(pairs) - problems.total():
        problems[NO_ANSWER] = silent
    if not pairs:
        why = ", ".join(f"{what}: {count:,}" for what, count in sorted(problems.items()))
        raise InputError(
            f"The teacher answered none of {len(prompts):,} prompts ({why}). Nothing was taught; run again when it answers."
        )
    return cleaned(Taken(tuple(pairs), problems))
