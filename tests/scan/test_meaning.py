"""A scan with a model of meanings, and one without, which must not notice that there could be one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from stillwatch.errors import InputError
from stillwatch.scan import scan
from stillwatch.settings import load
from stillwatch.testing.written import write_model
from tests.scan.conftest import SAME_BYTES, Scanned, contents
from tests.scan.logs import shuffled

SYNONYMS = (("write", "produce", "give"), ("answer", "reply", "result"), ("full", "complete", "entire"))


@pytest.fixture
def model(mixed: Scanned, tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    write_model(folder, pq.read_table(mixed.log / "exchanges.parquet")["prompt"].to_pylist(), SYNONYMS)
    return folder


def scanned(log: Path, model: Path, out: Path) -> Scanned:
    settings = load(overrides={"signals.meaning_model": str(model)})
    return Scanned(log, out, scan(log, out=out, settings=settings))


def test_without_a_model_the_signal_is_named_as_skipped_with_its_reason(mixed: Scanned) -> None:
    skipped = {item["signal"]: item["reason"] for item in mixed.document["run"]["signals_skipped"]}
    assert skipped["same_meaning"] == "the setting signals.meaning_model is not set"


def test_without_a_model_nothing_that_reads_one_is_loaded(mixed: Scanned, tmp_path: Path) -> None:
    program = (
        "import sys; from stillwatch.scan import scan; scan(sys.argv[1]);"
        "print([name for name in ('tokenizers', 'safetensors', 'huggingface_hub') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, mixed.log], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "[]"


def test_with_a_model_the_signal_runs_and_the_result_names_what_it_rests_on(
    mixed: Scanned, model: Path, tmp_path: Path
) -> None:
    found = scanned(mixed.log, model, tmp_path / "out")
    assert "same_meaning" in found.document["run"]["signals_computed"]
    assert found.document["run"]["inputs"]["meaning_model"].startswith("sha256:")
    assert str(model).encode() not in b"".join(found.files.values())


def test_the_same_log_in_another_order_gives_the_same_bytes(
    mixed: Scanned, model: Path, tmp_path: Path
) -> None:
    first = scanned(mixed.log, model, tmp_path / "one")
    scanned(shuffled(mixed.log, tmp_path / "log"), model, tmp_path / "two")
    assert contents(tmp_path / "two", SAME_BYTES) == first.files


def test_a_clean_world_stays_without_a_campaign(clean: Scanned, model: Path, tmp_path: Path) -> None:
    found = scanned(clean.log, model, tmp_path / "out")
    assert [c for c in found.findings.campaigns if c.verdict == "distillation"] == []


def test_a_folder_that_is_not_there_is_refused_before_anything_is_read(
    mixed: Scanned, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="holds no model"):
        scanned(mixed.log, tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()
