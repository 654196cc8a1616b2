"""The driver's Java: what it says is kept from the screen, and told when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stillwatch.simulate.worlds import build
from tests.engine.spark_here import MISSING

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

SCAN = (sys.executable, "-c", "from stillwatch.cli import main; main()", "scan")
JAVA = 'Exception in thread "main" java.lang.Error: no room\n\tat a.B.c(B.java:1)\n'


def heard_from(program: str) -> str:
    from stillwatch.engine.driver import Heard  # noqa: PLC0415  an optional extra

    heard = Heard()
    with heard.from_here():
        subprocess.run([sys.executable, "-c", f"import sys; sys.stderr.write({program!r})"], check=True)
    found = heard.last()
    heard.close()
    return found


def test_of_what_java_says_the_exception_is_told() -> None:
    assert heard_from(f"WARNING: modules\nSpark starts\n{JAVA}bye\n") == "java.lang.Error: no room"


def test_without_an_exception_the_last_line_is_told() -> None:
    assert heard_from("Spark starts\nSpark ends\nWARNING: late\n") == "Spark ends"


def test_what_says_nothing_has_no_last_words() -> None:
    assert not heard_from("")


def test_an_error_of_java_is_told_without_the_call_that_it_came_from() -> None:
    from stillwatch.engine.driver import first_line  # noqa: PLC0415  an optional extra

    said = first_line(ValueError("An error occurred while calling o1.load.\n: java.lang.Error: gone\n\tat x"))
    assert said == "java.lang.Error: gone."


def small(tmp_path: Path) -> Path:
    build("clean", seed=11, exchanges=1_000, out=tmp_path / "log")
    return tmp_path / "log"


def scanning(log: Path, out: Path, master: str) -> subprocess.Popen[str]:
    asked = (str(log), "--out", str(out), "--engine", "spark", "--master", master, "--quiet")
    return subprocess.Popen([*SCAN, *asked], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_quiet_scan_on_spark_says_nothing(tmp_path: Path) -> None:
    said = scanning(small(tmp_path), tmp_path / "out", "local[2]")
    assert said.communicate(timeout=300) == ("", "")
    assert said.returncode == 0


@pytest.mark.slow
def test_a_master_of_no_kind_is_refused_with_what_spark_says_of_it(tmp_path: Path) -> None:
    said = scanning(small(tmp_path), tmp_path / "out", "nonsense://host")
    assert "Master must either be yarn or start with spark, k8s, or local" in said.communicate(timeout=120)[1]
    assert said.returncode == 2


@pytest.mark.slow
def test_a_driver_that_is_killed_ends_the_scan_with_its_name(tmp_path: Path) -> None:
    said = scanning(small(tmp_path), tmp_path / "out", "local[2]")
    os.kill(java_of(said.pid), signal.SIGKILL)
    told = said.communicate(timeout=300)[1]
    assert "Traceback" not in told
    assert said.returncode == 3
    assert "drives Spark at local[2] was killed with signal 9" in told
    assert not (tmp_path / "out").exists()


def java_of(parent: int, patience: float = 60) -> int:
    """The process of Java that a scan has started, once it drives Spark and has Python workers."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        for java in children(parent):
            if any("pyspark.daemon" in words(worker) for worker in children(java)):
                return java
        time.sleep(0.05)
    raise AssertionError("no Java was started")


def words(process: int) -> str:
    said = Path(f"/proc/{process}/cmdline")
    return said.read_text("ascii", "replace") if said.exists() else ""


def children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for one in listed for child in one.read_text("ascii").split()]
