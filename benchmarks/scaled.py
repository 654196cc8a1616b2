"""The table of what a scan takes as the log grows, for the manual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pieces import number, on, table

GOAL, THIN = "prompts_as_long_as_where_the_goal_was_set", "a_quarter_of_the_exchanges"


def growth(result: Mapping[str, Any]) -> Iterator[str]:
    """A column for each size: the scan as it is, with a bound of memory, its stages, and how right it was."""
    sizes = result["sizes"]
    yield (
        f"Simulated world `{result['world']}`, seed {result['seed']}, {result['threads']} threads, one run of each; {on(result)}. "
        f"Bounded means `--memory {result['memory']}`."
    )
    yield ""
    rows = {
        "D: DuckDB decodes the same columns, CPU s": lambda one: one["decode_cpu_seconds"],
        "scan, CPU s": lambda one: one["free"]["cpu"],
        "**scan / D**": lambda one: one["ratio"],
        "scan, wall s": lambda one: one["free"]["wall"],
        "peak memory, GiB": lambda one: one["free"]["peak_gib"],
        "bounded: CPU s": lambda one: one["bounded"]["cpu"],
        "bounded: wall s": lambda one: one["bounded"]["wall"],
        "bounded: peak of memory in no file, GiB": lambda one: one["bounded"]["anonymous_gib"],
        "campaigns found": lambda one: one["campaigns_found"],
    }
    accounts = {f"account {name}": name for name in ("precision", "recall")}
    yield from table(
        ("", *(f"{one['exchanges']:,} exchanges" for one in sizes)),
        (
            *((says, *(number(float(told(one)), 2) for one in sizes)) for says, told in rows.items()),
            *((says, *(number(one["account"][of], 4) for one in sizes)) for says, of in accounts.items()),
            *(
                (f"relay {name}", *(number(one["relay"][name], 4) for one in sizes))
                for name in accounts.values()
            ),
            ("accounts told as coordinated", *(f"{one['coordinated_accounts']:,}" for one in sizes)),
        ),
    )
    yield ""
    yield from _stages([*sizes, *([result["beyond"]] if result["beyond"] else [])])
    yield ""
    yield from _long(sizes)
    grown = result["growth_exponents"]
    yield (
        f"From the smallest to the largest CPU grows with the number of exchanges to the {number(grown['cpu'], 2)}, memory that lies in no file to "
        f"the {number(grown['anonymous_gib'], 2)} (accounts grow alike)."
    )
    yield from _thin(sizes[-1])
    if result["beyond"]:
        yield from _beyond(result["beyond"])


def _stages(sizes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What each stage takes at each size."""
    yield from table(
        ("stage: CPU s, wall s, peak GiB", *(f"{one['exchanges']:,} exchanges" for one in sizes)),
        (
            (stage, *(", ".join(_stage(one["stages"], stage)) for one in sizes))
            for stage in sizes[0]["stages"]["cpu"]
        ),
    )


def _stage(stages: Mapping[str, Any], stage: str) -> Iterator[str]:
    for kind, places in {"cpu": 1, "wall": 1, "peak_gib": 2}.items():
        yield number(stages[kind].get(stage), places)


def _long(sizes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What the same logs take with prompts of real length."""
    for one in sizes:
        if GOAL in one:
            told, free = one[GOAL], one[GOAL]["free"]
            yield (
                f"With prompts as long as those on which the goal of 6 x D was set ({told['prompt_gb']:.1f} GB of them in place of {one['prompt_gb']:.1f}) the scan of {told['exchanges']:,} exchanges "
                f"takes {free['cpu']:.0f} s of CPU, **{told['ratio']:.2f} x D** of {told['decode_cpu_seconds']:.1f} s, {free['wall']:.0f} s of wall and {free['peak_gib']:.1f} GiB; "
                f"precision {told['account']['precision']:.4f}, recall {told['account']['recall']:.4f}."
            )
            yield ""


def _thin(last: Mapping[str, Any]) -> Iterator[str]:
    """What the same accounts take with fewer exchanges."""
    thin, free = last[THIN], last["free"]
    yield (
        f"The same accounts with a quarter of their exchanges take {thin['cpu']:.0f} s of CPU and {number(thin['peak_gib'], 2)} GiB, "
        f"where all of them take {free['cpu']:.0f} s and {number(free['peak_gib'], 2)} GiB."
    )
    yield from _held(last)


def _held(told: Mapping[str, Any]) -> Iterator[str]:
    """What a scan takes that the system holds to the memory of the goal."""
    held = told.get("held")
    if held:
        took = (
            f"completes in {held['cpu']:.0f} s of CPU and {held['wall']:.0f} s of wall"
            if held["completed"]
            else "does not complete"
        )
        yield (
            f"A scan of these {told['exchanges']:,} exchanges with nothing said that the system holds to 6 GB, cached files and all, {took}."
        )


def _beyond(told: Mapping[str, Any]) -> Iterator[str]:
    """What a world of a million accounts takes."""
    free = told["free"]
    yield ""
    yield (
        f"Simulated world `{told['world']}`: {told['exchanges']:,} exchanges of {told['accounts']:,} accounts take {free['cpu']:.0f} s of CPU "
        f"({number(told['ratio'], 1)} x D), {free['wall']:.0f} s of wall and {number(free['peak_gib'], 2)} GiB; precision {told['account']['precision']:.3f}, "
        f"recall {told['account']['recall']:.3f}, campaigns found {told['campaigns_found']:.2f}. Bounded, {number(told['bounded']['anonymous_gib'], 2)} GiB lie in no file, "
        f"in {told['bounded']['wall']:.0f} s of wall."
    )
    yield from _held(told)
