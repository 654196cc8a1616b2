"""Exchanges of every shape, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

CHARACTERS = "ab Zq09 .,!-\n_" + "éßñ“—" + "жди" + "逐步推理答案，。ステ가" + "😀"

texts = st.text(CHARACTERS, max_size=60) | st.text(max_size=30).filter(lambda text: "\0" not in text)
phrases = st.lists(
    st.sampled_from(
        [
            "step",
            "by",
            "Step",
            "42",
            "7",
            "reason",
            "逐步",
            "推理",
            "шаг",
            "за",
            "json",
            "a",
            "the",
            ",",
            "x1",
        ]
    ),
    max_size=40,
).map(" ".join)
prompts = texts | phrases
addresses = st.ip_addresses().map(str) | st.sampled_from(["", "unknown", "10.0.0.256", "10.0.0", "::g"])
counts = st.integers(0, 2**31 - 1)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    """The same, or nothing."""
    return st.none() | strategy


exchanges = st.fixed_dictionaries(
    {
        "ts": st.integers(0, 2**50),
        "account_id": st.sampled_from(["a", "b", "c", "d", "e"]),
        "model": st.sampled_from(["m", "n"]),
    },
    optional={
        "prompt": maybe(prompts),
        "system_prompt": maybe(st.sampled_from(["", "You are 7 of 9.", "逐步推理"])),
        "client_ip": maybe(addresses),
        "tools": maybe(st.lists(st.sampled_from(["", "read", "grade", "submit"]), max_size=4)),
        "temperature": maybe(st.floats(0, 100)),
        "max_tokens": maybe(counts),
        "turns": maybe(counts),
        "images": maybe(st.integers(0, 3)),
        "status": maybe(st.integers(100, 599)),
        "reasoning": maybe(st.booleans()),
        "user_agent": maybe(st.sampled_from(["", "curl/8", "python-httpx"])),
        "api_key_id": maybe(st.sampled_from(["k1", "k2"])),
        "session_id": maybe(texts),
        "end_user_id": maybe(texts),
        "reasoning_token": maybe(texts),
        "sdk": maybe(st.sampled_from(["py/1", "js/2"])),
        "output_tokens": maybe(counts),
    },
)


def numbered(rows: list[dict]) -> list[dict]:
    """Each row under an id of its own."""
    return [row | {"exchange_id": f"x{at}"} for at, row in enumerate(rows)]


logs = st.lists(exchanges, max_size=12).map(numbered)
