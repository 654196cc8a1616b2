"""LiteLLM_SpendLogs straight from the database: the rows that an export would hold, without the export.

PostgreSQL makes the records itself (`row_to_json`), so they are those of the export as JSON lines, and the format
`litellm_spend` reads them. They come in the order of `startTime`, by which the table has an index, a few hundred at a
time through a cursor of the server: neither side holds the whole table. The session reads one state of the table and
may not write.

- The address is the one in LiteLLM's own `DATABASE_URL`. What Prisma adds to such an address is not passed on; its
  `schema` is where the table is looked for.
- `since` is when a request arrived, not when its row was written: LiteLLM writes rows after the answer and in batches. Who
  reads on from the last time should go back by the longest answer; rows that come again have the same id, and are
  rejected as duplicates.
- It needs the package psycopg (`stillwatch[postgres]`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from stillwatch.errors import InputError

AT_A_TIME = 500
OF_PRISMA = frozenset(
    {
        *(
            "schema",
            "connection_limit",
            "pool_timeout",
            "pgbouncer",
            "socket_timeout",
            "statement_cache_size",
        ),
        *("sslaccept", "sslidentity"),
    }
)
"""Parameters of an address that only Prisma knows."""

QUERY = """
    SELECT row_to_json(t)::text FROM "LiteLLM_SpendLogs" t
    WHERE %(since)s::timestamp IS NULL OR "startTime" >= %(since)s::timestamp
    ORDER BY "startTime", request_id
"""

_decode = msgspec.json.Decoder(type=dict[str, Any]).decode


def spend_rows(url: str, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """The rows whose requests arrived at that time or later, as records of the export. Without a zone it is UTC's."""
    psycopg = _psycopg()
    address, schema = addressed(url)
    try:
        with psycopg.connect(address) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute("SELECT set_config('search_path', %s, true)", (schema,))
            with connection.cursor(name="stillwatch") as cursor:
                cursor.itersize = AT_A_TIME
                cursor.execute(QUERY, {"since": _in_utc(since)})
                for (line,) in cursor:
                    yield _decode(line)
    except psycopg.Error as error:
        raise InputError(f"The database of LiteLLM cannot be read: {error}") from error


def addressed(url: str) -> tuple[str, str]:
    """The address as PostgreSQL's own library takes it, and the schema."""
    parts = urlsplit(url)
    told = parse_qsl(parts.query)
    kept = urlencode([(name, value) for name, value in told if name not in OF_PRISMA])
    return urlunsplit(parts._replace(query=kept)), dict(told).get("schema", "public")


def _in_utc(moment: datetime | None) -> datetime | None:
    """As the table holds it: in UTC, without a zone."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)


def _psycopg() -> Any:
    try:
        import psycopg  # noqa: PLC0415  an optional dependency
    except ImportError as error:
        raise InputError(
            "Reading a database of PostgreSQL needs the package psycopg. "
            "Install it with: pip install 'stillwatch[postgres]'"
        ) from error
    return psycopg
