"""What the log is like: when, with which models, paths, programs and addresses, and what its columns lack.

All of it is read off the sample and the small tables; a planted campaign is drawn to be like it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.bench.sample import PLANTED, Sample
from stillwatch.errors import InputError
from stillwatch.model.tables import ACCOUNT
from stillwatch.simulate.arrays import Ints
from stillwatch.simulate.clients import Client

EDGE = 0.001
"""Share of exchanges at each end of the log's time that may lie far away: a few broken clocks set no window."""
ALWAYS = ("prompt", "client_ip", "user_agent", "input_tokens", "output_tokens", "status", "turns", "channel")
"""Columns that every request has: what they lack was lost."""
LOST_ALIKE = frozenset(
    {"api_key_id", "session_id", "ja4", "header_profile", "model", "content_state", "sampling_rate", *ALWAYS}
)
"""Columns whose own share of nulls is taken for loss; any other may also be null because nothing was asked for."""
ACCOUNT_BY_NATURE = ("org_domain", "programmes", "banned_at")
"""Columns of accounts that are null for most accounts, although nothing was lost."""
ALIKE = ("country", "phone_prefix", "plan", "verification")
"""Columns of accounts that a planted account takes over together from an ordinary one."""
CLIENT = ("user_agent", "ja4", "header_profile", "sdk")


