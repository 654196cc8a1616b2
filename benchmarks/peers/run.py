"""Our scan beside other detectors, on the same simulated worlds in one run.

    python benchmarks/peers/run.py                                   # everything: about an hour on two cores
    python benchmarks/peers/run.py --worlds mixed,clean --seeds 9 --exchanges 60000 --result trial.json
    python benchmarks/peers/run.py --keep worlds                     # make each world once, keep it for the next run

Every peer learns from one clean world and has its line set on a second; neither is measured. Where a parameter of a peer
was to be chosen, it was chosen in the peer's favour on trial worlds of other seeds (7 to 9). The measured seeds are for
reporting: choose nothing on them. Results are written after every world.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from asked import names, numbers  # noqa: E402  stands one folder up, which is not on the path of a script
from machine import machine  # noqa: E402
from peers.duel import Ready, measure, prepare  # noqa: E402
from peers.interface import OURS  # noqa: E402
from peers.roster import MISSING, PEERS  # noqa: E402
from peers.tally import brief, figures, lines  # noqa: E402

from stillwatch import scan  # noqa: E402
from stillwatch.simulate.worlds import build  # noqa: E402

RESULT = HERE.parent / "results" / "peers.json"
WORLDS = ("easy", "mixed", "hard", "clean")
SEEDS = (301, 302, 303)
PAST_SEED, CLEAN_SEED = 299, 300
SIZES = (300_000, 60_000)
"""The size of the other benchmarks, and one whose campaigns hold a few dozen accounts only."""


def main() -> None:
    """Measure every size, write the results after each world, print them."""
    chosen = _arguments()
    sizes: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="stillwatch-peers-") as scratch:
        place = chosen.keep or Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        for exchanges in chosen.exchanges:
            for found in _measured(exchanges, chosen, place):
                sizes[exchanges] = found
                document = _document(list(sizes.values()), chosen)
                chosen.result.parent.mkdir(parents=True, exist_ok=True)
                chosen.result.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    for found in document["sizes"]:
        _show(found)


def _measured(exchanges: int, chosen: argparse.Namespace, place: Path) -> Iterator[dict[str, Any]]:
    """What is known of one size after each of its worlds."""
    ready = _prepared(exchanges, place, is_kept=bool(chosen.keep))
    rows: list[Mapping[str, Any]] = []
    for seed in chosen.seeds:
        for world in chosen.worlds:
            with _world(world, seed, exchanges, place, is_kept=bool(chosen.keep)) as folder:
                rows += [{"world": world, "seed": seed, **row} for row in measure(folder, ready)]
            print(f"{exchanges:,} exchanges: {world}, seed {seed}", flush=True)
            yield _size(exchanges, ready, rows)


def _prepared(exchanges: int, place: Path, *, is_kept: bool) -> list[Ready]:
    """Every peer ready to judge; our scan runs once too, so that compiling is in nobody's CPU seconds."""
    with (
        _world("clean", PAST_SEED, exchanges, place, is_kept=is_kept) as past,
        _world("clean", CLEAN_SEED, exchanges, place, is_kept=is_kept) as clean,
    ):
        scan(clean, out=place / "warm")
        shutil.rmtree(place / "warm")
        return [prepare(peer, past, clean) for peer in PEERS]


@contextmanager
def _world(world: str, seed: int, exchanges: int, place: Path, *, is_kept: bool) -> Iterator[Path]:
    folder = place / f"{world}-{seed}-{exchanges}"
    if not folder.exists():
        build(world, seed=seed, exchanges=exchanges, out=folder)
    yield folder
    if not is_kept:
        for suffix in ("", ".truth", ".prior"):
            shutil.rmtree(folder.with_name(folder.name + suffix))


def _size(exchanges: int, ready: Sequence[Ready], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    detectors = figures(rows)
    return {
        "exchanges": exchanges,
        "peers": {
            one.peer.name: {
                "lines": {f"{rate:.0%}": above for rate, above in one.lines.items()},
                "preparing_cpu_seconds": round(one.cpu_seconds, 1),
            }
            for one in ready
        },
        "detectors": detectors,
        "lines": list(lines(detectors)),
        "runs": [brief(row) for row in rows],
    }


def _document(sizes: Sequence[Mapping[str, Any]], chosen: argparse.Namespace) -> dict[str, Any]:
    wanted = len(chosen.exchanges) * len(chosen.seeds) * len(chosen.worlds)
    done = sum(len({(run["world"], run["seed"]) for run in size["runs"]}) for size in sizes)
    return {
        "what": "stillwatch beside re-implemented peers on simulated worlds, scored against their truth",
        "is_complete": done == wanted,
        "seeds": chosen.seeds,
        "worlds": chosen.worlds,
        "learned_on": {"world": "clean", "seed": PAST_SEED},
        "lines_set_on": {"world": "clean", "seed": CLEAN_SEED},
        "machine": machine(),
        "peers": {peer.name: {"title": peer.title, "source": peer.source} for peer in PEERS},
        "not_built": MISSING,
        "sizes": list(sizes),
    }


def _show(found: Mapping[str, Any]) -> None:
    print(f"\n{found['exchanges']:,} exchanges")
    for name, points in found["detectors"].items():
        for at, point in points.items():
            worlds = "  ".join(_told(world, means) for world, means in point["worlds"].items())
            print(f"{name:<12}{at:>7}  {worlds}  heavy {point['heavy']['rate']}  {point['cpu_seconds']} s")
    for one in found["lines"]:
        if one["peer_wins"]:
            print(f"{one['peer']} at {one['at']} beats {OURS}: {one['line']}, {one['best']} to {one['ours']}")


def _told(world: str, means: Mapping[str, Any]) -> str:
    f1 = "-" if means["f1"] is None else format(means["f1"], ".3f")
    return f"{world} F1 {f1}, {means['false_accounts']} false"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--worlds", type=names, default=list(WORLDS), metavar="A,B", help=f"default: {', '.join(WORLDS)}"
    )
    parser.add_argument(
        "--seeds", type=_seeds, default=list(SEEDS), metavar="N,N", help="default: 301 to 303"
    )
    parser.add_argument(
        "--exchanges",
        type=numbers,
        default=list(SIZES),
        metavar="N,N",
        help="sizes of the worlds; default: 300000,60000",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the worlds here, and use those already here"
    )
    parser.add_argument("--result", type=Path, default=RESULT, metavar="FILE", help="where the figures go")
    return parser.parse_args()


def _seeds(text: str) -> list[int]:
    seeds = numbers(text)
    taken = {PAST_SEED, CLEAN_SEED} & set(seeds)
    if taken:
        raise argparse.ArgumentTypeError(
            f"seed {min(taken)} prepares the peers and cannot be measured; name others"
        )
    return seeds


if __name__ == "__main__":
    main()
