"""What a scan costs, as a table of the manual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pieces import number, on, table

Document = Mapping[str, Any]


def cost(result: Document) -> Iterator[str]:
    """What scans took beside the yardstick, of texts as they are simulated and as long as their tokens say."""
    yield from _spent(result)
    longer = result.get("texts_as_long_as_their_tokens")
    if longer:
        yield ""
        yield (
            "Simulated answers are far shorter than their own token counts say, so that there is little to decode. The same"
            " log with texts of that length, filled up with made-up words that no two share:"
        )
        yield ""
        yield from _spent(longer)


def _spent(result: Document) -> Iterator[str]:
    load = result["load_average"]
    yield (
        f"World `{result['world']}`, {result['exchanges']:,} exchanges in {result['file_mib']:,} MiB of Parquet; {result['threads']} threads, "
        f"{result['runs']} runs of each kind; {on(result)}; load average {load['before']} before, {load['after']} after."
    )
    yield ""
    kinds = {
        "D: DuckDB decodes the columns that the scan reads, CPU s": "decode_cpu_seconds",
        "the same for the columns that it needs, CPU s": "decode_needed_cpu_seconds",
        "whole scan, start included, CPU s": "scan_cpu_seconds",
        "whole scan, wall s": "scan_wall_seconds",
        "peak memory, GiB": "scan_peak_gib",
        "**scan / D**": "ratio",
        "scan / needed columns alone": "ratio_to_needed_columns",
    }
    spreads = ((says, result[name]) for says, name in kinds.items())
    yield from table(
        ("", "median", "least", "most"),
        ((says, *(number(spread[part], 2) for part in ("median", "min", "max"))) for says, spread in spreads),
    )
    yield ""
    stages = result["stages"]["cpu"].items()
    yield from table(("stage", "CPU s"), ((stage, number(spent, 1)) for stage, spent in stages))