@dataclass(frozen=True)
class Likeness:
    """The log as a planted campaign sees it. Times are microseconds since 1970, UTC.

    `columns` and `account_columns` hold a value somewhere; what is not among them is left out of planted rows.
    `ordinary` are the rows of accounts without organisation and agreement.
    """

    sample: Sample
    columns: frozenset[str]
    account_columns: frozenset[str]
    all_accounts: pa.Table
    networks: pa.Table
    releases: pa.Table

    @cached_property
    def window(self) -> tuple[int, int]:
        """First and last time, without the outermost exchanges on either side."""
        times = np.sort(self.sample.innocent["ts"].cast(pa.int64()).to_numpy())
        low, high = (int(np.quantile(times, at, method="nearest")) for at in (EDGE, 1 - EDGE))
        if high <= low:
            raise InputError(
                "All exchanges of the log carry about the same time, so there is no time to plant a campaign in. "
                "Give a log that covers at least some hours."
            )
        return low, high

    @cached_property
    def models(self) -> Mapping[str, int]:
        """Models with their innocent exchanges, the most used first."""
        return self._ranked("model")

    @cached_property
    def channels(self) -> Mapping[str, int]:
        """Access paths with their innocent exchanges, the most used first; none if the log names none."""
        return self._ranked("channel")

    @cached_property
    def release(self) -> tuple[str, int] | None:
        """The last model to appear within the window, if the log uses it, and when it appeared."""
        (low, high), found = self.window, []
        for model, at in zip(self.releases["model"].to_pylist(), self._released(), strict=True):
            if low < at < high and model in self.models:
                found.append((at, model))
        return (max(found)[1], max(found)[0]) if found else None

    @cached_property
    def addresses(self) -> Ints:
        """IPv4 addresses of innocent exchanges."""
        parts = pc.extract_regex(
            self.sample.innocent["client_ip"], r"^(?P<a>\d+)\.(?P<b>\d+)\.(?P<c>\d+)\.(?P<d>\d+)$"
        ).drop_null()
        octets = [pc.struct_field(parts, name).cast(pa.int64()).to_numpy() for name in "abcd"]
        return np.unique(((octets[0] * 256 + octets[1]) * 256 + octets[2]) * 256 + octets[3])

    def clients(self, channels: frozenset[str]) -> list[Client]:
        """Client programs as whole sets of fingerprints, weighted by the accounts seen with them.

        Those seen on these access paths, or on any path if none of these is the log's.
        """
        held = [name for name in CLIENT if name in self.columns and name != "sdk"]
        rows = self.sample.innocent
        if channels & set(self.channels):
            rows = rows.filter(pc.is_in(rows["channel"], value_set=pa.array(sorted(channels), pa.string())))
        for name in held:
            rows = rows.filter(pc.is_valid(rows[name]))
        if not held or not rows.num_rows:
            return [Client("", "", "", None, "sdk", 1.0)]
        seen = rows.group_by(list(CLIENT)).aggregate([("account_id", "count_distinct")])
        seen = seen.sort_by([(name, "ascending") for name in CLIENT])
        return [
            Client(
                row["user_agent"] or "",
                row["ja4"] or "",
                row["header_profile"] or "",
                row["sdk"],
                "sdk",
                float(row["account_id_count_distinct"]),
            )
            for row in seen.to_pylist()
        ]

    @cached_property
    def null_rates(self) -> dict[str, float]:
        """The share of planted values to lose, by column of exchanges.

        A column of the first kind loses the log's own share. One that is null by nature, such as the system
        prompt, loses as much as the log's columns lose in the middle, and never more than its own nulls.
        """
        own = {
            name: count / self.sample.rows
            for name, count in self.sample.nulls.items()
            if name in self.columns
        }
        usual = median([own[name] for name in ALWAYS if name in own] or [0.0])
        return {name: rate if name in LOST_ALIKE else min(rate, usual) for name, rate in own.items()}

    @cached_property
    def account_null_rates(self) -> dict[str, float]:
        """The same for the columns of accounts."""
        rows = max(1, self.all_accounts.num_rows)
        own = {name: self.all_accounts[name].null_count / rows for name in self.account_columns}
        usual = median([rate for name, rate in own.items() if name not in ACCOUNT_BY_NATURE] or [0.0])
        return {name: min(rate, usual) if name in ACCOUNT_BY_NATURE else rate for name, rate in own.items()}

    @cached_property
    def ordinary(self) -> pa.Table:
        """Rows of accounts that belong to no organisation and hold no agreement, in the order of their ids."""
        table = self.all_accounts.sort_by("account_id")
        agreed = pc.greater(pc.fill_null(pc.list_value_length(table["programmes"]), 0), 0)
        return table.filter(pc.and_(pc.is_null(table["org_domain"]), pc.invert(agreed)))

    @cached_property
    def examples(self) -> pa.Table:
        """Ordinary accounts to take `ALIKE` from: those that lack none of it, for what is lost is lost later."""
        whole = self.ordinary
        for name in ALIKE:
            if name in self.account_columns:
                whole = whole.filter(pc.is_valid(whole[name]))
        return whole if whole.num_rows else self.ordinary

    @cached_property
    def mail_domains(self) -> Mapping[str, int]:
        """Mail domains of ordinary accounts that are no organisation's: its accounts would be taken for one party."""
        verified = self.all_accounts.filter(pc.is_valid(self.all_accounts["org_domain"]))
        taken = {*verified["org_domain"].to_pylist(), *verified["email_domain"].to_pylist()}
        return {name: count for name, count in self.values("email_domain").items() if name not in taken}

    @cached_property
    def owners(self) -> pa.Array:
        """Of each row of the sample, the organisation behind its account, or the account if none is known."""
        who = self.sample.innocent["account_id"].combine_chunks()
        table = self.all_accounts
        place = pc.index_in(who, value_set=table["account_id"].combine_chunks())
        return pc.coalesce(table["org_domain"].combine_chunks().take(place), who)

    def values(self, column: str) -> Mapping[str, int]:
        """How many ordinary accounts hold each value of a column, in the order of the values."""
        counts = pc.value_counts(self.ordinary[column].drop_null()).to_pylist()
        return {one["values"]: one["counts"] for one in sorted(counts, key=lambda one: str(one["values"]))}

    def new_account_ids(self, wanted: list[str]) -> list[str]:
        """Ids that no account of the log has, and that sort among its own."""
        known = self.sample.account_ids | set(self.all_accounts["account_id"].to_pylist())
        ends = zip(min(known), max(known), strict=False)
        head = "".join(one for one, other in takewhile(lambda pair: pair[0] == pair[1], ends))
        made = [head + one for one in wanted]
        while known & set(made):
            made = [f"{one}0" for one in made]
        return made

    def new_exchange_ids(self, ids: pa.Array) -> pa.Array:
        """The same ids in our own form, longer than any of that form that the log may hold."""
        width = max(0, self.sample.longest_planted_id + 1 - len(PLANTED))
        return pc.binary_join_element_wise(PLANTED, pc.utf8_lpad(ids, width, "0"), "")

    def _released(self) -> list[int]:
        times: list[int] = self.releases["released_at"].cast(pa.int64()).to_pylist()
        return times

    def _ranked(self, column: str) -> Mapping[str, int]:
        counts = pc.value_counts(self.sample.innocent[column].drop_null()).to_pylist()
        return {c["values"]: c["counts"] for c in sorted(counts, key=lambda c: (-c["counts"], c["values"]))}


def account_columns(accounts: pa.Table) -> frozenset[str]:
    """Columns of the account table that hold a value; none if there are no accounts."""
    return frozenset(c.name for c in ACCOUNT.columns if accounts[c.name].null_count < accounts.num_rows)
