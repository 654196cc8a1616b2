"""What was served to whom and when: commitments before the first answer, then one line for each mark. It only grows, and holds no key and no text.

Each line carries the digest of the line before it, so that a line that was altered or taken out is noticed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from stillwatch.errors import InputError, UsageError
from stillwatch.mark.keys import SetKeys, commitment
from stillwatch.mark.policy import Policy

_FIRST = "0" * 64
_LONGEST_LINE = 1 << 20


@dataclass
class Registry:
    """The register of one policy, in a file."""

    file: Path
    _committed: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def opened(cls, file: Path) -> Registry:
        """The register of a file, every line checked; a new one where there is none."""
        made = cls(file)
        if file.exists():
            for line in lines(file):
                if line["kind"] == "commitment":
                    made._committed.add(line["account_set"])
        return made

    def commit(self, policy: Policy, keys: Mapping[str, SetKeys], now: datetime) -> None:
        """Bind the keys of a policy's sets, before anything is served."""
        for found in policy.account_sets:
            if found.name in self._committed or found.name not in keys:
                continue
            mine = keys[found.name]
            self._add(
                now,
                "commitment",
                account_set=found.name,
                watermark=commitment(mine.watermark, found.name) if found.has_watermark else "",
                canary=commitment(mine.canary, found.name) if found.canaries else "",
                canaries=digest([[c.trigger, list(c.alternatives)] for c in found.canaries]),
                expires=policy.expires.isoformat(),
                owner=policy.owner,
                purpose=policy.purpose,
            )
            self._committed.add(found.name)

    def served(self, now: datetime, account_set: str, account: str, mark: str, of: str) -> None:
        """One answer that was marked. `of` is the digest of what it was served at, or of the answer."""
        if account_set not in self._committed:
            raise UsageError(
                f"No key of the account set {account_set!r} is bound. Run `stillwatch mark plan` before anything is served."
            )
        self._add(now, "served", account_set=account_set, account=account, mark=mark, of=of)

    def _add(self, now: datetime, kind: str, **told: Any) -> None:
        with self._lock:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a+", encoding="utf-8") as opened:
                fcntl.flock(opened, fcntl.LOCK_EX)
                line = {
                    "at": now.isoformat(timespec="seconds"),
                    "before": _last(opened),
                    "kind": kind,
                    **told,
                }
                opened.write(json.dumps({**line, "digest": digest(line)}, sort_keys=True) + "\n")


def _last(opened: TextIO) -> str:
    """The digest of the last line, which another process may have written a moment ago."""
    end = opened.seek(0, os.SEEK_END)
    opened.seek(max(end - _LONGEST_LINE, 0))
    texts = opened.read().splitlines()
    return str(json.loads(texts[-1])["digest"]) if texts else _FIRST


def digest(told: Any) -> str:
    """The digest of anything JSON can say."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a register, each checked against the one before."""
    last = _FIRST
    try:
        texts = file.read_text("utf-8").splitlines()
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}. Name the register that `mark plan` began."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file} is no register: it is no text. Name the one that `mark plan` began."
        ) from error
    for number, text in enumerate(texts, 1):
        try:
            line = json.loads(text)
            own = line.pop("digest")
            is_whole = line["before"] == last and digest(line) == own
        except (ValueError, KeyError, TypeError, AttributeError):
            is_whole = False
        if not is_whole:
            raise InputError(
                f"{file}, line {number}: it, or a line before it, was altered. Restore the register."
            )
        last = own
        yield {**line, "digest": own}


def counted(file: Path) -> tuple[list[dict[str, Any]], Mapping[tuple[str, str], int], Mapping[str, set[str]]]:
    """Commitments; served answers by set and mark; accounts by set."""
    commitments, marks, accounts = [], Counter[tuple[str, str]](), dict[str, set[str]]()
    for line in lines(file):
        if line["kind"] == "commitment":
            commitments.append(line)
        else:
            marks[line["account_set"], line["mark"]] += 1
            accounts.setdefault(line["account_set"], set()).add(line["account"])
    return commitments, marks, accounts
