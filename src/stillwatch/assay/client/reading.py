"""What an endpoint's answer says: untrusted text, read into a completion or a problem."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from stillwatch.model.assay import Completion, Request, Style

MOST_CHARACTERS = 200_000
MOST_NAME = 200


def answered(text: str, style: Style, request: Request, struck: Callable[[str], str] = str) -> Completion:
    """The completion in a body, or what is wrong with it. `struck` takes out what must not be kept, before anything is cut short."""
    try:
        body = json.loads(text)
        choice = body["choices"][0]
        model = struck(str(body.get("model", "")))[:MOST_NAME]
        finish = struck(str(choice.get("finish_reason", "")))[:MOST_NAME]
        if request.scored is not None:
            return Completion(model=model, logprobs=_scored(choice, request), finish=finish)
        said = choice["message"]["content"] if style == "chat" else choice["text"]
    except RecursionError:
        return Completion(problem="the answer is nested too deeply")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        return Completion(problem="the answer is no completion")
    if not isinstance(said, str):
        return Completion(model=model, problem="the answer holds no text")
    clean = struck(said)[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return Completion(text=clean, model=model, finish=finish)


def _scored(choice: Any, request: Request) -> tuple[float, ...]:
    """Log-probabilities of the tokens that begin within the scored text."""
    told = choice["logprobs"]
    first, last = len(request.prompt), len(request.prompt) + len(request.scored or "")
    kept = tuple(
        float(value)
        for value, offset in zip(told["token_logprobs"], told["text_offset"], strict=True)
        if value is not None and first <= int(offset) < last
    )
    if not kept or not all(map(math.isfinite, kept)):
        raise ValueError
    return kept
