"""A findings folder as what may be shared of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pyarrow.compute as pc

from stillwatch.cli.sharing.views import views_in
from stillwatch.errors import InputError
from stillwatch.model.corroborated import Corroboration
from stillwatch.model.finding import Campaign, Verdict
from stillwatch.report.files import Filed, read
from stillwatch.share.prepare import Found


def found_in(folder: Path, *, is_own: bool = False) -> Found:
    """The findings of a folder that a scan wrote; for others as own evidence alone tells them, for one's own gateways as they are."""
    filed = read(folder)
    made = filed.run.get("input_window", {}).get("end")
    if not isinstance(made, str):
        raise InputError(f"{folder} is of a log without an exchange, so there is nothing to share.")
    if filed.traits is None:
        raise InputError(
            f"{folder} was written by an older version: it tells no traits to make indicators of. Scan again."
        )
    return Found(
        made=made,
        version=str(filed.run.get("version", "unknown")),
        simulated=bool(filed.run.get("simulated")),
        campaigns=_campaigns(filed, folder, is_own=is_own),
        members=_members(filed),
        accounts=frozenset(filed.accounts["account_id"].to_pylist()),
        views=views_in(filed),
    )


def _campaigns(filed: Filed, folder: Path, *, is_own: bool) -> tuple[Campaign, ...]:
    traits = filed.traits or {}
    try:
        told = msgspec.convert(filed.campaigns, tuple[Campaign, ...], strict=False)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{folder / 'findings.json'} holds a campaign of another making: {error}. Scan again."
        ) from error
    said = {} if is_own else {c.campaign_id: c for c in filed.corroborated}
    return tuple(
        replace(_alone(campaign, said.get(campaign.campaign_id)), traits=traits.get(campaign.campaign_id, ()))
        for campaign in told
    )


def _alone(campaign: Campaign, said: Corroboration | None) -> Campaign:
    """A campaign as own evidence alone tells it: what others said is not told on as if it were ours, or it would come back to them."""
    if said is None:
        return campaign
    alone = replace(campaign.distillation, probability=said.training_set_alone)
    verdict: Verdict = "coordinated" if said.is_needed else campaign.verdict
    return replace(campaign, distillation=alone, verdict=verdict)


def _members(filed: Filed) -> dict[str, list[tuple[str, float]]]:
    rows = filed.accounts.filter(pc.is_valid(filed.accounts["campaign_id"]))
    members: dict[str, list[tuple[str, float]]] = {}
    columns = (rows[name].to_pylist() for name in ("campaign_id", "account_id", "membership"))
    for campaign_id, account_id, membership in zip(*columns, strict=True):
        members.setdefault(campaign_id, []).append((account_id, membership or 0.0))
    return members
