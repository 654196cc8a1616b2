"""Client programs: user agent, TLS and header fingerprints follow from the program and its version.

Forms of user agents and extra headers are those of the public clients; fingerprint values are made up,
but equal for everybody who runs the same program, as real ones are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Ints, Rng, pick, salt


@dataclass(frozen=True)
class Client:
    """One version of one program."""

    user_agent: str
    ja4: str
    header_profile: str
    sdk: str | None
    family: str
    weight: float
    program: int = 0


def ja4_of(stack: str) -> str:
    """A fingerprint in JA4 form that follows from the name of a TLS stack."""
    number = salt("tls", stack)
    ciphers, extensions = 9 + number % 20, 7 + number // 20 % 12
    return f"t13d{ciphers:02d}{extensions:02d}h2_{number & (2**48 - 1):012x}_{salt('ext', stack) & (2**48 - 1):012x}"


def headers_of(program: str) -> str:
    """A header profile that follows from the name of a program."""
    return f"{salt('headers', program):016x}"[:12]


_BROWSERS = (
    ("Chrome", "Mozilla/5.0 ({os}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36", (141, 142, 143, 144), 5.0),
    ("Edge", "Mozilla/5.0 ({os}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36 Edg/{v}.0.0.0", (142, 143), 1.5),
    ("Firefox", "Mozilla/5.0 ({os}; rv:{v}.0) Gecko/20100101 Firefox/{v}.0", (140, 145, 146), 1.0),
    ("Safari", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{v} Safari/605.1.15", (18, 26), 2.0),
)  # fmt: skip
_SYSTEMS = ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
_APPS = (
    ("AssistantDesktop/{v} (darwin)", ("1.8.2", "1.9.0")),
    ("AssistantDesktop/{v} (win32)", ("1.8.2", "1.9.0")),
    ("Assistant/{v} iOS/18.3", ("5.12", "5.14")),
    ("Assistant/{v} Android/15", ("5.11", "5.14")),
)
_SDKS = (
    # user agent, versions, TLS stack, weight
    ("Anthropic/Python {v}", ("0.97.0", "0.109.1", "0.117.0", "0.121.0"), "python-openssl3", 3.0),
    ("AsyncAnthropic/Python {v}", ("0.109.1", "0.121.0"), "python-openssl3", 1.5),
    ("OpenAI/Python {v}", ("1.109.1", "2.8.0", "3.1.0", "3.3.1"), "python-openssl3", 3.0),
    ("AsyncOpenAI/Python {v}", ("2.8.0", "3.3.1"), "python-openssl3", 1.5),
    ("google-genai-sdk/{v} gl-python/3.12", ("2.11.0", "2.19.0"), "python-openssl3", 1.0),
    ("python-httpx/{v}", ("0.27.2", "0.28.1"), "python-openssl3", 0.8),
    ("Anthropic/JS {v}", ("0.61.0", "0.68.0"), "node22", 1.5),
    ("OpenAI/JS {v}", ("5.20.1", "6.9.0"), "node22", 1.5),
    ("Go-http-client/2.0", ("2.0",), "go1.24", 0.8),
    ("curl/{v}", ("8.5.0", "8.14.1"), "curl-openssl3", 0.2),
)
_AGENTS = (
    ("claude-cli/{v} (external, cli)", ("1.0.98", "1.0.119", "2.0.14"), "node22", 3.0),
    ("codex_cli_rs/{v}", ("0.42.0", "0.46.0"), "rustls", 1.5),
    ("opencode/{v}", ("0.14.1", "0.15.3"), "bun1.2", 1.0),
    ("aider/{v} litellm", ("0.86.1",), "python-openssl3", 0.7),
    ("LangGraph/{v} OpenAI/Python", ("0.6.8", "1.0.1"), "python-openssl3", 1.2),
)
_GATEWAYS = (
    ("litellm/{v}", ("1.77.5", "1.79.0"), "python-openssl3", 2.0),
    ("portkey-gateway/{v}", ("1.12.3",), "node22", 1.0),
    ("kong/{v}", ("3.11.0",), "go1.24", 1.0),
)


class Clients:
    """The client table of a world: the popular programs, and stacks added for relays and campaigns."""

    def __init__(self) -> None:
        self.rows: list[Client] = []
        self._by_family: dict[str, list[int]] = {}
        self._popular()

    def add(self, client: Client) -> int:
        """Add a client and return its number."""
        self.rows.append(client)
        self._by_family.setdefault(client.family, []).append(len(self.rows) - 1)
        return len(self.rows) - 1

    def draw(self, rng: Rng, family: str, count: int) -> Ints:
        """Clients of a family, popular ones more often."""
        numbers = np.array(self._by_family[family], dtype=np.int64)
        return numbers[pick(rng, [self.rows[n].weight for n in numbers], count)]

    def own_stack(self, rng: Rng, family: str, base: str) -> int:
        """A stack of its own: a relay or harvester with its header order, on a widespread TLS library."""
        tag = f"{int(rng.integers(0, 2**32)):08x}"
        agent = (base, "Go-http-client/2.0", "okhttp/4.12.0", "axios/1.12.2", "python-requests/2.32.5")[
            int(rng.integers(0, 5))
        ]
        stack = ("go1.24", "node22", "python-openssl3", f"utls-{tag}", f"boring-{tag}")[
            int(rng.integers(0, 5))
        ]
        return self.add(Client(agent, ja4_of(stack), headers_of(f"own-{tag}"), None, family, 1.0))

    def _popular(self) -> None:
        self._add_browsers()
        for form, app_versions in _APPS:
            for app_version in app_versions:
                agent, program = (
                    form.format(v=app_version),
                    form.split("{", maxsplit=1)[0] + form.rsplit(" ", 1)[-1][:3],
                )
                self.add(Client(agent, ja4_of(program), headers_of(program + app_version), None, "app", 1.6))
        for family, table in (("sdk", _SDKS), ("agent", _AGENTS), ("gateway", _GATEWAYS)):
            for program, (form, versions, stack, weight) in enumerate(table):
                for rank, version in enumerate(versions):
                    agent = form.format(v=version)
                    headers = headers_of(form + version.split(".", maxsplit=1)[0])
                    sdk = agent.split(" (", maxsplit=1)[0]
                    self.add(Client(agent, ja4_of(stack), headers, sdk, family, weight * (1 + rank), program))

    def _add_browsers(self) -> None:
        for name, form, releases, weight in _BROWSERS:
            for release in releases:
                for system in _SYSTEMS[:1] if name == "Safari" else _SYSTEMS:
                    agent = form.format(os=system, v=release)
                    share = weight * (0.3 if "Linux" in system else 1.0) / len(releases)
                    self.add(
                        Client(agent, ja4_of(f"{name}-{release // 4}"), headers_of(name), None, "app", share)
                    )
