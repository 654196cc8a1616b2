"""The tables of assays, which the fourth step makes: what an assay of a campaign's suspected student said, and who reviewed that."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, String, Table, Text

from stillwatch.casebook.tables import METADATA

ASSAY = Table(
    "assay",
    METADATA,
    Column("entry", ForeignKey("entry.entry"), primary_key=True),
    Column("campaign_id", ForeignKey("campaign.campaign_id"), nullable=False, index=True),
    Column("suspect", Text, nullable=False),
    Column("word", String(40), nullable=False),
    Column("plan_seal", String(64), nullable=False),
    Column("transcripts", String(64), nullable=False),
    Column("account_sets", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("told", JSON, nullable=False),
)
"""`told` is the whole report, which holds no prompt, no answer and no key."""

ASSAY_REVIEW = Table(
    "assay_review",
    METADATA,
    Column("entry", ForeignKey("entry.entry"), primary_key=True),
    Column("assay", ForeignKey("assay.entry"), nullable=False, index=True),
    Column("agrees", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

ASSAYED_ONLY = ("assay", "assay_review")
"""Tables of the fourth step whose rows are never changed and never taken away."""
