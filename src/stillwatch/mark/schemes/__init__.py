"""Ways to watermark sampled text: one file a way, each with both of its sides, marking and telling.

`kgw` is ours and needs nothing. The others are adapters of published watermarks that a provider may serve already: their own packages
compute what a key says of a token, so that what they marked is told by the rule that they marked by.
"""

from __future__ import annotations

from collections.abc import Mapping

from stillwatch.errors import UsageError
from stillwatch.mark.schemes._base import Scheme
from stillwatch.mark.schemes.kgw import Kgw
from stillwatch.mark.schemes.synthid import SynthId
from stillwatch.mark.schemes.textseal import TextSeal

SCHEMES: Mapping[str, Scheme] = {scheme.name: scheme for scheme in (Kgw(), SynthId(), TextSeal())}
USUAL = "kgw"


def scheme(name: str) -> Scheme:
    """The way of that name."""
    if name not in SCHEMES:
        raise UsageError(f"There is no watermark {name!r}. There are {', '.join(SCHEMES)}.")
    return SCHEMES[name]
