"""Campaigns inside mixed accounts: what is found of them, and whether the volumes told are true.

    python benchmarks/mixed_accounts.py                     # five shares, five seeds: about ten minutes
    python benchmarks/mixed_accounts.py --shares 5,0 --seeds 301 --exchanges 100000

A reseller's pool carries a campaign in 5, 10, 25 or 50 of 100 requests, or none; half as many accounts again carry
customers only. The volumes of other worlds' campaigns are measured beside it (`--worlds`). The default seeds are for
reporting: what was learnt for the intervals was learnt on others.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from asked import names, numbers, parser
from gather import proportion
from machine import machine

from stillwatch.scan import scan
from stillwatch.scoring.exchanges import score_exchanges
from stillwatch.scoring.matching import match_campaigns, score_found
from stillwatch.scoring.reported import Reported, read_reported
from stillwatch.scoring.truth import Truth, read_truth
from stillwatch.simulate.worlds import build

RESULT = Path(__file__).parent / "results" / "mixed_accounts.json"
SHARES = (0, 5, 10, 25, 50)
WORLDS = ("mixed", "hard")
SEEDS = tuple(range(371, 376))
EXCHANGES = 200_000

Row = Mapping[str, Any]


def main() -> None:
    """Measure, write the result, print it."""
    chosen = _arguments()
    runs: list[Row] = []
    names = [f"mixed-accounts-{share}" for share in chosen.shares] + chosen.worlds
    for name in names:
        for seed in chosen.seeds:
            runs.append(measured(name, seed, chosen.exchanges))
            print(json.dumps({k: v for k, v in runs[-1].items() if k != "volumes"}), flush=True)
            document = {
                "what": "campaigns inside mixed accounts of simulated worlds, and the volumes told of campaigns",
                "exchanges": chosen.exchanges,
                "seeds": chosen.seeds,
                "machine": machine(),
                "worlds": {n: figures([r for r in runs if r["world"] == n]) for n in names},
                "volumes_cover": covered([v for r in runs for v in r["volumes"]]),
                "runs": runs,
            }
            chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    for name, found in document["worlds"].items():
        print(name, found)
    print("volumes that cover", document["volumes_cover"])


def measured(world: str, seed: int, exchanges: int) -> Row:
    """One world made, scanned and compared with its truth."""
    with tempfile.TemporaryDirectory(prefix="stillwatch-mixed-") as scratch:
        log, out = Path(scratch) / "log", Path(scratch) / "findings"
        build(world, seed=seed, exchanges=exchanges, out=log)
        scan(log, out=out)
        truth = read_truth(log.with_name("log.truth"))
        reported = read_reported(out, truth.account_id)
    matched = match_campaigns(truth, reported)
    claimed = np.isin(reported.campaign.astype(str), [c.campaign_id for c in reported.distillation])
    found = score_found(truth, reported, matched)
    others = ~truth.is_campaign & truth.counts
    exchange = score_exchanges(truth, reported) or {}
    return {
        "world": world,
        "seed": seed,
        "campaigns": len(truth.campaigns),
        "found": len(matched),
        "false_campaigns": found["false_campaigns"],
        "accounts": int(truth.is_campaign.sum()),
        "accounts_found": int((claimed & truth.is_campaign).sum()),
        "others": int(others.sum()),
        "others_called": int((claimed & others).sum()),
        "relay_customers": int(truth.has_role("relay").sum()),
        "relay_customers_called": int((claimed & truth.has_role("relay")).sum()),
        "exchange_f1": exchange.get("f1"),
        "volumes": list(volumes(truth, reported, matched)),
    }


def volumes(truth: Truth, reported: Reported, matched: Mapping[str, str]) -> Iterator[Row]:
    """Of each campaign found: the true number of exchanges, and what was told of it."""
    told = {c.campaign_id: c.exchanges for c in reported.distillation}
    for campaign in truth.campaigns:
        interval = told.get(matched.get(campaign.campaign_id, ""))
        if interval is not None:
            yield {
                "campaign": campaign.short_name,
                "true": campaign.exchanges_extraction,
                "low": interval.low,
                "best": interval.best,
                "high": interval.high,
            }


def figures(runs: Sequence[Row]) -> dict[str, Any]:
    """The figures of one world over its seeds; rates with their counts and bounds."""

    def rate(found: str, of: str) -> dict[str, Any]:
        return proportion(sum(r[found] for r in runs), sum(r[of] for r in runs))

    f1 = [r["exchange_f1"] for r in runs if r["exchange_f1"] is not None]
    return {
        "campaigns_found": rate("found", "campaigns"),
        "false_campaigns": proportion(sum(r["false_campaigns"] for r in runs), len(runs)),
        "accounts_found": rate("accounts_found", "accounts"),
        "others_called": rate("others_called", "others"),
        "relay_customers_called": rate("relay_customers_called", "relay_customers"),
        "exchange_f1": round(fmean(f1), 4) if f1 else None,
        "volumes_cover": covered([v for r in runs for v in r["volumes"]]),
        "volume_error": _mean_error([v for r in runs for v in r["volumes"]]),
    }


def covered(volumes: Sequence[Row]) -> dict[str, Any]:
    """How many of the intervals told of campaigns found hold the true number."""
    return proportion(sum(v["low"] <= v["true"] <= v["high"] for v in volumes), len(volumes))


def _mean_error(volumes: Sequence[Row]) -> float | None:
    errors = [abs(v["best"] - v["true"]) / max(1, v["true"]) for v in volumes]
    return round(fmean(errors), 4) if errors else None


def _arguments() -> argparse.Namespace:
    options = parser(__doc__, seeds=SEEDS, exchanges=EXCHANGES, result=RESULT)
    options.add_argument(
        "--shares", type=lambda text: numbers(text) if text else [], default=list(SHARES), metavar="N,N"
    )
    options.add_argument(
        "--worlds", type=names, default=list(WORLDS), metavar="A,B", help="others; '' for none"
    )
    return options.parse_args()


if __name__ == "__main__":
    main()
