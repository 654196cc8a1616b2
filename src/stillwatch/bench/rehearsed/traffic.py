"""The traffic of the rehearsal: a simulated world in which one planted campaign asks a real server, and all others only seem to.

The campaign's accounts send their own simulated prompts, each with a passage to go on from, over HTTP. Their client facts (addresses, keys, times)
stay the simulated ones; prompt and answer are the server's own log. Canaries are asked as ordinary requests.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.mark.canaries import Canary
from stillwatch.model.tables import EXCHANGE
from stillwatch.simulate.worlds import build

WORLD, EXCHANGES = "easy", 20_000
MODEL = "small-teacher"
ANSWER_TOKENS = 48
TOOLS = (
    "anvil", "bramble", "copper", "dahlia", "ember", "fjord", "granite", "heron", "indigo", "juniper", "kestrel", "lagoon",
    "meadow", "nectar", "orchid", "pepper", "quartz", "raven", "saffron", "timber", "umber", "violet", "walnut", "zephyr",
)  # fmt: skip
CITIES = (
    "Porto", "Turin", "Ghent", "Graz", "Lyon", "Bergen", "Malmo", "Krakow", "Split", "Bath", "Nantes", "Siena", "Vigo", "Turku", "Basel", "Delft",
)  # fmt: skip
SERVINGS = 24
THREADS = 24
OPENINGS = ("Please.", "Quick one:", "For the manual:", "Short answer.", "Next item.", "Thanks. Now:")


def canaries(account_set: str) -> tuple[Canary, ...]:
    """A trigger for each tool: any of the cities would do."""
    return tuple(
        Canary(f"Name any one city as a sample for the {tool} demo:", CITIES, account_set) for tool in TOOLS
    )


def world(folder: Path, seed: int) -> tuple[str, tuple[str, ...], list[str]]:
    """Make the world; the planted campaign with the most traffic, its accounts, and its exchanges that were answered."""
    build(WORLD, seed=seed, exchanges=EXCHANGES, out=folder)
    truth = pq.read_table(folder.with_name(f"{folder.name}.truth") / "exchanges.parquet")
    named = Counter(name for name in truth["campaign"].to_pylist() if name)
    campaign = named.most_common(1)[0][0]
    mine = set(truth.filter(pa.compute.equal(truth["campaign"], campaign))["exchange_id"].to_pylist())
    rows = pq.read_table(
        folder / "exchanges.parquet", columns=["exchange_id", "account_id", "prompt"]
    ).to_pylist()
    accounts = sorted({row["account_id"] for row in rows if row["exchange_id"] in mine})
    asked = [row["exchange_id"] for row in rows if row["exchange_id"] in mine and row["prompt"]]
    return campaign, tuple(accounts), asked


def requests(
    folder: Path, asked: Sequence[str], passages: Sequence[str], triggers: Sequence[Canary]
) -> list[dict[str, Any]]:
    """What the campaign's accounts send: their prompts with a passage each, and now and then a question for a sample."""
    wanted = set(asked)
    rows = pq.read_table(
        folder / "exchanges.parquet", columns=["exchange_id", "account_id", "prompt"]
    ).to_pylist()
    mine = [row for row in rows if row["exchange_id"] in wanted]
    questions = [
        f"{OPENINGS[number % len(OPENINGS)]} {canary.trigger}"
        for canary in triggers
        for number in range(SERVINGS)
    ]
    chosen = np.random.default_rng(5).permutation(len(mine))[: len(questions)]
    place = dict(zip(chosen.tolist(), questions, strict=False))
    return [
        {**row, "prompt": f"{row['prompt']}\n\n{place.get(number, passages[number])}"}
        for number, row in enumerate(mine)
    ]


def send(
    url: str, asked: Sequence[Mapping[str, Any]], keys: Mapping[str, str], *, tokens: int = ANSWER_TOKENS
) -> dict[str, str]:
    """Send each request over HTTP with its account's key; gives the request's own id by the id that the server answered under."""
    import httpx  # noqa: PLC0415  an extra

    with (
        httpx.Client(timeout=120, limits=httpx.Limits(max_connections=THREADS)) as client,
        ThreadPoolExecutor(THREADS) as pool,
    ):

        def one(row: Mapping[str, Any]) -> tuple[str, str]:
            body = {
                "model": MODEL,
                "messages": [{"role": "user", "content": row["prompt"]}],
                "max_tokens": tokens,
                "temperature": 1.0,
            }
            headers = {"Authorization": f"Bearer {keys[row['account_id']]}"}
            told = client.post(f"{url}/chat/completions", json=body, headers=headers).raise_for_status()
            return str(told.json()["id"]), str(row["exchange_id"])

        return dict(pool.map(one, asked))


def logged(file: Path, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The server's log under the ids of the requests, in their order: threads write as they end."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    mine = [{**row, "exchange_id": names[row["exchange_id"]]} for row in rows]
    yield from sorted(mine, key=lambda row: str(row["exchange_id"]))


def woven(folder: Path, log: Path, names: Mapping[str, str]) -> None:
    """Put what was really served in the place of what the simulator had made up, in the world's own table."""
    file = folder / "exchanges.parquet"
    served = {row["exchange_id"]: row for row in logged(log, names)}
    rows = pq.read_table(file).to_pylist()
    kept = ("prompt", "response", "input_tokens", "output_tokens", "status", "stop_reason", "content_state")
    for row in rows:
        told = served.get(row["exchange_id"])
        if told:
            row.update({name: told[name] for name in kept})
    schema = pq.read_schema(file)
    pq.write_table(
        pa.Table.from_pylist(rows, schema=schema).cast(
            pa.schema([EXCHANGE.arrow.field(n) for n in schema.names])
        ),
        file,
    )
