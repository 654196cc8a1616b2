"""A scan through Spark Connect: a server of its own beside the scan, which has no Java."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from stillwatch.simulate.worlds import build
from tests.engine.spark_here import MISSING

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=MISSING),
    pytest.mark.skipif(
        find_spec("grpc") is None, reason="grpcio is not installed: pip install 'stillwatch[spark]'"
    ),
]
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
PATIENCE_SECONDS = 120
SCAN = (sys.executable, "-c", "from stillwatch.cli import main; main()", "scan")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import pyspark  # noqa: PLC0415  an optional extra

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Path(pyspark.__file__).parent
    said = tmp_path_factory.mktemp("connect") / "server.txt"
    configured = (
        f"spark.connect.grpc.binding.port={port}",
        "spark.connect.grpc.binding.address=127.0.0.1",
        "spark.sql.shuffle.partitions=2",
        "spark.sql.adaptive.enabled=false",
    )
    options = [part for one in configured for part in ("--conf", one)]
    command = [
        home / "bin" / "spark-submit",
        "--class",
        SERVER,
        "--master",
        "local[2,3]",
        *options,
        "spark-internal",
    ]
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    environment.pop("PYSPARK_SUBMIT_ARGS", None)
    with (
        said.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, env=environment) as running,
    ):
        until = time.monotonic() + PATIENCE_SECONDS
        while not answers(port):
            assert running.poll() is None, said.read_text()
            assert time.monotonic() < until, said.read_text()
            time.sleep(0.5)
        yield f"sc://127.0.0.1:{port}"
        running.terminate()


def answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def scanned(log: Path, out: Path, *engine: str) -> object:
    without_java = os.environ | {"PATH": str(Path(sys.executable).parent), "JAVA_HOME": ""}
    asked = [*SCAN, str(log), "--out", str(out), "--quiet", *engine]
    said = subprocess.run(asked, env=without_java, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    return json.loads((out / "findings.json").read_text("ascii"))


def test_a_scan_through_connect_has_the_findings_of_duckdb(server: str, tmp_path: Path) -> None:
    build("easy", seed=11, exchanges=5_000, out=tmp_path / "log")
    here = scanned(tmp_path / "log", tmp_path / "here")
    there = scanned(tmp_path / "log", tmp_path / "there", "--engine", "spark", "--master", server)
    assert here["campaigns"]
    assert there == here


def test_a_table_that_the_server_has_not_is_named(server: str, tmp_path: Path) -> None:
    asked = [*SCAN, "lake.gone", "--out", str(tmp_path / "out"), "--engine", "spark", "--master", server]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "lake.gone as a table of the session's catalogue" in said.stderr
    assert "Traceback" not in said.stderr
