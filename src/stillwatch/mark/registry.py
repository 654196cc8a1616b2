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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from stillwatch.errors import InputError, UsageError
from stillwatch.mark.keys import SetKeys, commitment
from stillwatch.mark.policy import AccountSet, Policy

_FIRST = "0" * 64
_LONGEST_LINE = 1 << 20


@dataclass
class Registry:
    """The register of one policy, in a file."""

    file: Path
    _bound: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def opened(cls, file: Path) -> Registry:
        """The register of a file, every line checked; a new one where there is none."""
        made = cls(file)
        if file.exists():
            made._bound = bound(file)
        return made

    def refuse_bound(self, account_sets: Iterable[str]) -> None:
        """Refuse to bind a set again: another key for it could not be told from the first."""
        again = [name for name in account_sets if name in self._bound]
        if again:
            raise UsageError(
                f"A key of the account set {again[0]!r} is bound in {self.file} already. Keep the keys that were drawn for it, or name a new register, and a new set."
            )

    def commit(self, policy: Policy, keys: Mapping[str, SetKeys], now: datetime) -> None:
        """Bind the keys of a policy's sets, before anything is served. A set that is bound has to be bound to these keys and these canaries."""
        with self._locked() as opened:
            self._bound = bound(self.file)
            for found in policy.account_sets:
                if found.name not in keys:
                    continue
                told = _binding(found, keys[found.name])
                if found.name in self._bound:
                    _refuse_others(self._bound[found.name], told, found.name, self.file)
                    continue
                why = {
                    "expires": policy.expires.isoformat(),
                    "owner": policy.owner,
                    "purpose": policy.purpose,
                }
                self._bound[found.name] = told
                _add(opened, now, "commitment", account_set=found.name, **told, **why)

    def served(self, now: datetime, account_set: str, account: str, mark: str, of: str) -> None:
        """One answer that was marked. `of` is the digest of what it was served at, or of the answer."""
        if account_set not in self._bound:
            raise UsageError(
                f"No key of the account set {account_set!r} is bound. Run `stillwatch mark plan` before anything is served."
            )
        with self._locked() as opened:
            if _last(opened) == _FIRST:
                raise InputError(
                    f"{self.file} is empty or was taken away. Nothing is marked: restore the register."
                )
            _add(opened, now, "served", account_set=account_set, account=account, mark=mark, of=of)

    @contextmanager
    def _locked(self) -> Iterator[TextIO]:
        """The file, for one writer at a time, of this process or of another."""
        with self._lock:
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                opened = self.file.open("a+", encoding="ascii")
            except OSError as error:
                raise InputError(
                    f"{self.file} cannot be written: {error.strerror}. Nothing is marked without a register."
                ) from error
            with opened:
                fcntl.flock(opened, fcntl.LOCK_EX)
                yield opened


def bound(file: Path) -> dict[str, dict[str, Any]]:
    """What binds each account set, by its first commitment."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines(file):
        if line["kind"] == "commitment":
            found.setdefault(line["account_set"], line)
    return found


def _binding(found: AccountSet, keys: SetKeys) -> dict[str, Any]:
    return {
        "watermark": commitment(keys.watermark, found.name) if found.has_watermark else "",
        "canary": commitment(keys.canary, found.name) if found.canaries else "",
        "canaries": digest([[c.trigger, list(c.alternatives)] for c in found.canaries]),
    }


def _refuse_others(old: Mapping[str, Any], new: Mapping[str, Any], account_set: str, file: Path) -> None:
    """Refuse marks that the register does not bind. A mark may be left out: what is not served needs no key."""
    asked = [("watermark", "another key of the watermark")] if new["watermark"] else []
    asked += (
        [("canary", "another key of the canaries"), ("canaries", "other canaries")] if new["canary"] else []
    )
    for what, told in asked:
        if old.get(what) != new[what]:
            raise UsageError(
                f"{file} binds {told} for the account set {account_set!r} than what is given. Nothing is marked: "
                "serve with the keys and the canaries that were bound, or plan a new set in a new register."
            )


def _add(opened: TextIO, now: datetime, kind: str, **told: Any) -> None:
    line = {"at": now.isoformat(timespec="seconds"), "before": _last(opened), "kind": kind, **told}
    opened.write(json.dumps({**line, "digest": digest(line)}, sort_keys=True) + "\n")
    opened.flush()


def _last(opened: TextIO) -> str:
    """The digest of the last line, which another process may have written a moment ago."""
    end = opened.seek(0, os.SEEK_END)
    opened.seek(max(end - _LONGEST_LINE, 0))
    texts = opened.read().splitlines(keepends=True)
    if not texts:
        return _FIRST
    try:
        if texts[-1].endswith("\n"):
            return str(json.loads(texts[-1])["digest"])
    except (ValueError, KeyError, TypeError):
        pass
    raise InputError("The register ends in half a line. Nothing is marked: restore the register.")


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
            is_whole = line["before"] == last and digest(line) == own and _is_known(line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            is_whole = False
        if not is_whole:
            raise InputError(
                f"{file}, line {number}: it, or a line before it, was altered. Restore the register."
            )
        last = own
        yield {**line, "digest": own}


def _is_known(line: Mapping[str, Any]) -> bool:
    needed = {"commitment": ("account_set", "owner", "expires"), "served": ("account_set", "account", "mark")}
    return all(isinstance(line.get(name), str) for name in needed[line["kind"]])


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
