"""What all STIX objects of one export have in common: identifier, times, who made them, how far they may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from stillwatch.model.shared import Shared
from stillwatch.share.blind import Blind
from stillwatch.share.marking import TLP_IDS, statement, tlp_marking
from stillwatch.share.policy import STEPS, step


def stix_time(time: str) -> str:
    """A time as STIX writes it, to the millisecond."""
    return f"{time.removesuffix('Z')}.000Z" if "." not in time else time


@dataclass(frozen=True)
class Writer:
    """Writes objects of one export. Of withdrawn findings all objects are revoked, a second after they were told last."""

    shared: Shared
    blind: Blind

    @cached_property
    def producer(self) -> dict[str, Any]:
        """Who shares."""
        told = self.shared.producer
        made = {
            "type": "identity",
            "spec_version": "2.1",
            "id": self.blind.identifier("identity", "producer", told.name),
            "created": EPOCH,
            "modified": self.modified,
            "name": told.name,
            "identity_class": "organization",
            "sectors": ["technology"],
            "object_marking_refs": self.marks,
        }
        return {**made, "contact_information": told.contact} if told.contact else made

    @cached_property
    def marks(self) -> list[str]:
        """TLP and what a reader may do."""
        return [TLP_IDS[self.shared.handling.tlp], self._statement_id]

    @cached_property
    def markings(self) -> list[dict[str, Any]]:
        """The marking definitions that `marks` refers to."""
        handling = self.shared.handling
        return [tlp_marking(handling.tlp), statement(self._statement_id, EPOCH, handling)]

    @cached_property
    def _statement_id(self) -> str:
        return self.blind.identifier("marking-definition", "statement", self.shared.handling.permitted)

    @cached_property
    def modified(self) -> str:
        """When this version of the objects was made: the end of the log, with a part of a second that tells the versions of one log apart.

        What is told in another way is another version, or a reader would keep whichever came first: the stricter its marking and the higher its
        tier, the later, so that of two versions the stricter one stands. Withdrawn is a second later than all.
        """
        moment = datetime.fromisoformat(self.shared.made).replace(microsecond=0)
        later = 1 if self.shared.retraction is not None else 0
        told = moment + timedelta(seconds=later, microseconds=self._version)
        return told.isoformat(timespec="microseconds").replace("+00:00", "Z")

    @cached_property
    def _version(self) -> int:
        handling = self.shared.handling
        told = (
            handling.permitted,
            self.shared.producer.contact or "",
            self.shared.version,
            self.shared.retraction or "",
            self.blind.circle,
        )
        return (
            step(handling.tlp, handling.tier) * MICROSECONDS_A_STEP
            + int(self.blind.uuid("version", *told)[:8], 16) % MICROSECONDS_A_STEP
        )

    def domain(self, stix_type: str, *named: str, since: str, **fields: Any) -> dict[str, Any]:
        """A domain object; `named` tells it apart, `since` is when its first version would have been made."""
        revoked = {"revoked": True} if self.shared.retraction is not None else {}
        labels = {"labels": [SIMULATED]} if self.shared.simulated else {}
        return {
            "type": stix_type,
            "spec_version": "2.1",
            "id": self.blind.identifier(stix_type, *named),
            "created": stix_time(since),
            "modified": self.modified,
            "created_by_ref": self.producer["id"],
            "object_marking_refs": self.marks,
            **revoked,
            **labels,
            **{name: value for name, value in fields.items() if value not in (None, [], ())},
        }

    def observable(self, stix_type: str, *named: str, **fields: Any) -> dict[str, Any]:
        """An observable, whose identifier comes from a token and never from its value."""
        return {
            "type": stix_type,
            "spec_version": "2.1",
            "id": self.blind.identifier(stix_type, *named),
            "object_marking_refs": self.marks,
            **fields,
        }

    def relation(
        self, source: str, kind: str, target: str, *, since: str, confidence: int | None = None
    ) -> dict[str, Any]:
        """A relationship, with how sure it is."""
        return self.domain(
            "relationship",
            source,
            kind,
            target,
            since=since,
            relationship_type=kind,
            source_ref=source,
            target_ref=target,
            confidence=confidence,
        )


MICROSECONDS_A_STEP = 1_000_000 // STEPS

SIMULATED = "simulated"
"""The label of objects that tell of traffic that a simulator made."""

EPOCH = "2026-01-01T00:00:00.000Z"
"""When objects that do not change with findings, such as who shares, say they were made."""
