"""Whether Spark can run here, and how tests run it: small, and with tasks that may be tried again."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

from stillwatch.settings import Settings, load

MISSING = (
    "pyspark is not installed: pip install 'stillwatch[spark]'"
    if find_spec("pyspark") is None or find_spec("sqlglot") is None
    else "no java on the PATH or in JAVA_HOME"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ
    else ""
)


os.environ.setdefault(
    "PYSPARK_SUBMIT_ARGS", "--driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' pyspark-shell"
)
"""Java does not spend on compiling what tests, which run a minute, would not get back."""


def on_spark() -> Settings:
    """Two threads, and three tries for a task."""
    return load(overrides={"engine.name": "spark", "engine.master": "local[2,3]"})
