from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("torch") is None, reason="needs the extra assay"),
]


def test_a_theft_is_found_in_the_log_and_in_the_student_and_no_innocent_model_is_called(
    tmp_path: Path,
) -> None:
    from stillwatch.bench.rehearsed.way import whole_way  # noqa: PLC0415  an extra

    made = whole_way(tmp_path / "demo", seed=7, told=lambda _: None)
    assert made.campaign is not None
    assert made.campaign.verdict == "distillation"
    assert made.right >= 0.8 * made.planted
    assert made.assay is not None
    report = made.assay.report
    suspect = {
        r.test: r.p_value for r in report.results if r.subject == "suspect" and r.account_set != "set-0"
    }
    assert set(suspect) == {"T1", "T2", "T3", "T4"}
    assert max(suspect.values()) <= 0.01
    assert report.word == "trained on served text"
    assert report.account_sets == (made.campaign.campaign_id,)
    assert set(suspect_called(report)) == {"T1", "T2", "T3", "T4"}
    recorded_and_told(tmp_path / "demo", made)
    innocent = [
        r
        for r in (*report.results, *made.assay.innocent)
        if r.subject not in {"suspect", "positive", "positive-less"}
    ]
    assert not [r for r in innocent if r.p_value <= 0.05 / len(innocent)]


def suspect_called(report) -> list[str]:
    """The tests that reject at the plan's level, held over their family."""
    return [
        r.test for r in report.results if r.subject == "suspect" and (r.adjusted_p or 1.0) <= report.level
    ]


def recorded_and_told(folder: Path, made) -> None:
    """The report is made again by the command's own way; it stands in the casebook under the campaign that the scan found, and in its dossier."""
    from stillwatch.cli.assaying.demo import into_the_casebook  # noqa: PLC0415  beside its only use
    from stillwatch.cli.assaying.reported import reported  # noqa: PLC0415  as above
    from stillwatch.cli.assaying.told import keys  # noqa: PLC0415  as above

    served = [f"{name}=marks:{folder / 'keys.json'}" for name in (made.campaign.campaign_id, "set-0")]
    tokenizer = str(folder / "models" / "teacher" / "tokenizer.json")
    assert reported(folder / "assay", keys(served), tokenizer) == made.assay.report
    entry = into_the_casebook(folder, made)
    told = (folder / "dossiers" / made.campaign.campaign_id / "dossier.html").read_text("utf-8")
    assert "trained on served text" in told
    assert f"entry {entry} of the casebook" in told
