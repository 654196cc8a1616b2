"""Writes the measured figures into docs/explanation/measurements.md, between its marks, from benchmarks/results/.

The drawing of the peers goes beside it, as `peers.svg`.

python benchmarks/page.py             # writes; `just bench page` does the same
python benchmarks/page.py --check     # ends with status 1 if the page does not show the results as they lie there
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import accused
import assayed
import dosed
import named
from daily import new_day
from gather import pooled_bins
from hottest import hottest
from peers import plot, shown
from pieces import number, on, rate, table
from scaled import growth
from sparked import beside
from spent import cost
from together import two_providers

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "explanation" / "measurements.md"
PICTURE = PAGE.with_name("peers.svg")
RESULTS = HERE / "results"

Document = Mapping[str, Any]


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    before = PAGE.read_text("utf-8")
    made = {PAGE: filled(before), **pictures()}
    if "--check" in arguments:
        return int(any(not file.exists() or file.read_text("utf-8") != text for file, text in made.items()))
    for file, text in made.items():
        file.write_text(text, "utf-8")
    return 0


def pictures() -> dict[Path, str]:
    """The drawings of what was measured."""
    drawn = {
        PICTURE: (_result("peers"), plot.drawing),
        PAGE.with_name("assay.svg"): (_result("assay"), assayed.drawing),
        PAGE.with_name("assay-dose.svg"): (_result("small_gpt"), dosed.drawing),
    }
    return {file: draw(result) for file, (result, draw) in drawn.items() if result}


def filled(page: str) -> str:
    """The page with every block between `<!-- name -->` and `<!-- /name -->` made anew."""
    for name, told in BLOCKS.items():
        result = _result(name.split("-")[0])
        text = "\n".join(told(result)) if result else "Not measured yet."
        page = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", rf"\1\n{text}\n\n\2", page, flags=re.DOTALL
        )
    return page


def _result(name: str) -> Document | None:
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def _detection(result: Document) -> Iterator[str]:
    yield f"Simulated worlds of about {result['exchanges']:,} exchanges; {on(result)}."
    yield ""
    heads = (
        "case",
        "scans",
        "precision",
        "recall",
        "F1",
        "B-cubed F1",
        "campaigns found",
        "false campaigns",
        "exchange F1",
    )
    names = ("precision", "recall", "f1", "bcubed_f1", "campaigns_found")
    yield from table(
        heads,
        (
            (
                name,
                str(c["scans"]),
                *(number(c["mean"][n]) for n in names),
                str(c["false_campaigns"]),
                number(c["mean"]["exchange_f1"]),
            )
            for name, c in result["cases"].items()
        ),
    )


def _goals(result: Document) -> Iterator[str]:
    for goal in result["goals"]:
        met = {True: "met", False: "**not met**", None: "not measured"}[goal["met"]]
        case = f"`{goal['case']}`: " if "case" in goal else ""
        value = goal["value"]
        nearly = value is not None and 0.9995 <= value < 1.0
        yield f"- {case}{goal['goal']}: {number(value, 4 if nearly else 3)}, {met}"


def _lookalikes(result: Document) -> Iterator[str]:
    """All classes, pooled over the cases with every column, so that no innocent is counted twice for one world."""
    counts: dict[str, list[int]] = {}
    for case in ("easy", "clean", "mixed", "hard"):
        for kind, called in result["cases"].get(case, {}).get("lookalikes_called_campaign", {}).items():
            at = counts.setdefault(kind, [0, 0])
            at[0] += called["found"]
            at[1] += called["of"]
    if not counts:
        return
    rows = (
        (f"`{kind}`", f"{of:,}", str(found), rate(found, of)) for kind, (found, of) in sorted(counts.items())
    )
    yield from table(("class", "accounts", "called campaign", "rate"), rows)


def _reliability(result: Document) -> Iterator[str]:
    """Membership and extraction, pooled over the cases that hold campaigns."""
    cases = [case.get("reliability") for case in result["cases"].values()]
    for name, of in (("membership", "accounts"), ("extraction", "exchanges")):
        rows = pooled_bins([row for case in cases if case for row in case[name]])
        if not rows:
            continue
        yield ""
        yield from table(
            (f"`{name}` from", of, "said on average", "came true"),
            (
                (f"{r['from']:.1f}", f"{r['number']:,}", number(r["said"]), number(r["came_true"]))
                for r in rows
            ),
        )


def _worlds(result: Document) -> str:
    """Which worlds of what size were measured, and on what machine."""
    seeds = ", ".join(map(str, result["seeds"]))
    return f"Simulated worlds of about {result['exchanges']:,} exchanges, seeds {seeds}; {on(result)}."


def _ablation(result: Document) -> Iterator[str]:
    yield _worlds(result)
    if "put_together" in result:
        yield f"Put together {result['put_together']}."
    yield ""
    cases = list(result["whole"])
    heads = ("left out", *(f"`{case}`" for case in cases))
    whole = ("*nothing*", *(_shown(c, lambda value: f"{value:.3f}") for c in result["whole"].values()))
    yield from table(
        heads, iter([whole, *(_lost(name, lost, result) for name, lost in result["lost"].items())])
    )
    yield ""
    idle = ", ".join(f"`{name}`" for name in result["adds_nothing"]) or "none"
    yield f"Without loss of any figure in any of these worlds: {idle}."


def _mixed_accounts(result: Document) -> Iterator[str]:
    yield _worlds(result)
    yield ""
    heads = (
        "world",
        "campaigns found",
        "false campaigns",
        "accounts found",
        "customers called",
        "intervals that cover",
    )
    names = (
        "campaigns_found",
        "false_campaigns",
        "accounts_found",
        "relay_customers_called",
        "volumes_cover",
    )
    yield from table(
        heads,
        ((f"`{name}`", *(_part(world[n]) for n in names)) for name, world in result["worlds"].items()),
    )


def _dispatch(result: Document) -> Iterator[str]:
    yield _worlds(result)
    yield ""
    rows = (
        (
            f"`{world}`",
            way,
            f"{found['recall']:.3f}",
            f"{found['precision']:.3f}",
            f"{found['campaigns_found']:.2f}",
            f"{found['recall_lost']:+.3f}",
            str(found["false_campaigns"]),
        )
        for world, ways in result["worlds"].items()
        for way, found in ways.items()
    )
    yield from table(
        ("world", "requests", "recall", "precision", "campaigns found", "recall lost", "false campaigns"),
        rows,
    )


def _part(count: Mapping[str, Any]) -> str:
    return f"{count['found']:,} of {count['of']:,}" if count["of"] else "-"


def _lost(name: str, lost: Mapping[str, Mapping[str, float]], result: Document) -> tuple[str, ...]:
    signals = result["left_out"][name]
    label = f"`{name}`" if signals == [name] else f"family `{name}` ({len(signals)})"
    return (
        label,
        *(_shown(c, lambda value: f"{0.0 - value:+.3f}") if any(c.values()) else "" for c in lost.values()),
    )


def _shown(case: Mapping[str, float], written: Callable[[float], str]) -> str:
    """Recall and campaigns found; of a world without campaigns the false ones."""
    if "recall" in case:
        return f"{written(case['recall'])} / {written(case['found'])}"
    return f"{abs(case['false_campaigns']):.2f} false"


def _peers(
    part: Callable[[Document], Iterator[str | shown.Table]],
) -> Callable[[Document], Iterator[str]]:
    def told(result: Document) -> Iterator[str]:
        for said in part(result):
            if isinstance(said, str):
                yield said
            else:
                yield from table(said[0], iter(said[1]))
            yield ""

    return told


def _peers_setting(result: Document) -> Iterator[str]:
    """What was run, on what, and which methods of the literature are missing."""
    seeds = ", ".join(map(str, result["seeds"]))
    yield (
        f"Worlds {', '.join(f'`{world}`' for world in result['worlds'])} of seeds {seeds}; peers learned on `clean` of seed"
        f" {result['learned_on']['seed']}, and had their lines set on `clean` of seed {result['lines_set_on']['seed']}; {on(result)}."
    )
    yield ""
    yield from table(
        ("peer", "source"), ((peer["title"], peer["source"]) for peer in result["peers"].values())
    )
    yield ""
    yield "Not built:"
    yield ""
    yield from (f"- {name}: {why}" for name, why in result["not_built"].items())


def _innocent(result: Document) -> Iterator[str]:
    found = result["innocent"]
    seeds = ", ".join(map(str, result["seeds"]))
    yield f"Worlds of about {result['exchanges']:,} exchanges, seeds {seeds}; {on(result)}."
    yield ""
    yield f"- {found['groups']} innocent groups compared in {found['scans']} scans of `clean`; mean e-value {number(found['mean_e_value'])}"
    for p, among in found["p_at_most"].items():
        yield f"- p-value of at most {p}: {_counted(among)}"
    yield f"- confirmed by e-BH: {_counted(found['confirmed'])}; scans with any confirmed: {_counted(found['scans_with_any_confirmed'])}"


def _reported(result: Document) -> Iterator[str]:
    heads = (
        "verdict",
        "groups",
        "false",
        "confirmed",
        "confirmed and false",
        "come back",
        "at worst",
        "strangers at most",
    )
    rows = (
        (
            verdict,
            str(found["groups"]),
            _counted(found["false"]) if found["false"] else "-",
            _counted(found["confirmed"]),
            str(found["confirmed_and_false"]) if verdict == "distillation" else "-",
            *(number(found[name]) for name in ("together", "least_together", "most_strangers")),
        )
        for verdict, found in result.get("reported", {}).items()
    )
    yield from table(heads, rows)


def _shuffled(result: Document) -> Iterator[str]:
    ways = {
        "accounts": "requests dealt out anew",
        "days": "within days",
        "contents": "what is asked dealt out anew",
    }
    heads = (
        "shuffled",
        "scans",
        "groups that could be campaigns",
        "scans with distillation",
        "relays",
        "coordinated",
        "confirmed",
    )
    rows = (
        (
            says,
            str(found["scans"]),
            str(found["tried"]),
            _counted(found["scans_with_distillation"]),
            *(str(found[name]) for name in ("relay", "coordinated", "confirmed")),
        )
        for way, says in ways.items()
        if (found := result.get("shuffled", {}).get(way))
    )
    yield from table(heads, rows)


def _counted(rate: Document) -> str:
    """A count of a number of tries, with the bound of 3/n where nothing was found."""
    if not rate["of"]:
        return "-"
    bound = f"at most {min(1.0, 3 / rate['of']):.1%}" if not rate["found"] else f"{rate['rate']:.1%}"
    return f"{rate['found']} of {rate['of']:,} ({bound})"


def _formats(result: Document) -> Iterator[str]:
    heads = ("format", "share of a bare decoder's speed", "µs an exchange", "bytes an exchange")
    names = ("ratio", "microseconds", "bytes_an_exchange")
    rows = (
        (f"`{n}`", *(f"{f[k]:,.{d}f}" for k, d in zip(names, (2, 1, 0), strict=True)))
        for n, f in result["formats"].items()
    )
    yield from table(heads, rows)


BLOCKS: Mapping[str, Callable[[Document], Iterator[str]]] = {
    "accused": accused.told,
    "assay": assayed.alarms,
    "assay-goals": assayed.goals,
    "assay-power": assayed.power,
    "small_gpt": dosed.power,
    "detection": _detection,
    "detection-goals": _goals,
    "detection-lookalikes": _lookalikes,
    "detection-reliability": _reliability,
    "ablation": _ablation,
    "mixed_accounts": _mixed_accounts,
    "dispatch": _dispatch,
    "false_alarms": _innocent,
    "false_alarms-reported": _reported,
    "false_alarms-shuffled": _shuffled,
    "peers-setting": _peers_setting,
    "peers": _peers(shown.comparison),
    "peers-wins": _peers(shown.wins),
    "peers-innocents": _peers(shown.innocents),
    "cost": cost,
    "cost-goals": _goals,
    "scale": growth,
    "scale-goals": _goals,
    "profiles": hottest,
    "incremental": new_day,
    "incremental-goals": _goals,
    "formats": _formats,
    "attribution": named.attribution,
    "ids": named.ids,
    "two_providers": two_providers,
    "spark": beside,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
