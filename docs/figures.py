"""Writes the measured figures into README.md, between its marks, from benchmarks/results/.

python docs/figures.py             # writes
python docs/figures.py --check     # ends with status 1 if the README does not show the results as they lie there
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent.parent
README = HOME / "README.md"
RESULTS = HOME / "benchmarks" / "results"
BLOCK = re.compile(r"(<!-- figures -->\n).*?(<!-- /figures -->)", re.DOTALL)
MEASURES = {"account precision": "precision", "recall": "recall", "campaigns found": "campaigns_found"}

Document = Mapping[str, Any]


def main(arguments: list[str]) -> int:
    """Write the README, or check it."""
    before = README.read_text("utf-8")
    after = filled(before)
    if "--check" in arguments:
        return int(before != after)
    README.write_text(after, "utf-8")
    return 0


def filled(readme: str) -> str:
    """The README with its block of figures made anew."""
    text = "\n".join((*_detection(_result("detection")), "", *_cost(_result("cost"))))
    return BLOCK.sub(lambda marks: f"{marks[1]}\n{text.strip()}\n\n{marks[2]}", readme)


def _result(name: str) -> Document | None:
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def _detection(result: Document | None) -> Iterator[str]:
    if result is None:
        yield "Detection is not measured yet: `just bench detection` does it."
        return
    yield f"Simulated worlds of about {result['exchanges']:,} exchanges; a figure is the mean over seeds:"
    yield ""
    yield f"| world | scans | {' | '.join(MEASURES)} | false campaigns |"
    yield f"| --- | --- | {' | '.join('---' for _ in MEASURES)} | --- |"
    for name, case in result["cases"].items():
        means = " | ".join(_number(case["mean"][measure]) for measure in MEASURES.values())
        yield f"| {name} | {case['scans']} | {means} | {case['false_campaigns']} |"
    missed = [goal for goal in result["goals"] if goal["met"] is False]
    yield ""
    yield f"Goals that were set beforehand and are not met: {len(missed)} of {len(result['goals'])}{_goals(missed)}."


def _goals(missed: list[Document]) -> str:
    named = "; ".join(
        f"{goal.get('case', '')} {goal['goal']} ({_number(goal['value'])})".strip() for goal in missed
    )
    return f", namely {named}" if named else ""


def _cost(result: Document | None) -> Iterator[str]:
    if result is None:
        yield "Cost is not measured yet: `just bench cost` does it."
        return
    cpu, peak, ratio = (result[name]["median"] for name in ("scan_cpu_seconds", "scan_peak_gib", "ratio"))
    yield (
        f"A scan of {result['exchanges']:,} simulated exchanges takes {_number(cpu, 0)} s of CPU and {_number(peak, 1)} GiB"
        f" at its peak, {_number(ratio, 1)} times the CPU in which DuckDB reads and decodes the same columns once"
        f" ({result['machine']['cores']} cores of {result['machine']['processor']})."
    )
    longer = result.get("texts_as_long_as_their_tokens")
    if longer:
        yield (
            f"Simulated answers are short; with texts as long as their own token counts say it takes"
            f" {_number(longer['scan_cpu_seconds']['median'], 0)} s, {_number(longer['ratio']['median'], 1)} times as much."
        )


def _number(value: float | None, places: int = 2) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.{places}f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
