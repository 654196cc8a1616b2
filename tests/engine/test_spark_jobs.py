"""The job files of the manual: read as what they are, and calling the script that lies beside them."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: pip install 'stillwatch[docs]'")

JOBS = Path(__file__).parents[2] / "examples" / "spark"


def test_the_databricks_job_runs_the_script_beside_it() -> None:
    job = yaml.safe_load((JOBS / "databricks.yml").read_text("utf-8"))["resources"]["jobs"]["scan"]
    task = job["tasks"][0]["spark_python_task"]
    assert (JOBS / task["python_file"]).is_file()
    assert len(task["parameters"]) == 4


def test_the_emr_step_hands_the_script_a_log_and_a_folder() -> None:
    (step,) = json.loads((JOBS / "emr-step.json").read_text("utf-8"))
    script, log, out = step["HadoopJarStep"]["Args"][-3:]
    assert script.endswith("/scan.py")
    assert log.startswith("s3://")
    assert out.startswith("/")


def test_the_kubernetes_job_runs_the_script_that_its_image_holds() -> None:
    job = yaml.safe_load((JOBS / "kubernetes.yaml").read_text("utf-8"))["spec"]
    script = job["mainApplicationFile"].removeprefix("local://")
    assert f"COPY scan.py {script}" in (JOBS / "Dockerfile").read_text("utf-8")
    claimed = {volume["name"] for volume in job["volumes"]}
    assert {mount["name"] for mount in job["driver"]["volumeMounts"]} <= claimed


def test_the_script_of_the_jobs_has_an_entry() -> None:
    assert callable(runpy.run_path(str(JOBS / "scan.py"), run_name="read")["main"])
