"""The process of Java that Spark's driver is here: what it says goes to a file, and its end is told.

Java and Spark write on standard error before any setting of theirs can be heard, also where nothing but errors is to be
printed. So the process is given a file in its place, and what stands last in it goes into the error when Java does not
start or ends.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

STANDARD_ERROR = 2
_MOST_READ = 65_536
_OF_JAVA = re.compile(r"Exception in thread \S+ (?P<said>.*)|(?P<line>(?!\s*at |WARNING|\s*\.\.\.).*\S.*)")
_CALL = "An error occurred while calling"
_PYTHON = "Traceback (most recent call last):"


class Heard:
    """What a process that was started meanwhile says on standard error."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  held as long as the process may speak

    @contextmanager
    def from_here(self) -> Iterator[None]:
        """Processes that are started in here speak to this file, for as long as they run."""
        was = os.dup(STANDARD_ERROR)
        os.dup2(self._file.fileno(), STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(was, STANDARD_ERROR)
            os.close(was)

    def last(self) -> str:
        """The exception that ended it, or else the last line that is no frame and no warning; empty if there is none."""
        self._file.seek(max(0, os.fstat(self._file.fileno()).st_size - _MOST_READ))
        found = [
            m
            for line in self._file.read().decode(errors="replace").splitlines()
            if (m := _OF_JAVA.match(line))
        ]
        thrown = [m["said"] for m in found if m["said"]]
        return (thrown or [m["line"] for m in found if m["line"]] or [""])[-1]

    def close(self) -> None:
        """Hear no more; the process may go on speaking."""
        self._file.close()


def ended() -> str | None:
    """How the driver's Java ended, if there was one and it did: killed with signal 9, or with status 1."""
    process: Any = getattr(SparkContext._gateway, "proc", None)  # noqa: SLF001  the library has no other word for it
    status = None if process is None else process.poll()
    if status is None:
        return None
    return f"was killed with signal {-status}" if status < 0 else f"ended with status {status}"


def forget() -> None:
    """Let go of a driver that has ended, so that the next session starts another and nothing is asked of this one."""
    for name in ("_gateway", "_jvm", "_active_spark_context"):
        setattr(SparkContext, name, None)
    SparkSession._instantiatedSession = None  # noqa: SLF001  as above


def first_line(error: Exception) -> str:
    """What an error says, as a sentence: Spark's go on with a plan and Java's frames, and begin with a call."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if _PYTHON in lines:
        lines = [_raised(lines[lines.index(_PYTHON) + 1 :])]
    elif len(lines) > 1 and lines[0].startswith(_CALL):
        lines = [lines[1].removeprefix(": ")]
    line = lines[0] if lines else type(error).__name__
    return line if line.endswith(".") else f"{line}."


def _raised(lines: list[str]) -> str:
    """The line of a Python traceback that says what was raised: the first word of an error that no frame follows."""
    named = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Interrupt|Exit)\b", line)]
    return f"on an executor, {named[-1]}" if named else "on an executor, an error of Python"
