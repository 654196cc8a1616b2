"""What runs inside of LiteLLM's proxy: who holds which key, and where its records go. Named in the proxy's configuration.

- `told` is a callback as its users write them: each StandardLoggingPayload becomes a line of `callbacks.jsonl`.
- `spent` is LiteLLM's own logger of spend, which it adds by itself where it has a database. Only the last step, the row's
  way into the table, is another one here: the row becomes a line of `rows.jsonl`. The engine that LiteLLM writes through
  (Prisma's) is fetched from the network as it first starts, and a test must do without.
- `known` is the way LiteLLM offers to hold keys elsewhere: users and teams of the keys in `keys.json`.

The environment variable STILLWATCH_PRODUCED names the folder of these files.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from fastapi import HTTPException, Request
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import UserAPIKeyAuth
from litellm.proxy.db.db_spend_update_writer import DBSpendUpdateWriter
from litellm.proxy.hooks.proxy_track_cost_callback import ProxyDBLogger

PLACE = Path(os.environ["STILLWATCH_PRODUCED"])


class _Told(CustomLogger):
    async def async_log_success_event(self, kwargs: dict, *_: object, **__: object) -> None:
        written("callbacks.jsonl", kwargs["standard_logging_object"])

    async def async_log_failure_event(self, kwargs: dict, *_: object, **__: object) -> None:
        written("callbacks.jsonl", kwargs["standard_logging_object"])


def written(name: str, record: object) -> None:
    """One line more; what JSON does not know is written as its text, as LiteLLM's own callbacks do."""
    with (PLACE / name).open("a", encoding="utf-8") as file:
        file.write(json.dumps(record, default=str) + "\n")


async def kept(_: object, payload: dict, *__: object, **___: object) -> None:
    """Stands for the insertion into the table."""
    written("rows.jsonl", payload)


async def known(_: Request, api_key: str) -> UserAPIKeyAuth:
    """Who holds the key."""
    holders = json.loads((PLACE / "keys.json").read_text("utf-8"))
    if api_key not in holders:
        raise HTTPException(401, "No such key")
    return UserAPIKeyAuth(api_key=api_key, **holders[api_key])


DBSpendUpdateWriter._insert_spend_log_to_db = kept
told = _Told()
spent = ProxyDBLogger()
