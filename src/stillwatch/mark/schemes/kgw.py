"""The watermark of this package: a share gamma of tuples is green (Kirchenbauer et al., 2023; see `mark.watermark`)."""

from __future__ import annotations

from collections.abc import Sequence

from stillwatch.mark.schemes._base import Ints, Processor, Values, drawn
from stillwatch.mark.watermark import GAMMA, Watermark, green


class Kgw:
    """Green and red; needs no package."""

    name = "kgw"

    def window(self, key: bytes) -> int:  # noqa: ARG002  every key's is the same
        """One token."""
        return 1

    def expected(self, key: bytes) -> float:  # noqa: ARG002  as above
        """The green share."""
        return GAMMA

    def values(self, keys: Sequence[bytes], contexts: Ints, tokens: Ints) -> Values:
        """Whether each tuple is green."""
        return green(keys, contexts[:, -1:], tokens)

    def decoys(self, key: bytes, count: int, random_seed: int) -> list[bytes]:  # noqa: ARG002  as above
        """Random keys."""
        return drawn(count, random_seed)

    def processor(self, key: bytes, delta: float) -> Processor:
        """Green tokens are exp(delta) times as likely."""
        return Watermark(key, delta=delta)
