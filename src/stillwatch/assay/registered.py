"""Whether a plan asks for what was served: its triggers, alternatives and keys against the register that `stillwatch mark plan` began.

The register holds a digest of each set's canaries in the policy's order. A trigger that was mistyped, or alternatives in another order, would ask the key for
answers that nobody was served, and T4 would find nothing in any student.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stillwatch.assay.queries import of_kind
from stillwatch.errors import InputError
from stillwatch.mark.registry import counted, digest
from stillwatch.model.assay import Plan, Probe


def refuse_what_was_not_served(plan: Plan, probes: Sequence[Probe], registry: Path) -> None:
    """Refuse a served set whose keys or canaries are not those that the register binds."""
    bound = {line["account_set"]: line for line in counted(registry)[0]}
    for told in plan.commitments:
        if not told.is_served:
            continue
        line = bound.get(told.account_set)
        if line is None:
            raise InputError(
                f"{registry} binds no account set {told.account_set!r}; it binds {', '.join(sorted(bound)) or 'none'}. Name the set as the policy does."
            )
        for mark, key in (("watermark", told.watermark), ("canary", told.canary)):
            if key and key != line.get(mark):
                raise InputError(
                    f"The {mark} key of {told.account_set!r} is not the one that {registry} binds. Give the key that answers were marked with."
                )
        if told.canary and "T4" in plan.tests:
            _refuse_other_canaries(probes, told.account_set, str(line.get("canaries")), registry)


def _refuse_other_canaries(probes: Sequence[Probe], account_set: str, bound: str, registry: Path) -> None:
    asked = [
        [p.trigger or p.prompt, list(p.alternatives)]
        for p in of_kind(probes, "trigger")
        if p.account_set == account_set
    ]
    if digest(asked) != bound:
        raise InputError(
            f"The {len(asked)} triggers of {account_set!r} and their alternatives are not the canaries that {registry} binds. Write all of them, triggers and "
            "alternatives as they stand in the policy and in its order; a new wording goes into `prompt`, the policy's trigger into `trigger`."
        )
