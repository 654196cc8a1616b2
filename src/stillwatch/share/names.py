"""Which names of models and access paths are public: those that are made of words of public model families, and of nothing else.

A model's name stands in a request, and whoever runs a deployment names it as it likes: `acme-bank-eastus-gpt4o` tells a customer,
`accounts/acme/models/x` another, `deploy-john-miller` a person. No shape tells such a name from `claude-3-5-sonnet-20241022`, so words do: every part of
a name has to be a family, a company that publishes one, a usual addition or a version. Any other name goes out as a token. How many
other accounts ask for a model would be a better ground, and findings do not hold it. A house names its own families with `--model-family`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

FAMILIES = frozenset(
    {
        "ada", "babbage", "bison", "chatglm", "chatgpt", "claude", "codellama", "codestral", "codex", "command",
        "dall", "davinci", "dbrx", "deepseek", "devstral", "doubao", "ernie", "falcon", "gemini", "gemma",
        "glm", "gpt", "granite", "grok", "hermes", "hunyuan", "jamba", "jurassic", "kimi", "llama",
        "magistral", "minimax", "ministral", "mistral", "mixtral", "nemotron", "nova", "o1", "o3", "o4",
        "olmo", "opal", "palm", "phi", "pixtral", "qwen", "qwq", "solar", "sonar", "starcoder",
        "titan", "whisper", "yi",
    }
)  # fmt: skip
"""Words of public families; opal is the simulator's."""

PUBLISHERS = frozenset(
    {
        "accounts", "ai", "ai21", "alibaba", "allenai", "amazon", "anthropic", "apac", "azure", "bedrock",
        "cohere", "databricks", "eu", "fireworks", "global", "google", "groq", "ibm", "meta", "microsoft",
        "mistralai", "models", "moonshotai", "nvidia", "openai", "openrouter", "perplexity", "publishers", "tiiuae", "together",
        "us", "vertex", "x", "xai", "zhipu",
    }
)  # fmt: skip

ADDITIONS = frozenset(
    {
        "alpha", "audio", "awq", "base", "beta", "bf16", "chat", "code", "coder", "deep",
        "distill", "embed", "embedding", "english", "exp", "experimental", "fast", "flash", "fp16", "fp8",
        "free", "gguf", "gptq", "haiku", "high", "image", "instant", "instruct", "int4", "int8",
        "it", "large", "latest", "lite", "low", "maverick", "max", "medium", "micro", "mini",
        "moe", "multilingual", "nano", "online", "opus", "oss", "plus", "premier", "premium", "preview",
        "pro", "r", "realtime", "reason", "reasoner", "reasoning", "research", "scout", "search", "small",
        "sonnet", "stable", "text", "think", "thinking", "transcribe", "tts", "turbo", "ultra", "vision",
        "vl", "xl",
    }
)  # fmt: skip

PATHS = frozenset(
    {
        "aggregator", "api", "app", "assistants", "azure", "batch", "bedrock", "cli", "console", "direct",
        "foundry", "ide", "litellm", "openrouter", "playground", "realtime", "sdk", "vertex", "web",
    }
)  # fmt: skip
"""Words of access paths."""

_VERSION = re.compile(r"[vr]?\d{1,4}(?:p\d{1,2})?[a-z]?|\d{1,4}(?:x\d{1,3})?[bmk]|20\d{6}")
_NUMBERED = re.compile(r"([a-z]+?)v?\d{1,3}[a-z]?")
_PARTS = re.compile(r"[-._:/@+]")
_SIGNS = re.compile(r"[A-Za-z0-9._:/@+-]{1,120}")
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d|:.*:")


def plain_model(text: str, families: Iterable[str] = ()) -> str | None:
    """A model's name, if it is one of a public family; `families` are words of further ones."""
    parts = _words(text)
    known = FAMILIES | {family.casefold() for family in families}
    named = [part for part in parts if _family(part) in known]
    rest = [
        p for p in parts if p not in named and p not in PUBLISHERS | ADDITIONS and not _VERSION.fullmatch(p)
    ]
    return text if named and not rest else None


def plain_path(text: str) -> str | None:
    """An access path's name, if it is made of the usual words."""
    parts = _words(text)
    return text if parts and set(parts) <= PATHS else None


def _words(text: str) -> list[str]:
    if not _SIGNS.fullmatch(text) or _ADDRESS.search(text):
        return []
    return [part for part in _PARTS.split(text.casefold()) if part]


def _family(part: str) -> str:
    """The word of a part such as `gpt4o` or `llama3`."""
    numbered = _NUMBERED.fullmatch(part)
    return part if part in FAMILIES or numbered is None else numbered[1]
