"""The tables of a casebook, as SQLAlchemy knows them; `migrations` makes them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

VERSION = Table("casebook_version", METADATA, Column("version", Integer, primary_key=True))

SCAN = Table(
    "scan",
    METADATA,
    Column("scan_id", Integer, primary_key=True),
    Column("recorded", String(32), nullable=False),
    Column("log_end", String(32), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("exchanges", Integer, nullable=False),
    Column("version", String(32), nullable=False),
    Column("is_simulated", Boolean, nullable=False),
)

CAMPAIGN = Table(
    "campaign",
    METADATA,
    Column("campaign_id", String(32), primary_key=True),
    Column("first_scan", ForeignKey("scan.scan_id"), nullable=False),
    Column("merged_into", String(32)),
    Column("merged_in_scan", Integer),
    Column("split_from", String(32)),
)

APPEARANCE = Table(
    "appearance",
    METADATA,
    Column("appearance_id", Integer, primary_key=True),
    Column("campaign_id", ForeignKey("campaign.campaign_id"), nullable=False, index=True),
    Column("scan_id", ForeignKey("scan.scan_id"), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("accounts", Integer, nullable=False),
    Column("exchanges", Integer, nullable=False),
    Column("one_party", Float, nullable=False),
    Column("training_set", Float, nullable=False),
    Column("training_set_log10", Float, nullable=False),
    Column("first_seen", String(32), nullable=False),
    Column("last_seen", String(32), nullable=False),
    Column("witnesses", JSON, nullable=False),
    Column("attribution", JSON, nullable=False),
    UniqueConstraint("campaign_id", "scan_id"),
)

MEMBER = Table(
    "member",
    METADATA,
    Column("appearance_id", ForeignKey("appearance.appearance_id"), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("membership", Float, nullable=False),
)

MARK = Table(
    "mark",
    METADATA,
    Column("appearance_id", ForeignKey("appearance.appearance_id"), primary_key=True),
    Column("family", String(32), primary_key=True),
    Column("trait", Text, primary_key=True),
)

NOTE = Table(
    "note",
    METADATA,
    Column("entry", ForeignKey("entry.entry"), primary_key=True),
    Column("campaign_id", ForeignKey("campaign.campaign_id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
)

DECISION = Table(
    "decision",
    METADATA,
    Column("entry", ForeignKey("entry.entry"), primary_key=True),
    Column("campaign_id", ForeignKey("campaign.campaign_id"), nullable=False, index=True),
    Column("account_id", Text),
    Column("kind", String(16), nullable=False),
    Column("appearance_id", ForeignKey("appearance.appearance_id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("expires", String(10), nullable=False),
)

REVIEW = Table(
    "review",
    METADATA,
    Column("entry", ForeignKey("entry.entry"), primary_key=True),
    Column("campaign_id", ForeignKey("campaign.campaign_id"), nullable=False, index=True),
    Column("decision", ForeignKey("decision.entry")),
    Column("actor", Text),
    Column("agrees", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

ENTRY = Table(
    "entry",
    METADATA,
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("recorded", String(32), nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("hash_before", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)
"""The log: each entry carries the hash of the one before it. Notes, decisions and reviews are entries too."""

APPEND_ONLY = ("entry", "note", "decision", "review", "scan", "appearance", "member", "mark")
"""Tables whose rows are never changed and never taken away."""

SIGHTING = Table(
    "sighting",
    METADATA,
    Column("entry", ForeignKey("entry.entry"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sighting_id", Text, nullable=False, index=True),
    Column("is_retraction", Boolean, nullable=False),
    Column("told", JSON, nullable=False),
)
"""What others told, and took back, as it came; each act of reading is one entry of the log."""

SPOKEN = Table(
    "spoken",
    METADATA,
    Column("appearance_id", ForeignKey("appearance.appearance_id"), primary_key=True),
    Column("sighting_id", Text, primary_key=True),
    Column("maker", Text, nullable=False),
)
"""Which sightings spoke for a campaign when it was seen."""

SIGHTED_ONLY = ("sighting", "spoken")
"""Tables of the third step whose rows are never changed and never taken away."""
