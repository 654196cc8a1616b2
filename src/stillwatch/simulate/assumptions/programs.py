"""Client programs and how popular they are.

The forms of user agents are those of the public clients; versions and weights are assumed. Fingerprint values
are made up in `clients.py`, equal for everybody who runs the same program, as real ones are.
"""

from __future__ import annotations

BROWSERS = (
    ("Chrome", "Mozilla/5.0 ({os}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36", (141, 142, 143, 144), 5.0),
    ("Edge", "Mozilla/5.0 ({os}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36 Edg/{v}.0.0.0", (142, 143), 1.5),
    ("Firefox", "Mozilla/5.0 ({os}; rv:{v}.0) Gecko/20100101 Firefox/{v}.0", (140, 145, 146), 1.0),
    ("Safari", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{v} Safari/605.1.15", (18, 26), 2.0),
)  # fmt: skip
SYSTEMS = ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
APPS = (
    ("AssistantDesktop/{v} (darwin)", ("1.8.2", "1.9.0")),
    ("AssistantDesktop/{v} (win32)", ("1.8.2", "1.9.0")),
    ("Assistant/{v} iOS/18.3", ("5.12", "5.14")),
    ("Assistant/{v} Android/15", ("5.11", "5.14")),
)
SDKS = (
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
AGENTS = (
    ("claude-cli/{v} (external, cli)", ("1.0.98", "1.0.119", "2.0.14"), "node22", 3.0),
    ("codex_cli_rs/{v}", ("0.42.0", "0.46.0"), "rustls", 1.5),
    ("opencode/{v}", ("0.14.1", "0.15.3"), "bun1.2", 1.0),
    ("aider/{v} litellm", ("0.86.1",), "python-openssl3", 0.7),
    ("LangGraph/{v} OpenAI/Python", ("0.6.8", "1.0.1"), "python-openssl3", 1.2),
)
GATEWAYS = (
    ("litellm/{v}", ("1.77.5", "1.79.0"), "python-openssl3", 2.0),
    ("portkey-gateway/{v}", ("1.12.3",), "node22", 1.0),
    ("kong/{v}", ("3.11.0",), "go1.24", 1.0),
)

RELAYS = ("new-api/0.9.4", "one-api/0.6.11")
OWN_AGENTS = ("Go-http-client/2.0", "okhttp/4.12.0", "axios/1.12.2", "python-requests/2.32.5")
OWN_STACKS = ("go1.24", "node22", "python-openssl3", "utls-{tag}", "boring-{tag}")
"""TLS stacks of relays and harvesters: three are anybody's, two are their own."""
APP_WEIGHT = 1.6
LINUX_WEIGHT = 0.3
RELEASES_PER_STACK = 4  # browser releases that share a TLS fingerprint
