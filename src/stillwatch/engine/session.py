"""The Spark session of a scan: local, on a cluster, through Spark Connect, or the one that a job has already.

What goes wrong here is told with what was asked and what to do: a missing extra, no Java, a master that does not answer.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import socket
import sys
import warnings
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pyspark
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from stillwatch.engine.driver import Heard, ended, first_line, forget
from stillwatch.errors import UsageError

OLDEST = 4
CONNECT_PORT = 15002
PATIENCE_SECONDS = 10

_LOCAL = re.compile(r"local(\[(?P<cores>\d+|\*)(,\s*\d+)?\])?")
_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""What every session must have, wherever it runs, so that queries mean the same."""


@dataclass(frozen=True)
class Session:
    """A session, where it is, whether it was opened here, and what its driver says if that was started here."""

    spark: Any
    place: str
    is_own: bool
    heard: Heard | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the driver was started here and is there no longer."""
        return ended() is not None and not self.place.startswith("sc://")

    def why(self, error: Exception) -> str:
        """What went wrong when something was asked of it, and what to do."""
        if not self.has_ended:
            return first_line(error)
        last = self.heard.last() if self.heard else ""
        said = f" Its last words: {last}." if last else ""
        return (
            f"the process of Java that drives Spark at {self.place} {ended()} before it answered.{said} If nobody stopped it, it "
            "had too little memory: give a local one more with --memory, or one of a job with spark.driver.memory."
        )

    def stop(self) -> None:
        """End the session if it was opened here; one that a job had goes on."""
        if self.has_ended:
            forget()
        elif self.is_own:
            self.spark.stop()
        if self.heard is not None:
            self.heard.close()


def open_session(master: str | None, memory: str | None) -> Session:
    """The session at that master; None takes the one that there is, or what the job's configuration says."""
    if int(pyspark.__version__.split(".", 1)[0]) < OLDEST:
        raise UsageError(
            f"Spark is read with PySpark 4 or later; here is {pyspark.__version__}: pip install 'stillwatch[spark]'."
        )
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    PySparkLogger.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    there = SparkSession.getActiveSession()
    if there is not None and (master is None or _is_at(there, master)):
        return _set(Session(there, master or "the session of the job", is_own=False))
    local = None if master is None else _LOCAL.fullmatch(master)
    if local or (master is None and "SPARK_REMOTE" not in os.environ):
        _need_java(master)
    builder = SparkSession.builder.appName("stillwatch")
    if master is not None and master.startswith("sc://"):
        _reach(master)
        builder = builder.remote(master)
    elif master is not None:
        builder = builder.master(master)
    if local:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        for name, value in _on_this_machine(local["cores"], memory).items():
            builder = builder.config(name, value)
    return _opened(builder, master)


def _opened(builder: Any, master: str | None) -> Session:
    heard = Heard()
    try:
        with heard.from_here():
            return _set(
                Session(builder.getOrCreate(), master or "the master of the job", is_own=True, heard=heard)
            )
    except Exception as error:
        said = heard.last() if ended() or "JAVA_GATEWAY_EXITED" in str(error) else ""
        heard.close()
        raise UsageError(
            f"No Spark session at {master or 'the master of the job'}: {f'{said}.' if said else first_line(error)} Check the "
            "address, that the cluster runs and that this machine reaches it; --master local[2] needs no cluster."
        ) from error


def _is_at(there: Any, master: str) -> bool:
    """Whether the session that there is runs at that master; Spark would take it as if it did."""
    at = None if master.startswith("sc://") else there.conf.get("spark.master", None)
    if at is not None and at != master:
        raise UsageError(
            f"Spark was asked for at {master}, and this process has a session at {at} already, beside which there can be no "
            "other. Leave --master out to use that one, or stop it first."
        )
    return at is not None


def _reach(address: str) -> None:
    """Whether anybody listens there: Spark Connect itself would try again for many minutes."""
    found = urlsplit(address)
    place = (found.hostname or "localhost", found.port or CONNECT_PORT)
    try:
        socket.create_connection(place, timeout=PATIENCE_SECONDS).close()
    except OSError as error:
        raise UsageError(
            f"No Spark Connect server answers at {address}: {error.strerror or error}. Check the host and the port "
            f"({place[1]}), that the server runs, and that this machine reaches it."
        ) from error


def _need_java(master: str | None) -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and os.access(f"{home}/bin/java", os.X_OK)):
        raise UsageError(
            f"Spark at {master or 'this machine'} needs Java 17 or later, and no java was found on the PATH or in JAVA_HOME. "
            "Install one, such as openjdk-17-jre-headless, or give a Spark Connect address: --master sc://HOST."
        )


def _on_this_machine(cores: str | None, memory: str | None) -> dict[str, str]:
    """What one machine needs otherwise than a cluster: few partitions, no pages, all memory in one process."""
    threads = os.cpu_count() or 1 if cores == "*" else int(cores or 1)
    return {
        "spark.sql.shuffle.partitions": str(max(2, threads)),
        "spark.driver.memory": _java(memory or "2GB"),
        "spark.driver.maxResultSize": "0",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }


def _java(memory: str) -> str:
    """An amount such as 1.5GB as Java says it: 1536m."""
    number, unit = re.fullmatch(r"\s*([\d.]+)\s*([KMGT])i?B\s*", memory, re.IGNORECASE).groups()  # type: ignore[union-attr]
    return f"{max(1, int(float(number) * 1024 ** ('KMGT'.index(unit.upper()) - 1)))}m"


def _set(session: Session) -> Session:
    for name, value in _SESSION.items():
        session.spark.conf.set(name, value)
    return session
