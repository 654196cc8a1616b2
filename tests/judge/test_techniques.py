"""A technique is named by a measurement of its own, and only if it stands out."""

from __future__ import annotations

import numpy as np

from stillwatch.judge.purpose import Purpose
from stillwatch.judge.techniques import LINES, pointers, techniques
from stillwatch.judge.verdict import Judged
from stillwatch.model.finding import Verdict
from stillwatch.registry import discover
from stillwatch.signals._base import Signal
from tests.judge.made import cluster, purposes

SIGNALS = discover("signals", Signal)
SURE, DOUBTFUL = 40.0, -40.0
OTHERS = (DOUBTFUL,) * 3


def judged_as(verdict: Verdict) -> Judged:
    mine = cluster(range(40), {})
    one = np.ones(40)
    return Judged(
        cluster=mine,
        number=0,
        verdict=verdict,
        accounts=mine.members,
        membership=one,
        q_value=0.0,
        probability=1.0,
        bits=0.0,
    )


def named(about: Purpose, verdict: Verdict = "distillation") -> set[str]:
    judged = judged_as(verdict)
    return set(techniques(judged, pointers(judged, about, SIGNALS)))


def test_nothing_measured_names_access_and_extraction_only() -> None:
    assert named(purposes(SURE)) == {"AML.T0040", "AML.T0024.002"}


def test_what_is_no_distillation_extracts_no_model() -> None:
    assert named(purposes(SURE), "relay") == {"AML.T0040"}


def test_a_measurement_at_its_line_names_its_technique() -> None:
    assert "SWT-R05" in named(purposes(SURE, hot_spare_pool=[LINES["hot_spare_pool"]]))


def test_a_measurement_below_its_line_names_nothing() -> None:
    assert "SWT-R05" not in named(purposes(SURE, hot_spare_pool=[LINES["hot_spare_pool"] - 0.01]))


def test_what_the_other_clusters_of_the_log_show_too_is_not_named() -> None:
    assert "SWT-R05" not in named(purposes(SURE, *OTHERS, hot_spare_pool=[0.6, 0.6, 0.5, 0.6]))


def test_what_the_other_clusters_do_not_show_is_named() -> None:
    assert "SWT-R05" in named(purposes(SURE, *OTHERS, hot_spare_pool=[0.6, 0.0, 0.1, 0.0]))


def test_other_campaigns_do_not_make_a_technique_ordinary() -> None:
    assert "SWT-R05" in named(purposes(*(SURE,) * 4, hot_spare_pool=[0.6, 0.6, 0.6, 0.6]))


def test_what_was_not_measured_is_not_named() -> None:
    assert "SWT-R05" not in named(purposes(SURE, hot_spare_pool=[np.nan]))


def test_a_trait_that_members_carry_names_the_technique_of_its_signal() -> None:
    mine = cluster(range(40), {"token": 8.0})
    said = mine.weighed.signals[0]
    object.__setattr__(said, "signal", "token_replay")
    judged = Judged(
        cluster=mine,
        number=0,
        verdict="relay",
        accounts=mine.members,
        membership=np.ones(40),
        q_value=0.0,
        probability=0.0,
        bits=0.0,
    )
    pointed = pointers(judged, purposes(SURE), SIGNALS)
    assert techniques(judged, pointed) == ("AML.T0040", "SWT-E06")
    assert [(p.signal, p.value, p.line, p.ordinary) for p in pointed] == [("token_replay", 0.8, None, 0.001)]


def test_what_points_to_a_technique_is_handed_over_with_its_line_and_what_is_ordinary() -> None:
    about = purposes(SURE, *OTHERS, hot_spare_pool=[0.9, 0.4, 0.4, 0.4])
    pointed = {p.signal: p for p in pointers(judged_as("distillation"), about, SIGNALS)}
    mine = pointed["hot_spare_pool"]
    assert (mine.technique, mine.value, mine.ordinary) == ("SWT-R05", 0.9, 0.4)
    assert mine.line is not None
    assert 0.4 < mine.line <= 0.9


def test_what_is_ordinary_is_not_known_where_too_few_others_were_measured() -> None:
    about = purposes(SURE, DOUBTFUL, hot_spare_pool=[0.9, 0.4])
    pointed = {p.signal: p for p in pointers(judged_as("distillation"), about, SIGNALS)}
    assert pointed["hot_spare_pool"].ordinary is None


def test_every_line_belongs_to_a_signal_of_clusters() -> None:
    assert set(LINES) <= {name for name, signal in SIGNALS.items() if signal.level == "cluster"}
