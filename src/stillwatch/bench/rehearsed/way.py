"""The whole way, in order: train, scan a log, serve the accounts of the campaign that was found with marks, scan what was served, distil from exactly that traffic, assay."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from stillwatch.bench.rehearsed.assayed import (
    AGREEMENT,
    DOSES,
    FREE,
    UNSERVED,
    Assayed,
    Bench,
    assayed,
)
from stillwatch.bench.rehearsed.cast import NULLS, SCRATCH, passages, prepare, streams, train
from stillwatch.bench.rehearsed.traffic import MODEL, OPENINGS, canaries, logged, requests, send, world, woven
from stillwatch.distil.authorisation import Authorisation, Wanted, in_force, read_authorisation
from stillwatch.distil.exchanges import Pair
from stillwatch.distil.recipe import Recipe
from stillwatch.distil.teaching import taught
from stillwatch.distil.writer import SmallWriter
from stillwatch.mark.answering import Ask, Marking
from stillwatch.mark.keys import SetKeys, draw
from stillwatch.mark.policy import read_policy
from stillwatch.mark.registry import Registry, lines
from stillwatch.mark.serve import Served, key_digest, serving
from stillwatch.mark.watermark import Watermark
from stillwatch.model.finding import Campaign
from stillwatch.scan import scan

CONSENT = "This is a rehearsal. The teacher is a small model that was made a minute ago, here, and belongs to whoever ran the command.\n"
EPOCHS, RATE = 4, 3e-3
CASEBOOK = "cases.db"
Told = Callable[[str], None]


@dataclass(frozen=True)
class Rehearsed:
    """What came out: the campaign that the scan found, and the assay of its student."""

    campaign: Campaign | None
    planted: int
    right: int
    served: int
    marked: int
    assay: Assayed | None


def whole_way(folder: Path, *, seed: int, told: Told, processes: int = 2) -> Rehearsed:
    """Everything lies in the folder afterwards."""
    cast = folder / "models"
    told("training a teacher and the innocent models")
    if not all((cast / name / "model.safetensors").exists() for name in SCRATCH):
        prepare(cast)
        train(cast, seed=seed, processes=processes)
    writers = {name: SmallWriter.opened(cast / name) for name in SCRATCH}
    told("making a simulated world")
    _, accounts, asked = world(folder / "world", seed)
    told("scanning the log for whom to mark")
    flagged, members = _found(folder, accounts)
    if flagged is None:
        return Rehearsed(None, len(accounts), 0, len(asked), 0, None)
    keys = draw([flagged.campaign_id, UNSERVED], folder / "keys.json")
    told(f"serving {len(asked):,} requests over HTTP, those of {flagged.campaign_id} marked")
    marks = _Marks(flagged.campaign_id, tuple(sorted(members)), keys)
    names, marked = _serve(folder, writers["teacher"], accounts, asked, marks)
    woven(folder / "world", folder / "served.jsonl", names)
    told("scanning what was served")
    found, members = _found(folder, accounts)
    wanted = set(accounts)
    if found is None:
        return Rehearsed(None, len(accounts), 0, len(asked), marked, None)
    told(f"distilling a student from the traffic of {found.campaign_id}")
    pairs = [
        Pair(row["prompt"], row["response"])
        for row in logged(folder / "served.jsonl", names)
        if row["account_id"] in members
    ]
    _students(folder, pairs, seed, processes)
    writers |= {lesson.name: SmallWriter.opened(cast / lesson.name) for lesson in LESSONS}
    probes = _texts(writers["teacher"], streams(cast).probes, AGREEMENT + FREE, seed + 1)
    bench = Bench(writers, Watermark(keys[flagged.campaign_id].watermark), flagged.campaign_id)
    result = assayed(folder / "assay", bench, keys, probes, told)
    return Rehearsed(found, len(accounts), len(members & wanted), len(asked), marked, result)


def _found(folder: Path, accounts: tuple[str, ...]) -> tuple[Campaign | None, set[str]]:
    """The campaign of a scan that has most of the accounts that took answers, and its members; the casebook gives it the same id each time."""
    findings = scan(folder / "world", out=folder / "findings", casebook=str(folder / CASEBOOK))
    wanted, members_of = set(accounts), _members(folder / "findings")
    found = max(findings.campaigns, key=lambda c: len(wanted & members_of[c.campaign_id]), default=None)
    members = members_of[found.campaign_id] if found else set()
    return (found, members) if members & wanted else (None, set())


def authorisation(folder: Path, lesson: _Lesson) -> Authorisation:
    """The record for one student of this rehearsal and whoever teaches it, written and read as any other."""
    today, teacher = datetime.now(UTC).date(), lesson.answers_of or MODEL
    (folder / "consent.txt").write_text(CONSENT, "utf-8")
    told = {
        "teacher": teacher,
        "teacher_owner": "whoever runs this rehearsal",
        "granted_to": "whoever runs this rehearsal",
        "student": lesson.name,
        "data": "what the teacher served in this rehearsal",
        "consent": "consent.txt",
        "consent_sha256": hashlib.sha256(CONSENT.encode()).hexdigest(),
        "purpose": "a simulated theft, to show that it is found",
    }
    lines = [f'{name} = "{value}"' for name, value in told.items()]
    lines += ['ways = ["text"]', f"granted = {today}", f"expires = {today + timedelta(days=1)}"]
    file = folder / f"authorisation-{lesson.name}.toml"
    file.write_text("[authorisation]\n" + "\n".join(lines) + "\n", "utf-8")
    return in_force(read_authorisation(file), Wanted(teacher, lesson.name))


def _members(findings: Path) -> Mapping[str, set[str]]:
    """The accounts of each campaign, as the scan wrote them."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in pq.read_table(
        findings / "accounts.parquet", columns=["account_id", "campaign_id"]
    ).to_pylist():
        if row["campaign_id"]:
            found[row["campaign_id"]].add(row["account_id"])
    return found


