"""Logs that LiteLLM's proxy really writes: `python tests/producers/litellm_proxy.py --out DIR`.

It leaves in DIR `callbacks.jsonl` (StandardLoggingPayload as a callback receives it), `spend.jsonl` and `spend.csv`
(the table LiteLLM_SpendLogs as PostgreSQL exports it). It takes about two minutes and needs a registry of packages.

- LiteLLM and its proxy are installed into an environment of their own, which goes afterwards; or `--python` names one.
- The proxy runs without a database: the engine through which it writes to one comes from a host that few networks for
  tests reach. Its own logger of spend runs all the same up to the insertion (see `litellm_inside.py`).
- The table is made by LiteLLM's own migrations in a PostgreSQL started for it, and the rows are inserted as that engine
  would: times to the millisecond, texts of JSON as values of JSON.
- The proxy's zone is Tokyo's and the database's Bogota's, so that a time that is not in UTC shows.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from litellm_requests import HOLDERS, STRANGER, ask, requests
from postgresql import Database, postgresql
from stand_in_model import stand_in_model

HERE = Path(__file__).parent
PACKAGES = ("litellm[proxy]==1.108.7",)
TABLE = '"LiteLLM_SpendLogs"'
JSON_COLUMNS = ("metadata", "request_tags", "messages", "response", "proxy_server_request")
LONGEST_WAIT = 120


def main() -> None:
    """Make the three files."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--out", type=Path, required=True)
    options.add_argument(
        "--python", type=Path, help="a Python that has litellm[proxy]; else one is installed"
    )
    told = options.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stillwatch-litellm-") as name:
        place = Path(name)
        python = told.python or installed(place / "environment")
        asked_of_the_proxy(python, place)
        shutil.copy(place / "callbacks.jsonl", told.out / "callbacks.jsonl")
        rows = [json.loads(line) for line in (place / "rows.jsonl").read_text("utf-8").splitlines()]
        with postgresql() as database:
            kept(rows, python, database)
            exported(database, told.out)


def installed(place: Path) -> Path:
    """The Python of a new environment that has LiteLLM's proxy."""
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True, stdout=sys.stderr)
    return python


def asked_of_the_proxy(python: Path, place: Path) -> None:
    """Start the model and the proxy, send all requests, wait for the last record."""
    keys = {who: f"sk-{secrets.token_hex(16)}" for who in (*HOLDERS, STRANGER)}
    holders = {keys[who]: holder for who, holder in HOLDERS.items()}
    (place / "keys.json").write_text(json.dumps(holders), "utf-8")
    shutil.copy(HERE / "litellm_inside.py", place)
    with stand_in_model() as model, proxy(python, place, model) as port:
        for asked in requests():
            ask(port, asked, keys[asked.who])
        settled(place)


def configuration(model: int) -> dict:
    """The proxy's configuration. Without a price LiteLLM tracks no spend."""
    price = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    base = f"http://127.0.0.1:{model}"
    at = {"api_base": f"{base}/v1", "api_key": "none", **price}
    return {
        "model_list": [
            {"model_name": "house-large", "litellm_params": {"model": "openai/stand-in", **at}},
            {
                "model_name": "house-claude",
                "litellm_params": {"model": "anthropic/stand-in", **at, "api_base": base},
            },
            {"model_name": "house-embedding", "litellm_params": {"model": "openai/stand-in-embedding", **at}},
        ],
        "litellm_settings": {
            "callbacks": ["litellm_inside.told", "litellm_inside.spent"],
            "cache": True,
            "cache_params": {"type": "local", "mode": "default_off"},
            "num_retries": 0,
        },
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "general_settings": {
            "master_key": f"sk-{secrets.token_hex(16)}",
            "custom_auth": "litellm_inside.known",
            "store_prompts_in_spend_logs": True,
            "use_x_forwarded_for": True,
        },
    }


@contextmanager
def proxy(python: Path, place: Path, model: int) -> Iterator[int]:
    """LiteLLM's proxy on a loopback port, as long as the context lasts."""
    port = free_port()
    (place / "config.yaml").write_text(json.dumps(configuration(model)), "utf-8")
    command = [python.parent / "litellm", "--config", place / "config.yaml", "--telemetry", "False"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    kept_back = ("DATABASE_URL", "PYTHONPATH")
    surroundings = {name: value for name, value in os.environ.items() if name not in kept_back} | {
        "STILLWATCH_PRODUCED": str(place),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "TZ": "Asia/Tokyo",
    }
    with (place / "proxy.log").open("w") as log:
        running = subprocess.Popen(command, cwd=place, env=surroundings, stdout=log, stderr=log)
        try:
            awaited(running, port, place / "proxy.log")
            yield port
        finally:
            stopped(running)


def stopped(running: subprocess.Popen[bytes]) -> None:
    """Ask it to stop, and end it if it does not."""
    running.terminate()
    try:
        running.wait(30)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def awaited(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the proxy answers."""
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until and running.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"LiteLLM's proxy does not answer:\n{log.read_text('utf-8')[-4000:]}")


def settled(place: Path) -> None:
    """Wait until no record was written for five seconds: LiteLLM logs after it has answered."""
    sizes, until = [-1, 0], time.monotonic() + LONGEST_WAIT
    while sizes[-1] != sizes[-2] and time.monotonic() < until:
        time.sleep(5)
        sizes.append(sum(path.stat().st_size for path in place.glob("*.jsonl")))
    if not (place / "callbacks.jsonl").exists() or not (place / "rows.jsonl").exists():
        raise RuntimeError(f"LiteLLM wrote no records:\n{(place / 'proxy.log').read_text('utf-8')[-4000:]}")


def kept(rows: list[dict], python: Path, database: Database) -> None:
    """Make LiteLLM's tables with its own migrations and insert the rows."""
    find = "import litellm_proxy_extras as extras; print(extras.__path__[0])"
    found = subprocess.run([python, "-c", find], check=True, capture_output=True, text=True).stdout.strip()
    for step in sorted(Path(found).glob("migrations/*/migration.sql")):
        database.run(step.read_text("utf-8"))
    database.run("\n".join(insertion(row) for row in rows))


def insertion(row: dict) -> str:
    """The statement that puts a row into the table, times to the millisecond and JSON as JSON."""
    values = row | {name: json.loads(row[name]) for name in JSON_COLUMNS}
    told = json.dumps(values).replace("'", "''")
    columns = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {TABLE} ({columns}) SELECT {columns} FROM json_populate_record(NULL::{TABLE}, '{told}');"


def exported(database: Database, out: Path) -> None:
    """The table as JSON lines and as CSV, in the two ways that PostgreSQL has."""
    ordered = f'{TABLE} t ORDER BY "startTime", request_id'
    (out / "spend.jsonl").write_text(database.run(f"SELECT row_to_json(t) FROM {ordered};"), "utf-8")
    (out / "spend.csv").write_text(
        database.run(f"\\copy (SELECT * FROM {ordered}) TO STDOUT csv header"), "utf-8"
    )


if __name__ == "__main__":
    main()
