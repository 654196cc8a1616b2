"""The table of what a new day costs, for the manual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pieces import number, on, table

KINDS = {
    "full": "all files read, nothing kept, CPU s",
    "first": "all files read and kept, CPU s",
    "new day": "**{days} files, one of them new, CPU s**",
    "nothing new": "all files kept, CPU s",
}


def new_day(result: Mapping[str, Any]) -> Iterator[str]:
    """A column for each form of the log: what each kind of scan costs, and where it goes."""
    forms = result["forms"].values()
    exchanges = ", ".join(sorted({f"{form['exchanges']:,}" for form in forms}))
    yield (
        f"Simulated world `{result['world']}`, seed {result['seed']}, {exchanges} exchanges in {result['days']} files; {result['threads']} threads, "
        f"{result['runs']} of each kind of scan; {on(result)}."
    )
    yield ""
    rows = {
        text.format(days=result["days"]): [form["cpu"][kind] for form in forms]
        for kind, text in KINDS.items()
    }
    sizes = {"the log, MiB": "log_mib", "what is kept, MiB": "kept_mib"}
    stages = [
        (kind, stage) for stage in next(iter(forms))["stages"]["full"] for kind in ("full", "nothing new")
    ]
    yield from table(
        ("", *(f"`{name}`" for name in result["forms"])),
        (
            *((says, *(number(float(one), 1) for one in values)) for says, values in rows.items()),
            ("**a new day / all read**", *(number(float(form["share"]), 2) for form in forms)),
            *((says, *(number(form[of]) for form in forms)) for says, of in sizes.items()),
            *(
                (
                    f"{stage}, {_way(kind)}, CPU s",
                    *(number(float(form["stages"][kind][stage]), 1) for form in forms),
                )
                for kind, stage in stages
            ),
        ),
    )


def _way(kind: str) -> str:
    return "all read" if kind == "full" else "all kept"
