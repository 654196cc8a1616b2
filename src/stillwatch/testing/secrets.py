"""Findings full of what must not leave the house, for the checks of exports."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping

from stillwatch.model.finding import (
    Attribution,
    Campaign,
    CapabilityShare,
    Coordination,
    Distillation,
    Interval,
    Trait,
    Verdict,
)
from stillwatch.model.shared import Producer
from stillwatch.share.prepare import Found

PRODUCER = Producer("Example provider", "threat-intel at example dot invalid")
ACCOUNTS = ("acct_0d9e0c2f7b1a4417", "jane.doe@customer.example", "4242424242424242", "kundin-8831")
ADDRESS, RANGE = "203.0.113.77", "203.0.113.0/24"
RANGE_TIER = 2
ADDRESS_KEY = f"{1 << 62 | 0xCB00714D:016x}"
PAYMENT = "fp_9Qk2TzX81mVb"
PROMPT = "Please summarise the contract between Doe and Roe"
NEVER = (PROMPT, "someone@private.example", "+49 170 1234567", "sk-ant-api03-abcdefghijklmnopqrst0123456789")
MODELS = (
    "opal-4",
    "someone@private.example",
    "203.0.113.77",
    PROMPT,
    "<script>alert(1)</script>",
    "x\u202egro.live",
)
WORDS: Mapping[int, tuple[str, ...]] = {
    2: (ADDRESS,),
    3: (*ACCOUNTS, PAYMENT),
    99: NEVER,
}
"""What may be told from which tier on, and then to one's own systems alone; 99 is no tier."""

EVERYTHING = ("UDC-2026-001", "UDC-2026-002", "UDC-2026-003")


def forms(word: str) -> Iterator[bytes]:
    """The ways in which a value could slip through: as it is, as hexadecimal digits, in base 64."""
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield base64.b64encode(plain).rstrip(b"=")


def found() -> Found:
    """Three findings, one of each verdict, whose every free text holds something that is nobody else's."""
    verdicts: tuple[Verdict, ...] = ("distillation", "relay", "coordinated")
    return Found(
        made="2026-03-29T23:58:52Z",
        version="0",
        simulated=False,
        campaigns=tuple(_campaign(name, v) for name, v in zip(EVERYTHING, verdicts, strict=True)),
        members={name: [(f"{a}{n}" if n else a, 0.9) for a in ACCOUNTS] for n, name in enumerate(EVERYTHING)},
        accounts=frozenset(f"{a}{n}" if n else a for a in ACCOUNTS for n in range(3)),
    )


def _campaign(name: str, verdict: Verdict) -> Campaign:
    return Campaign(
        campaign_id=name,
        verdict=verdict,
        coordination=Coordination(0.99, 1e-9, 9.0),
        distillation=Distillation(0.97 if verdict == "distillation" else 0.1, 1.0),
        attribution=(Attribution("actor-a", "L3b", 0.7, "moderate"), Attribution("relay", "L3a", 0.9, "low")),
        accounts=Interval(3, 4, 6),
        exchanges=Interval(800, 900, 1000),
        first_seen="2026-03-01T10:00:00Z",
        last_seen="2026-03-25T11:17:28Z",
        capabilities=(CapabilityShare("coding", 1.0, 900),),
        techniques=("AML.T0024.002", "AML.T0040", "SWT-E06", "SWT-H01", "SWT-R05"),
        models=MODELS,
        channels=("api", ACCOUNTS[0]),
        traits=tuple(_traits()),
    )


def _traits() -> Iterator[Trait]:
    yield _trait("tls_client", "client", "tls", "ccf857d5122e22a8", "t13d2307h2_305eac4f08be_88262b83caa1")
    yield _trait("tls_client", "client", "tls", "ccf857d5122e22a9", ACCOUNTS[1])
    yield _trait("header_profile", "client", "headers", "311eb7e180136fff", "53eea9e9b0c6")
    yield _trait("header_profile", "client", "headers", "311eb7e180136ff0", PAYMENT)
    yield _trait("client_version", "client", "user_agent", "0123456789abcdef", f"agent/1.0 ({NEVER[1]})")
    yield _trait("client_library", "client", "sdk", "0123456789abcdee", ACCOUNTS[0])
    yield _trait("shared_template", "template", "template", "0729306d33d12b6a", PROMPT)
    yield _trait("system_prompt", "tool", "system", "0729306d33d12b6b", PROMPT)
    yield _trait("token_replay", "token", "token", "0729306d33d12b6c", NEVER[3])
    yield _trait("shared_prefix", "net", "prefix", f"{1 << 62 | 0xCB007100:016x}", RANGE)
    yield _trait("shared_prefix", "net", "prefix", "4000000000000001", NEVER[2])
    yield _trait("shared_address", "net", "address", ADDRESS_KEY, "shared address cb00714d")
    yield _trait("payment_instrument", "pay", None, "ce046329d6aa9acd", PAYMENT)
    yield _trait("signup_device", "registration", None, "ce046329d6aa9ace", ACCOUNTS[3])
    yield _trait("of_another_package", "unheard_of", "prompt", "ce046329d6aa9acf", PROMPT)


def _trait(signal: str, family: str, column: str | None, key: str, text: str) -> Trait:
    return Trait(
        signal=signal,
        family=family,
        column=column,
        key=key,
        text=text,
        parties=4,
        others=0,
        bits=9.0,
        first_seen="2026-03-02T10:00:00Z",
        last_seen="2026-03-24T11:17:28Z",
    )
