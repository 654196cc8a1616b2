"""A small log made by hand: twenty accounts of one campaign among a hundred others, with the marks that a test wants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch.attribute.attribute import attribute
from stillwatch.attribute.marks import Marks
from stillwatch.attribute.mentions import Mentions
from stillwatch.attribute.suspect import Suspect
from stillwatch.attribute.traffic import Traffic
from stillwatch.fingerprint.assemble import Gather
from stillwatch.fingerprint.door import keyed
from stillwatch.model.actor import Actor, Statement, StatementKind
from stillwatch.model.attributed import Attributed
from stillwatch.model.finding import (
    Campaign,
    CapabilityShare,
    Coordination,
    Distillation,
    Interval,
    Lookalike,
    Verdict,
)
from stillwatch.model.tables import ACCOUNT, EXCHANGE, NETWORK

TEXT = (
    "Please solve the task that follows with the greatest care and set down every step of the line of thought "
    "between two tags before the final answer is given so that a reader can check each of them"
)
MEMBERS, OTHERS, EACH = 20, 100, 6
DAY = "2026-03-29"
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@dataclass
class Made:
    """What the members of the campaign carry; `others` gives marks to that many accounts outside of it as well."""

    text: str = TEXT
    client: str = "harvester/1.0"
    staff: int = 2
    domain: str = "actor-a.example"
    verification: str | None = "email"
    cards: Sequence[str] = ("pm_a", "pm_b")
    system: str | None = None
    copied_by: int = 0
    clients_of_others: int = 0
    verdict: Verdict = "distillation"
    changes: Mapping[str, Any] = field(default_factory=dict)


def statement(kind: StatementKind, code: str = "B2", expires: str | None = None, **value: str) -> Statement:
    return Statement(kind, value, "a report", code, None, expires)


def profile(
    name: str = "actor-a", code: str = "B2", expires: str | None = None, kind: str = "commercial lab"
) -> Actor:
    """An actor of whom all is known that the campaign of `Made` shows."""
    return Actor(
        name,
        kind,
        (
            statement("staff_domain", code, expires, domain="actor-a.example"),
            statement("payment_fingerprint", code, expires, fingerprint="pm_a"),
            statement("payment_fingerprint", code, expires, fingerprint="pm_b"),
            statement("template_sketch", code, expires, text=TEXT),
            statement("client_stack", code, expires, user_agent="harvester/1.0"),
        ),
    )


def only(actor: Actor, *kinds: StatementKind, name: str | None = None) -> Actor:
    """The same actor, of whom only statements of those kinds are known."""
    kept = tuple(s for s in actor.statements if s.kind in kinds)
    return Actor(name or actor.name, actor.actor_class, kept)


def attributed(made: Made, *actors: Actor, networks: Sequence[Mapping[str, Any]] = ()) -> Attributed:
    """What is said of the campaign of that log."""
    traffic, suspects = world(made, actors, networks)
    return attribute(suspects, Marks(traffic), actors, DAY + "T23:00:00Z")[0]


def world(
    made: Made, actors: Sequence[Actor], networks: Sequence[Mapping[str, Any]] = ()
) -> tuple[Traffic, list[Suspect]]:
    rows, accounts = _rows(made), _accounts(made)
    gather, mentions = Gather(), Mentions(actors)
    batch = pa.RecordBatch.from_pylist(rows, pa.schema([EXCHANGE.arrow.field(n) for n in rows[0]]))
    keys = keyed(batch)
    gather.add(batch, keys)
    mentions.see(batch, keys)
    table = pa.Table.from_pylist(accounts, ACCOUNT.arrow)
    log = gather.finish(table)
    traffic = Traffic(log, table, pa.Table.from_pylist(list(networks), NETWORK.arrow), mentions)
    mine = np.array([at for at, name in enumerate(log.account_ids) if name.startswith("c")])
    own = np.flatnonzero(np.isin(log.exchange["account"].to_numpy(), mine))
    return traffic, [Suspect(_campaign(made), mine, own, frozenset({"template", "client", "net"}))]


def _rows(made: Made) -> list[dict[str, Any]]:
    rows = []
    for at in range(MEMBERS + OTHERS):
        is_member = at < MEMBERS
        copies = is_member or at < MEMBERS + made.copied_by
        for n in range(EACH):
            task = f"What is the sum of item {at} and thing {chr(97 + n)} in words"
            rows.append(
                {
                    "exchange_id": f"x{at}-{n}",
                    "ts": START + dt.timedelta(days=at % 20, minutes=n),
                    "account_id": f"c{at:02d}" if is_member else f"o{at:03d}",
                    "model": "m",
                    "client_ip": f"198.51.100.{at}" if is_member else f"203.0.113.{at}",
                    "user_agent": made.client
                    if is_member or at < MEMBERS + made.clients_of_others
                    else f"browser/{at % 7}",
                    "system_prompt": made.system if is_member else None,
                    "prompt": f"{made.text} {task}" if copies else f"Hello there {task} please {at * n}",
                }
            )
    return rows


def _accounts(made: Made) -> list[dict[str, Any]]:
    rows = []
    for at in range(MEMBERS + OTHERS):
        is_member = at < MEMBERS
        rows.append(
            {
                "account_id": f"c{at:02d}" if is_member else f"o{at:03d}",
                "email_domain": made.domain if at < made.staff else "mail.example",
                "payment_fingerprint": made.cards[at] if is_member and at < len(made.cards) else f"pm_{at}",
                "verification": made.verification if is_member else "email",
            }
        )
    return rows


def _campaign(made: Made) -> Campaign:
    return Campaign(
        campaign_id="UDC-2026-001",
        verdict=made.verdict,
        coordination=Coordination(0.99, 1e-9, 9.0),
        distillation=Distillation(0.97 if made.verdict == "distillation" else 0.3, 6.0),
        attribution=(),
        accounts=Interval(20, 20, 20),
        exchanges=Interval(120, 120, 120),
        first_seen="2026-03-02T09:00:00Z",
        last_seen="2026-03-22T09:00:00Z",
        capabilities=(CapabilityShare("reasoning", 1.0, 120),),
        techniques=(),
        models=("m",),
        channels=(),
        lookalikes=(Lookalike("benchmark or evaluation harness", consistent=False, reason="no"),),
    )
