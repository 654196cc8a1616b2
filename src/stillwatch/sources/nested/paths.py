"""Paths of model APIs: at which of them a model answers with words.

A gateway that only models stand behind names what is no generation; one that stands before anything names what is.
"""

from __future__ import annotations

_GENERATING = (
    *("/completions", "/responses", "/messages", "/chat", "/generate", "/generate_stream", "/complete"),
    *(":generatecontent", ":streamgeneratecontent", ":rawpredict", ":streamrawpredict"),
    *("/converse", "/converse-stream", "/invoke", "/invoke-with-response-stream"),
)
"""Ends of the paths at which a model answers with words, in lower case."""

_OTHER = ("/embeddings", "/images", "/audio", "/moderations", "/rerank", "/files", "/models")


def generates(path: str) -> bool:
    """Whether a model answers with words at this path."""
    plain = path.partition("?")[0].rstrip("/").lower()
    return plain.endswith(_GENERATING) and not (
        "/invoke" in plain and ("embed" in plain or "rerank" in plain)
    )


def is_no_generation(address: str) -> bool:
    """Whether something else than words is asked for at this path or address, at its end or followed by a slash."""
    path = f"/{address.partition('?')[0]}/"
    return any(f"{part}/" in path for part in _OTHER)
