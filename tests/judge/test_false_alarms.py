"""Groups beside innocent clusters: all that could be campaigns are tested, and no verdict hangs on it."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.errors import SettingsError
from stillwatch.judge.budget import JudgeSettings
from stillwatch.judge.false_alarms import Groups, Reported, false_alarms
from stillwatch.judge.references import References
from stillwatch.judge.sequence import Past
from stillwatch.judge.sketch import sketch
from stillwatch.model.finding import FalseAlarms, Stability
from tests.judge.made import ALL, agreed, cluster, purposes

EVERYONE = 400
FIRM = Stability(3, 1.0, 1.0, 0.0)
HIGH, LOW = 9.0, -6.0


def references(n: int = 99, *, reads_prompts: bool = True) -> References:
    shows = np.full(n, reads_prompts)
    return References(np.full(n, 100), shows, np.ones(n, np.bool_), np.linspace(-10, 1, n))


def compared(
    *bits: float,
    reported: dict[int, Reported] | None = None,
    held: References | None = None,
    **agreement: range,
) -> FalseAlarms:
    """Groups of 80 accounts each with so many bits for a training set, in a log that shows prompts and addresses."""
    clusters = [cluster(range(80 * at, 80 * at + 80), ALL) for at in range(len(bits))]
    about = purposes(*bits, pool_size=[np.log2(80)] * len(bits), framed_prompts=[0.5] * len(bits))
    return false_alarms(
        Groups(
            clusters,
            [c.members for c in clusters],
            about,
            reads_addresses=True,
            account_ids=[f"acct-{number}" for number in range(EVERYONE)],
        ),
        agreed(EVERYONE, **agreement),
        reported or {},
        references=held or references(),
        settings=JudgeSettings(),
        past=Past(None, None),
    )


def test_a_group_above_all_innocent_clusters_is_confirmed() -> None:
    [one] = compared(HIGH).groups
    assert (one.references, one.p_value, one.is_confirmed) == (99, pytest.approx(0.01), True)
    assert one.e_value == pytest.approx(100, rel=0.02)


def test_a_group_in_the_midst_of_innocent_clusters_is_not() -> None:
    [one] = compared(LOW).groups
    assert 0.5 < one.p_value < 0.9
    assert one.e_value < 1
    assert not one.is_confirmed


def test_what_is_not_reported_counts_among_the_tried() -> None:
    found = compared(HIGH, LOW, LOW, LOW, reported={0: Reported("C1", FIRM)})
    assert found.tried == 4
    assert [t.campaign_id for t in found.groups] == ["C1", None, None, None]


def test_the_more_are_tried_the_more_one_alone_needs() -> None:
    few = References(np.full(15, 100), np.ones(15, np.bool_), np.ones(15, np.bool_), np.linspace(-10, -4, 15))
    assert compared(HIGH, held=few).groups[0].is_confirmed
    assert not compared(HIGH, LOW, LOW, LOW, held=few).groups[0].is_confirmed


def test_a_group_that_an_agreement_explains_is_not_tried() -> None:
    assert compared(HIGH, explained=range(80)).groups == ()


def test_a_reported_group_that_could_not_be_distillation_is_listed_untested() -> None:
    found = compared(HIGH, reported={0: Reported("C1", FIRM)}, explained=range(80))
    one = found.of("C1")
    assert one is not None
    assert (found.tried, one.p_value, one.could_be_campaign, one.stability) == (0, None, False, FIRM)


def test_without_references_of_its_class_nothing_is_said() -> None:
    [one] = compared(HIGH, held=references(reads_prompts=False)).groups
    assert (one.references, one.p_value, one.e_value, one.is_confirmed) == (0, None, None, False)


def test_a_campaign_that_was_not_found_stands_nowhere() -> None:
    assert compared(HIGH).of("C9") is None


@pytest.mark.parametrize("wrong", [0.0, 1.0])
def test_a_level_without_a_meaning_is_refused(wrong: float) -> None:
    with pytest.raises(SettingsError, match="confirm_level"):
        JudgeSettings(confirm_level=wrong)


def test_all_that_could_be_campaigns_begin_a_sequence_in_the_same_order() -> None:
    found = compared(LOW, HIGH, reported={1: Reported("C1", FIRM)})
    assert found.sequence is not None
    first, second = found.sequence.groups
    assert (first.campaign_id, second.campaign_id) == ("C1", None)
    assert first.value == pytest.approx(found.groups[0].e_value / 2)
    assert first.sketch == sketch([f"acct-{number}" for number in range(80, 160)])


def test_a_reported_group_that_could_not_be_distillation_is_not_followed() -> None:
    found = compared(HIGH, reported={0: Reported("C1", FIRM)}, explained=range(80))
    assert found.sequence is not None
    assert found.sequence.groups == ()
