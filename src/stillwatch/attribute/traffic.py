"""A log as attribution looks at it: after the door, with the tables beside it and what was seen in passing."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from stillwatch.attribute.mentions import Mentions
from stillwatch.fingerprint.assemble import Log


@dataclass(frozen=True, eq=False)
class Traffic:
    """A log with its tables of accounts and networks."""

    log: Log
    accounts: pa.Table
    networks: pa.Table
    mentions: Mentions
