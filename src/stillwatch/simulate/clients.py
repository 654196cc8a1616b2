"""Client programs: user agent, TLS and header fingerprints follow from the program and its version.

Forms of user agents and extra headers are those of the public clients; fingerprint values are made up,
but equal for everybody who runs the same program, as real ones are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.simulate.arrays import Ints, Rng, pick, salt
from stillwatch.simulate.assumptions import programs


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
        agents, stacks = (base, *programs.OWN_AGENTS), programs.OWN_STACKS
        agent = agents[int(rng.integers(0, len(agents)))]
        stack = stacks[int(rng.integers(0, len(stacks)))].format(tag=tag)
        return self.add(Client(agent, ja4_of(stack), headers_of(f"own-{tag}"), None, family, 1.0))

    def _popular(self) -> None:
        self._add_browsers()
        for form, releases in programs.APPS:
            for release in releases:
                name = form.split("{", maxsplit=1)[0] + form.rsplit(" ", 1)[-1][:3]
                headers = headers_of(name + release)
                self.add(
                    Client(form.format(v=release), ja4_of(name), headers, None, "app", programs.APP_WEIGHT)
                )
        for family, table in (
            ("sdk", programs.SDKS),
            ("agent", programs.AGENTS),
            ("gateway", programs.GATEWAYS),
        ):
            for program, (form, versions, stack, weight) in enumerate(table):
                for rank, version in enumerate(versions):
                    agent = form.format(v=version)
                    headers = headers_of(form + version.split(".", maxsplit=1)[0])
                    sdk = agent.split(" (", maxsplit=1)[0]
                    self.add(Client(agent, ja4_of(stack), headers, sdk, family, weight * (1 + rank), program))

    def _add_browsers(self) -> None:
        for name, form, releases, weight in programs.BROWSERS:
            for release in releases:
                for system in programs.SYSTEMS[:1] if name == "Safari" else programs.SYSTEMS:
                    agent = form.format(os=system, v=release)
                    share = weight * (programs.LINUX_WEIGHT if "Linux" in system else 1.0) / len(releases)
                    self.add(
                        Client(
                            agent,
                            ja4_of(f"{name}-{release // programs.RELEASES_PER_STACK}"),
                            headers_of(name),
                            None,
                            "app",
                            share,
                        )
                    )
