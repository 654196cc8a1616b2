"""Which addresses a model may be asked at: what is sealed, kept and told must hold no secret, and no answer goes over the open net in plain text."""

from __future__ import annotations

import json
import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from stillwatch.errors import UsageError

FOLDER = "folder:"
"""So begins the address of a model that is run in this process."""
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def allowed(url: str) -> str:
    """The address, if it may be used. A refusal never repeats what could be a secret."""
    if url.startswith(FOLDER):
        return _folder(url)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError("An endpoint's address cannot be read. Write it as https://HOST/v1.") from None
    if "@" in parts.netloc or "@" in url.partition("://")[2].partition("/")[0]:
        raise UsageError(
            "An endpoint's address holds a password. Put the key into a variable and name that: key=VARIABLE."
        )
    if "?" in url or "#" in url:
        raise UsageError(
            "An endpoint's address has a question mark or a hash in it, and what follows can be a key. "
            "End it with its path, and name the variable that holds the key: key=VARIABLE."
        )
    if parts.scheme == "https" and host:
        return url
    if parts.scheme == "http" and _is_here(host):
        return url
    raise UsageError(f"{json.dumps(url)} is not behind https. Plain http is for models on this machine.")


def _folder(url: str) -> str:
    if not Path(url.removeprefix(FOLDER)).is_dir():
        raise UsageError(f"{url.removeprefix(FOLDER)!r} is no folder. Write folder:DIR, with a model in DIR.")
    return url


def variable(told: str) -> str:
    """The name of a variable, if it is one: a key in its place would be written into a plan. A refusal does not repeat it."""
    if told and not VARIABLE.fullmatch(told):
        raise UsageError(
            "What follows key= is no name of a variable. Put the key into a variable of the environment, and write key=VARIABLE."
        )
    return told


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
