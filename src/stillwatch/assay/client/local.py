"""A model in this process: anything that writes and, perhaps, scores text; Hugging Face models by way of transformers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stillwatch.errors import UsageError
from stillwatch.model.assay import Capability, Completion, Request

Write = Callable[[Request], str]
Score = Callable[[str, str], tuple[float, ...]]
EXTRA = "A model in a folder needs the packages torch and transformers: pip install 'stillwatch[assay]' transformers."


class LocalClient:
    """A model that is two functions."""

    def __init__(self, name: str, write: Write, score: Score | None = None) -> None:
        self.capabilities: tuple[Capability, ...] = (
            ("text", "seed") if score is None else ("text", "seed", "prompt_logprobs")
        )
        self._name, self._write, self._score = name, write, score
        self._lock = threading.Lock()

    def generate(self, request: Request) -> Completion:
        """Write, or score; one question after another, since a seed is one for the whole process."""
        with self._lock:
            if request.scored is None:
                return Completion(text=self._write(request), model=self._name, finish="stop")
            if self._score is None:
                return Completion(model=self._name, problem="this model does not score")
            return Completion(model=self._name, logprobs=self._score(request.prompt, request.scored))


def from_folder(folder: Path) -> LocalClient:
    """A causal language model as transformers keeps it; no code of the folder is run, and nothing is fetched."""
    if find_spec("transformers") is None or find_spec("torch") is None:
        raise UsageError(EXTRA)
    import torch  # noqa: PLC0415  an extra
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415  as above

    told = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(folder, **told)
    model = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, **told).eval()

    def write(request: Request) -> str:
        torch.manual_seed(request.seed or 0)
        encoded = tokenizer(request.prompt, return_tensors="pt")
        how: dict[str, Any] = {"do_sample": False}
        if request.temperature > 0:
            how = {"do_sample": True, "temperature": request.temperature, "top_k": 0}
        with torch.no_grad():
            made = model.generate(**encoded, max_new_tokens=request.most_tokens, **how)
        return str(tokenizer.decode(made[0, encoded["input_ids"].shape[1] :], skip_special_tokens=True))

    def score(prompt: str, text: str) -> tuple[float, ...]:
        before = len(tokenizer(prompt)["input_ids"])
        ids = tokenizer(prompt + text, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            logs = model(ids).logits[0, :-1].log_softmax(-1)
        found = logs.gather(1, ids[0, 1:, None])[:, 0]
        return tuple(map(float, found[max(before - 1, 0) :]))

    return LocalClient(folder.name, write, score)
