"""How often the capability model is right: on held-out published prompts and on simulated worlds.

    python benchmarks/capability/evaluate.py PROMPTS --world WORLD --world WORLD > benchmarks/capability/result.json

Worlds given here must not be those that `train.py` was given.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from composed import Composer
from exemplars import Example, Writer, held_out, published
from worlds import joined

from stillwatch.fingerprint.door import keyed
from stillwatch.judge.campaign import without_misnamed
from stillwatch.model.tables import CAPABILITIES, EXCHANGE

Names = np.ndarray[Any, np.dtype[np.str_]]


def name(requests: pa.Table) -> Names:
    """The capability of each request, as a scan names it."""
    columns = [column for column in requests.column_names if column in EXCHANGE.arrow.names]
    batch = requests.select(columns).combine_chunks().to_batches()
    found = [np.asarray(keyed(part).column("task")) for part in batch]
    return np.array(CAPABILITIES)[np.concatenate(found)]


def right(true: Names, said: Names) -> dict[str, Any]:
    """Share named rightly, in all and of each capability, with the number of requests."""
    each = {
        capability: {"right": round(float((said == true)[true == capability].mean()), 3), "of": int((true == capability).sum())}
        for capability in CAPABILITIES
        if (true == capability).any()
    }  # fmt: skip
    return {"right": round(float((said == true).mean()), 3), "of": len(true), "each": each}


def variation(true: Names, said: Names) -> float:
    """Total variation between true and named shares."""
    return 0.5 * sum(abs(float((true == one).mean()) - float((said == one).mean())) for one in CAPABILITIES)


def cut(true: Names, said: Names) -> float:
    """Total variation of the shares that a campaign is reported with: what is named seldom is left out."""
    counts = without_misnamed(np.array([float((said == one).sum()) for one in CAPABILITIES]))
    return variation(true, said[np.isin(said, np.array(CAPABILITIES)[counts > 0])])


def of_world(world: Path) -> dict[str, Any]:
    """Extraction exchanges, other exchanges, and the shares of each campaign."""
    rows = joined(world)
    true, said = np.array(rows["capability"].to_pylist()), name(rows)
    extraction = np.array(rows["extraction"].to_pylist(), bool)
    spoken = np.array([bool(prompt) for prompt in rows["prompt"].to_pylist()])
    campaign = np.array([value or "" for value in rows["campaign"].to_pylist()])
    shares = {}
    for one in sorted(set(campaign[extraction])):
        own = extraction & (campaign == one)
        known = own & spoken
        shares[one] = {
            "all": round(variation(true[own], said[own]), 3),
            "with_prompt": round(variation(true[own], said[known]), 3),
            "as_reported": round(cut(true[own], said[known]), 3),
        }
    return {
        "extraction": right(true[extraction], said[extraction]),
        "extraction_with_prompt": right(true[extraction & spoken], said[extraction & spoken]),
        "other_exchanges": right(true[~extraction], said[~extraction]),
        "total_variation": shares,
    }


def of_prompts(folder: Path) -> dict[str, Any]:
    """Held-out published prompts as they are, and inside templates."""
    rows = [row for row in published(folder) if held_out(row[1])]
    writer = Writer(11, [prompt for _, prompt, _ in rows])
    true = np.array([capability for *_, capability in rows])
    plain = pa.table({"prompt": [prompt for _, prompt, _ in rows]})
    wrapped = pa.table({"prompt": [writer.wrap(prompt) for _, prompt, _ in rows]})
    return {
        "as_published": right(true, name(_contract(plain))),
        "in_templates": right(true, name(_contract(wrapped))),
    }


def of_languages(folder: Path, each: int = 40) -> dict[str, Any]:
    """Requests composed of phrases and tasks that no training example holds, by language."""
    rows = [row for row in published(folder) if held_out(row[1])]
    composer = Composer(rows, Writer(13, [prompt for _, prompt, _ in rows]), held_out=True)
    examples = list(composer.examples(each))
    languages = np.array([example["language"] for example in examples])
    true, said = np.array([example["capability"] for example in examples]), name(_asked(examples))
    return {
        one: right(true[languages == one], said[languages == one])
        for one in dict.fromkeys(languages.tolist())
    }


def _asked(examples: list[Example]) -> pa.Table:
    rows = [{"exchange_id": str(at), "ts": 0, "account_id": "a", "model": "m", "prompt": one["prompt"], "turns": one["turns"],
             "tools": [str(tool) for tool in range(one["tools"])], "response_format": "json_object" if one["json"] else None}
            for at, one in enumerate(examples)]  # fmt: skip
    return pa.Table.from_pylist(rows, EXCHANGE.arrow)


def _contract(requests: pa.Table) -> pa.Table:
    ids = [str(at) for at in range(len(requests))]
    rows = [{"exchange_id": one, "ts": 0, "account_id": "a", "model": "m", "prompt": prompt}
            for one, prompt in zip(ids, requests["prompt"].to_pylist(), strict=True)]  # fmt: skip
    return pa.Table.from_pylist(rows, EXCHANGE.arrow)


def main() -> None:
    """Print the measures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompts", type=Path)
    parser.add_argument("--world", type=Path, action="append", default=[])
    options = parser.parse_args()
    result = {
        "published_prompts_held_out": of_prompts(options.prompts),
        "composed_held_out": of_languages(options.prompts),
        "simulated_worlds": {world.name: of_world(world) for world in options.world},
    }
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