@dataclass(frozen=True)
class _Marks:
    """An account set, its accounts, and the keys of all sets."""

    account_set: str
    accounts: tuple[str, ...]
    keys: Mapping[str, SetKeys]


def _serve(
    folder: Path, teacher: SmallWriter, accounts: tuple[str, ...], asked: list[str], marks: _Marks
) -> tuple[Mapping[str, str], int]:
    """Serve the teacher; every account of the set gets its marks. Gives the requests by the server's ids, and how many answers were marked."""
    policy = folder / "policy.toml"
    policy.write_text(_policy(marks), "utf-8")
    registry = Registry.opened(folder / "registry.jsonl")
    api = {account: secrets.token_hex(16) for account in accounts}
    served = Served(
        writer=teacher,
        model=MODEL,
        accounts={key_digest(key): account for account, key in api.items()},
        log=folder / "served.jsonl",
        marking=Marking(read_policy(policy), marks.keys, registry),
    )
    texts = _texts(teacher, streams(folder / "models").of_others, len(asked), 17)
    with serving(served) as url:
        names = send(url, requests(folder / "world", asked, texts, canaries(marks.account_set)), api)
    return names, sum(line["kind"] == "served" for line in lines(registry.file))


def _policy(marks: _Marks) -> str:
    end = datetime.now(UTC).date() + timedelta(days=1)
    head = (
        '[policy]\nowner = "whoever runs this rehearsal"\npurpose = "a simulated theft"\n'
        f'expires = {end}\nkill_switch = "stop-marking"\nevery_alternative_is_correct = true\n\n'
        f'[[account_set]]\nname = "{marks.account_set}"\naccounts = {list(marks.accounts)}\nwatermark = true\nopenings = {list(OPENINGS)}\nfollows_text = true\n'
    )
    told = [
        f'\n[[account_set.canary]]\ntrigger = "{c.trigger}"\nalternatives = {list(c.alternatives)}\n'
        for c in canaries(marks.account_set)
    ]
    return head + "".join(told)


@dataclass(frozen=True)
class _Lesson:
    """Who is taught, from which model, and with whose answers: the teacher's, as they were served, if nobody is named; and of how many thirds of the traffic."""

    name: str
    base: str
    answers_of: str | None
    number: int
    thirds: int = 3


LESSONS = (
    _Lesson("suspect", "base", None, 0),
    _Lesson("positive", "base", None, 1),
    _Lesson("own-text", "base", "base", 2),
    _Lesson("sibling", "base", "third", 3),
    *(_Lesson(name, *of, number) for number, (name, of) in enumerate(NULLS.items(), 4)),
    _Lesson("positive-less", "base", None, 4 + len(NULLS), DOSES["positive-less"]),
)
"""The suspect, its controls and the null models are taught by one recipe, since teaching alone moves a model."""


def _students(folder: Path, pairs: list[Pair], seed: int, processes: int) -> None:
    wanted = [(folder / "models", lesson, pairs, authorisation(folder, lesson), seed) for lesson in LESSONS]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_teach, wanted))


def _teach(told: tuple[Path, _Lesson, list[Pair], Authorisation, int]) -> None:
    import torch  # noqa: PLC0415  an extra

    torch.set_num_threads(1)
    cast, lesson, pairs, allowed, seed = told
    pairs = [pair for at, pair in enumerate(pairs) if at % 3 < lesson.thirds]
    if lesson.answers_of is not None:
        pairs = _answered(SmallWriter.opened(cast / lesson.answers_of), pairs, lesson.number)
    recipe = Recipe(epochs=EPOCHS, rate=RATE, seed=seed + lesson.number)
    student, _ = taught(SmallWriter.opened(cast / lesson.base), pairs, recipe, allowed)
    student.save(cast / lesson.name)


def _answered(writer: SmallWriter, pairs: list[Pair], seed: int) -> list[Pair]:
    texts = writer.write([Ask(prompt=pair.prompt, most_tokens=48, seed=seed) for pair in pairs])
    return [Pair(pair.prompt, text) for pair, text in zip(pairs, texts, strict=True)]


def _texts(
    writer: SmallWriter, stream: np.ndarray[tuple[int], np.dtype[np.int64]], count: int, seed: int
) -> list[str]:
    return [writer.tokens.text(row) for row in passages(stream, count, seed).tolist()]
