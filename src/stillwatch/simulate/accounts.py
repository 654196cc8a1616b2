"""The accounts table of a world."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.model.tables import ACCOUNT
from stillwatch.simulate.arrays import generator, hex_strings, mix, salt
from stillwatch.simulate.group import Group
from stillwatch.simulate.network import dotted


def number_accounts(groups: Sequence[Group], seed: int) -> pa.Array:
    """Give every group its range of numbers and return the ids; ids say nothing of the group."""
    total = 0
    for group in groups:
        group.first_account = total
        total += len(group)
    return hex_strings(mix(np.arange(total), salt("account", seed)), "acct_")


def accounts_table(
    groups: Sequence[Group], ids: pa.Array, null_rates: dict[str, float], seed: int
) -> pa.Table:
    """All accounts in the order of their ids, with some values lost."""
    columns = {"account_id": ids}
    for field in list(ACCOUNT.arrow)[1:]:
        values = [value for group in groups for value in group.columns[field.name]]
        if field.name == "signup_ip":
            columns[field.name] = dotted(np.array(values, dtype=np.int64))
        else:
            columns[field.name] = pa.array(values, field.type)
    table = pa.table(columns, schema=ACCOUNT.arrow)
    return thinned(table, null_rates, seed).sort_by("account_id")


def thinned(table: pa.Table, null_rates: dict[str, float], seed: int) -> pa.Table:
    """The table with some values lost, whoever they belong to."""
    arrays = [_thin(table[n].combine_chunks(), null_rates.get(n, 0.0), n, seed) for n in table.column_names]
    return pa.table(arrays, schema=table.schema)


def _thin(values: pa.Array, rate: float, name: str, seed: int) -> pa.Array:
    if not rate:
        return values
    lost = pa.array(generator("lost", seed, name).random(len(values)) < rate)
    return pc.if_else(lost, pa.scalar(None, values.type), values)
