"""A small language model in plain torch: trained in seconds on a processor, seeded, kept as safetensors (extra `[assay]`).

It is large enough to learn from a teacher and to carry its marks, and small enough for a test. It is no use for anything else.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from stillwatch.distil.checkpoint import Checkpoint
from stillwatch.errors import InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Processor = Callable[[Ints, NDArray[np.float32]], NDArray[np.float32]]
"""(tokens so far, rows x length; scores of the next token, rows x vocabulary) -> other scores."""
MODEL, SHAPE = "model.safetensors", "shape.json"
_WARM_STEPS = 20
_ROWS = 256


@dataclass(frozen=True)
class Shape:
    """How large a model is; `context` is the most tokens that it sees at once."""

    vocabulary: int = 1024
    width: int = 96
    layers: int = 2
    heads: int = 4
    context: int = 64


class _Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.three, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor, kept: list[Tensor] | None = None) -> Tensor:
        rows, length, width = x.shape
        parts = self.three(self.before(x)).view(rows, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        if kept is not None:
            if kept:
                key, value = torch.cat([kept[0], key], 2), torch.cat([kept[1], value], 2)
            kept[:] = [key, value]
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=length > 1)
        x = x + self.out(seen.transpose(1, 2).reshape(rows, length, width))
        passed: Tensor = x + self.mlp(self.between(x))
        return passed


class Small(nn.Module):
    """The model. The same seed and the same text make the same weights."""

    def __init__(self, shape: Shape, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.shape = shape
        self.words, self.places = (
            nn.Embedding(shape.vocabulary, shape.width),
            nn.Embedding(shape.context, shape.width),
        )
        nn.init.normal_(self.words.weight, std=0.05)
        nn.init.normal_(self.places.weight, std=0.02)
        self.blocks = nn.ModuleList(_Block(shape) for _ in range(shape.layers))
        self.last = nn.LayerNorm(shape.width)

    def forward(self, tokens: Tensor, kept: list[list[Tensor]] | None = None, at: int = 0) -> Tensor:
        """Scores of the next token at each place; `kept` holds what earlier places left, `at` is the first place."""
        x = self.words(tokens) + self.places(torch.arange(at, at + tokens.shape[1]))
        for number, block in enumerate(self.blocks):
            x = block(x, None if kept is None else kept[number])
        scores: Tensor = self.last(x) @ self.words.weight.T
        return scores

    def copied(self) -> Small:
        """The same model, to be taught something else."""
        return copy.deepcopy(self)

    def save(self, folder: Path) -> None:
        """Write shape and weights."""
        from safetensors.torch import save_file  # noqa: PLC0415  an extra

        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.state_dict(), folder / MODEL)
        (folder / SHAPE).write_text(json.dumps(asdict(self.shape), sort_keys=True) + "\n", "utf-8")

    @classmethod
    def opened(cls, folder: Path) -> Small:
        """The model of a folder."""
        from safetensors.torch import load_file  # noqa: PLC0415  an extra

        try:
            made = cls(Shape(**json.loads((folder / SHAPE).read_text("utf-8"))))
            made.load_state_dict(load_file(folder / MODEL))
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise InputError(
                f"{folder} holds no small model: {error}. It needs {SHAPE} and {MODEL}, as `stillwatch distill` writes them."
            ) from error
        return made.eval()


@dataclass(frozen=True)
class Batch:
    """Rows of tokens, and how much each predicted place counts; `teacher` gives its scores in place of the tokens."""

    tokens: Tensor
    weights: Tensor
    teacher: Small | None = None


def fit(
    model: Small, batches: Sequence[Batch], rate: float = 3e-3, checkpoint: Checkpoint | None = None
) -> float:
    """Train in place: AdamW under a cosine. Cross-entropy, or forward KL where a batch has a teacher. Returns the last loss."""
    optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01, betas=(0.9, 0.98))
    loss = torch.zeros(())
    model.train()
    first = checkpoint.restored(model, optimiser) if checkpoint else 0
    for step, batch in enumerate(batches[first:], first):
        for group in optimiser.param_groups:
            group["lr"] = (
                rate
                * min(1, (step + 1) / _WARM_STEPS)
                * (0.1 + 0.45 * (1 + math.cos(math.pi * step / len(batches))))
            )
        loss = _loss(model, batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
        optimiser.step()
        if checkpoint:
            checkpoint.after(step + 1, len(batches), model, optimiser)
    model.eval()
    return float(loss.detach())


def _loss(model: Small, batch: Batch) -> Tensor:
    scores = model(batch.tokens[:, :-1])
    if batch.teacher is None:
        each = functional.cross_entropy(scores.transpose(1, 2), batch.tokens[:, 1:], reduction="none")
    else:
        with torch.no_grad():
            wanted = batch.teacher(batch.tokens[:, :-1]).softmax(-1)
        each = -(wanted * scores.log_softmax(-1)).sum(-1)
    return (each * batch.weights).sum() / batch.weights.sum()


def pretrained(stream: Ints, shape: Shape, *, seed: int, steps: int, rows: int = 16) -> Small:
    """A model from nothing, on windows of a stream of tokens that the seed chooses."""
    rng = np.random.default_rng([seed, 1])
    model, weights = Small(shape, seed), torch.ones(rows, shape.context - 1)
    starts = rng.integers(0, len(stream) - shape.context, (steps, rows))
    places = np.arange(shape.context)
    fit(model, [Batch(torch.from_numpy(stream[start[:, None] + places]), weights) for start in starts])
    return model


@torch.no_grad()
def write(
    model: Small,
    prompts: Ints,
    length: int,
    *,
    uniforms: Floats | None = None,
    temperature: float = 1.0,
    processor: Processor | None = None,
) -> Ints:
    """Tokens after prompts of one length: greedy without uniforms, else by the inverse of the distribution at each uniform.

    A row's text depends on its own prompt and uniforms only, so that requests may be answered together.
    """
    found = []
    for at in range(0, len(prompts), _ROWS):
        part = None if uniforms is None else uniforms[at : at + _ROWS]
        found.append(_written(model, prompts[at : at + _ROWS], length, part, (temperature, processor)))
    return np.concatenate(found)


def _written(
    model: Small, prompts: Ints, length: int, uniforms: Floats | None, how: tuple[float, Processor | None]
) -> Ints:
    temperature, processor = how
    kept: list[list[Tensor]] = [[] for _ in model.blocks]
    so_far, new, at = prompts, prompts, 0
    for step in range(length):
        scores = model(torch.from_numpy(new), kept, at)[:, -1].numpy()
        if processor is not None:
            scores = processor(so_far, scores)
        at += new.shape[1]
        if uniforms is None:
            chosen = scores.argmax(axis=1)
        else:
            wide = scores.astype(np.float64) / temperature
            ladder = np.cumsum(np.exp(wide - wide.max(axis=1, keepdims=True)), axis=1)
            chosen = (ladder < uniforms[:, step, None] * ladder[:, -1:]).sum(axis=1)
        new = np.minimum(chosen, scores.shape[1] - 1).astype(np.int64)[:, None]
        so_far = np.concatenate([so_far, new], axis=1)
    return so_far[:, prompts.shape[1] :]


@torch.no_grad()
def loglikelihood(model: Small, rows: Ints, first: int) -> Floats:
    """The log-probability of each token from place `first` on, given all before: rows x (length - first)."""
    found = []
    for at in range(0, len(rows), _ROWS):
        tokens = torch.from_numpy(rows[at : at + _ROWS])
        logs = model(tokens[:, :-1]).log_softmax(-1)
        found.append(logs.gather(2, tokens[:, 1:, None])[:, first - 1 :, 0].numpy().astype(np.float64))
    return np.concatenate(found)
