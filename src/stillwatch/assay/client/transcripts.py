"""Every answer that an assay rests on, kept by content: a result is made from transcripts alone, without a network.

One line of JSON an answer, under the digest of who was asked and what. A run that was cut goes on where it stopped; an answer that was a
problem is asked for again, and the later line counts. Each line carries its own digest and the seal of the plan that it was asked under.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from stillwatch.errors import InputError
from stillwatch.model.assay import Completion, Endpoint, Request


def digest(value: Any) -> str:
    """SHA-256 of a value in JSON's canonical form."""
    told = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(told.encode("ascii")).hexdigest()


def address(endpoint: Endpoint, request: Request) -> str:
    """Where an answer lies: who was asked, and what."""
    return _address(endpoint.name, endpoint.model, request)


@lru_cache(maxsize=1 << 18)
def _address(name: str, model: str, request: Request) -> str:
    return digest({"name": name, "model": model, "request": asdict(request)})


@dataclass
class Transcripts:
    """The answers of one assay, in memory and in a file."""

    file: Path
    seal: str
    answers: dict[str, Completion] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    foreign: int = 0
    damaged: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def opened(cls, file: Path, seal: str) -> Transcripts:
        """What the file holds under that seal; a last line that was cut is counted as damaged and left out."""
        made = cls(file, seal)
        if file.exists():
            try:
                lines = file.read_bytes().splitlines()
            except OSError as error:
                raise InputError(f"{file} cannot be read: {error.strerror}.") from error
            for line in lines:
                made._take(line)
        return made

    def _take(self, line: bytes) -> None:
        try:
            told = json.loads(line)
            own = told.pop("digest")
            completion = Completion(**{**told["completion"], "logprobs": _logs(told["completion"])})
            at, seal = str(told["address"]), told["seal"]
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            self.damaged += 1
            return
        if digest(told) != own:
            self.damaged += 1
        elif seal != self.seal:
            self.foreign += 1
        else:
            self.answers[at], self.digests[at] = completion, own

    def answer(self, endpoint: Endpoint, request: Request) -> Completion | None:
        """What was answered, without a problem; None if nothing was."""
        found = self.answers.get(address(endpoint, request))
        return found if found is not None and not found.problem else None

    def keep(self, endpoint: Endpoint, request: Request, completion: Completion, seconds: float) -> None:
        """Write an answer down before anything else happens."""
        at = address(endpoint, request)
        line: dict[str, Any] = {
            "address": at,
            "asked": endpoint.name,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "completion": asdict(completion),
            "model": endpoint.model,
            "request": asdict(request),
            "seal": self.seal,
            "seconds": round(seconds, 3),
        }
        line = json.loads(json.dumps(line))
        own = digest(line)
        with self._lock:
            self._write(json.dumps({**line, "digest": own}, sort_keys=True) + "\n")
            self.answers[at], self.digests[at] = completion, own

    def _write(self, line: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        is_cut = self.file.exists() and not _ends_whole(self.file)
        with self.file.open("a", encoding="ascii") as file:
            file.write(("\n" if is_cut else "") + line)

    def whole(self) -> str:
        """One digest of all answers that count, whatever order they came in."""
        return digest([self.digests[at] for at in sorted(self.digests)])

    def problems(self) -> Mapping[str, int]:
        """What went wrong and is still so, by kind."""
        found = Counter(c.problem.partition(":")[0] for c in self.answers.values() if c.problem)
        more = {"lines that were damaged": self.damaged, "answers under another plan": self.foreign}
        return {**dict(sorted(found.items())), **{what: count for what, count in more.items() if count}}

    def names(self, endpoint: Endpoint, requests: list[Request]) -> Mapping[str, int]:
        """Under which names the server answered, and how often."""
        found = (self.answer(endpoint, request) for request in requests)
        return dict(Counter(c.model for c in found if c is not None and c.model))


def _logs(told: Mapping[str, Any]) -> tuple[float, ...] | None:
    return None if told["logprobs"] is None else tuple(map(float, told["logprobs"]))


def _ends_whole(file: Path) -> bool:
    with file.open("rb") as opened:
        opened.seek(0, 2)
        if opened.tell() == 0:
            return True
        opened.seek(-1, 2)
        return opened.read(1) == b"\n"
