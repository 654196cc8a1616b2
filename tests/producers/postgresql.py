"""A PostgreSQL of one's own: a server that lives as long as a context, on a socket in a folder that only its user enters."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

UNPRIVILEGED = "postgres"
PACKAGE = ("apt-get", "install", "-y", "-q", "postgresql")


class Database:
    """One database, spoken to through `psql`."""

    def __init__(self, programs: Path, place: Path) -> None:
        self.url = f"postgresql://{UNPRIVILEGED}@/postgres?host={place}"
        self._psql = [str(programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(place)]
        self._psql += ["-U", UNPRIVILEGED, "-d", "postgres"]

    def run(self, sql: str) -> str:
        """What the statements print, without frames."""
        done = subprocess.run(
            [*self._psql, "-t", "-A"], input=sql, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr[:2000])
        return done.stdout


@contextmanager
def postgresql() -> Iterator[Database]:
    """A new server, stopped and removed at the end."""
    programs = _programs()
    place = Path(tempfile.mkdtemp(prefix="stillwatch-postgresql-"))
    data = place / "data"
    try:
        if os.getuid() == 0:
            shutil.chown(place, UNPRIVILEGED)
        _as_unprivileged([programs / "initdb", "-D", data, "-U", UNPRIVILEGED, "-A", "trust", "-E", "UTF8"])
        options = f"-c listen_addresses='' -c unix_socket_directories={place} -c timezone=America/Bogota"
        log = place / "log"
        _as_unprivileged([programs / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start"])
        try:
            yield Database(programs, place)
        finally:
            _as_unprivileged([programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _programs() -> Path:
    """The folder of the server's programs, which Debian keeps out of the path; installed if there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        subprocess.run(PACKAGE, check=True, capture_output=True)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent


def _as_unprivileged(command: Sequence[object]) -> None:
    """Run as a user who may start the server: it refuses to be root's."""
    words = [str(word) for word in command]
    if os.getuid() == 0:
        words = ["runuser", "-u", UNPRIVILEGED, "--", *words]
    done = subprocess.run(
        words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{words}: {done.stderr[:2000]}")
