"""An assay in the casebook, as a value: evidence of its own family about a model, for which two people stand.

The family `model` is none of the families that a scan weighs (`model.finding.FAMILIES`): no signal may belong to it, it speaks for no
account, makes no finding and names nobody. It counts once a second person has agreed, and even then it says only what its own words say.
"""

from __future__ import annotations

from dataclasses import dataclass

from stillwatch.model.assay import AssayReport

MODEL_FAMILY = "model"
MODEL_FAMILY_MEANING = "tests of a suspect model, beside controls; no scan weighs it"


@dataclass(frozen=True, kw_only=True)
class RecordedAssay:
    """A report as it was recorded for a campaign; `entry` is its number in the casebook's log, `agreed` and `disagreed` tell who reviewed it.

    `account_sets` are those of its keys that were served to accounts of this campaign.
    """

    entry: int
    campaign_id: str
    who: str
    recorded: str
    reason: str
    account_sets: tuple[str, ...]
    report: AssayReport
    agreed: tuple[str, ...] = ()
    disagreed: tuple[str, ...] = ()
    dissent: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether somebody else put a name to it and nobody's stands against it; without its controls it supports nothing, and counts for nothing."""
        return self.report.word != "uncalibrated" and bool(self.agreed) and not self.disagreed
