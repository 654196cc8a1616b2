"""Account exports of LiteLLM and Stripe, known by their keys; anything else by a mapping file.

LiteLLM's tables, as JSON lines, JSON or CSV (times are UTC):
- `LiteLLM_UserTable`, `LiteLLM_TeamTable`, `LiteLLM_OrganizationTable`: one account each, as the readers of its logs name
  accounts: the user, else the team, else the organisation.
- `LiteLLM_VerificationToken`: keys. A key that belongs to nobody is an account of its own. A key's day of creation is no
  sign-up of the user who made it, so of other keys nothing but the account's id is told.

Stripe's objects, as JSON, JSON lines or lists of its API (times are seconds):
- `customer`: which account it is, by its metadata (`account_id` and the like), else the customer's own id.
- `payment_method`, `card`, `bank_account`, `source` and `charge`: fingerprint, card number's first digits where the
  processor tells them (`iin`), country of the card's address. They are told of their customer.
A fingerprint of a wallet's card may be the wallet's number for it and not the card's. An e-mail address is cut to its
domain at once. With a key, fingerprints are hashed, so that what leaves the house is no token of the processor's.

Records with `account_id` are taken as they are, in the contract's columns. Others are counted as `no known export`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from stillwatch.model.tables import ACCOUNT, Column, TableSchema
from stillwatch.sources.joins.account_values import card_bin, country, email_domain, phone_prefix
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.envelope import Excluded, Record, Row
from stillwatch.sources.nested.moments import iso, since_1970
from stillwatch.sources.nested.values import at, first, flag, items, mapping, text, without_nones

EXPORTED = TableSchema(
    "accounts",
    (
        *ACCOUNT.columns,
        Column("alias", pa.string(), "a name by which other exports know the account: a customer of Stripe"),
    ),
)
"""The contract's accounts, and the names that other exports have for them."""

METADATA = ("account_id", "accountId", "account", "organization_id", "org_id", "organisation_id", "user_id")
"""Keys of a customer's metadata under which houses keep the account's id, the surest first."""

PACKED = ("data",)
"""Names under which an export may hold a list of records."""

_OWNED = ("payment_method", "card", "bank_account", "source", "charge")
_Make = Callable[[Record], Row | None]


def export_rows(record: Record) -> Iterator[Row | Excluded]:
    """The account that a record of an export tells of."""
    for fits, make in _EXPORTS:
        if fits(record):
            row = make(record)
            lacks = row is None or row.get("account_id") is None
            yield Excluded("no account_id") if row is None or lacks else without_nones(row)
            return
    yield Excluded("no known export")


def _customer(record: Record) -> Row:
    own = text(record.get("id"))
    metadata = mapping(record.get("metadata"))
    return {
        "account_id": text(first(metadata, *METADATA)) or own,
        "alias": own,
        "created_at": since_1970(record.get("created"), "s"),
        "email_domain": email_domain(record.get("email")),
        "phone_prefix": phone_prefix(record.get("phone")),
        "country": country(at(record, "address", "country")),
    }


def _payment(record: Record) -> Row:
    details = mapping(record.get("payment_method_details")) if record.get("object") == "charge" else record
    paid: Mapping[str, Any] = next(
        (inside for inside in details.values() if isinstance(inside, dict) and inside.get("fingerprint")),
        details,
    )
    billing = first(record, "billing_details", "owner")
    metadata = mapping(record.get("metadata"))
    owner = record.get("customer")
    return {
        "account_id": text(first(metadata, *METADATA)) or text(at(owner, "id") or owner),
        "payment_fingerprint": text(paid.get("fingerprint")),
        "card_bin": card_bin(first(paid, "iin", "bin")),
        "email_domain": email_domain(at(billing, "email")),
        "phone_prefix": phone_prefix(at(billing, "phone")),
        "country": country(at(billing, "address", "country") or record.get("address_country"))
        or country(paid.get("country")),
    }


def _user(record: Record) -> Row:
    return {
        "account_id": text(record.get("user_id")),
        "created_at": iso(record.get("created_at"), utc=True),
        "email_domain": email_domain(record.get("user_email")),
    }


def _group(name: str) -> _Make:
    return lambda record: {
        "account_id": text(record.get(name)),
        "created_at": iso(record.get("created_at"), utc=True),
        "status": _status(record),
    }


def _token(record: Record) -> Row:
    owner = next(
        (told for n in ("user_id", "team_id", "organization_id") if (told := text(record.get(n)))), None
    )
    if owner is not None:
        return {"account_id": owner}
    return {**(_group("token")(record) or {})}


def _status(record: Record) -> str | None:
    blocked = flag(record.get("blocked"))
    return None if blocked is None else "suspended" if blocked else "active"


def _contract(record: Record) -> Row:
    row: Row = {column.name: record.get(column.name) for column in ACCOUNT.columns}
    row |= {name: iso(record.get(name)) for name in ("created_at", "banned_at")}
    row["signup_ip"] = address(record.get("signup_ip"))
    row["programmes"] = items(record.get("programmes")) or None
    turns = {"email_domain": email_domain, "card_bin": card_bin, "phone_prefix": phone_prefix}
    row |= {name: turn(record.get(name)) for name, turn in turns.items()}
    return {name: value for name, value in row.items() if value != ""}


_EXPORTS: tuple[tuple[Callable[[Record], bool], _Make], ...] = (
    (lambda record: record.get("object") == "customer", _customer),
    (lambda record: record.get("object") in _OWNED, _payment),
    (lambda record: "token" in record and ("user_id" in record or "models" in record), _token),
    (
        lambda record: "team_id" in record and ("team_alias" in record or "members" in record),
        _group("team_id"),
    ),
    (lambda record: "organization_alias" in record, _group("organization_id")),
    (lambda record: "account_id" in record, _contract),
    (lambda record: "user_id" in record and ("user_email" in record or "user_role" in record), _user),
)
