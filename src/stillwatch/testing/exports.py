"""The checks that every export passes, ours and others'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from stillwatch.errors import UsageError
from stillwatch.model.shared import Shared
from stillwatch.share._base import Export
from stillwatch.share.blind import Blind
from stillwatch.share.policy import HIGHEST_TIER, LEAST_TLP, Policy
from stillwatch.share.prepare import Wish, prepare
from stillwatch.sources.privacy.key import Key
from stillwatch.testing import secrets
from stillwatch.testing.check import Check, demand, run_all

HIDDEN = {"\u202e", "\u0000", "\u0007", "\u001b"}
"""Signs that turn a line round or command a terminal; none of them belongs in a file for others."""


def export_checks(export: Export) -> list[Check]:
    """List every check of an export."""
    return [Check(export.name, name, partial(run, export)) for name, run in DEMANDS.items()]


def check_export(export: Export) -> None:
    """Run every check of an export; one error names all demands it does not meet."""
    run_all(export_checks(export))


def _blind() -> Blind:
    return Blind(Key(b"a house key for checks only"), CIRCLE)


CIRCLE = Key(b"a circle key for checks only")


def _shared(export: Export, tier: int, **fields: object) -> Shared:
    policy = Policy(tier, LEAST_TLP[tier] if tier else "green")
    wish = Wish(policy, secrets.PRODUCER, only=secrets.EVERYTHING, is_own=export.reader == "own")
    return replace(prepare(secrets.found(), wish, _blind()), **fields)  # type: ignore[arg-type]


def _rendered(export: Export, shared: Shared) -> bytes | None:
    """The bytes, or None where the format has a good reason to refuse, which it says."""
    try:
        return export.render(shared, _blind())
    except UsageError as error:
        demand(len(str(error)) > 20, "it refuses without saying why")
        return None


def _declares_itself(export: Export) -> None:
    demand(
        export.name.isidentifier() and export.name.islower(), f"{export.name!r} is no lower-case identifier"
    )
    demand(export.suffix.startswith(".") and export.suffix.islower(), f"{export.suffix!r} is no suffix")
    demand(bool(export.description.strip()), "the description is empty")


def _same_bytes(export: Export) -> None:
    for tier in range(HIGHEST_TIER + 1):
        first, second = (_rendered(export, _shared(export, tier)) for _ in range(2))
        demand(first == second, f"the same findings give other bytes at tier {tier}")


def _keeps_to_its_tier(export: Export) -> None:
    for tier in range(HIGHEST_TIER + 1):
        content = _rendered(export, _shared(export, tier)) or b""
        is_range = secrets.RANGE.encode() in content
        demand(tier >= secrets.RANGE_TIER or not is_range, f"at tier {tier} it tells a range of addresses")
        for least, words in secrets.WORDS.items():
            allowed = export.reader == "own" and least <= tier
            for word in words:
                is_there = any(form in content for form in secrets.forms(word))
                demand(
                    allowed or not is_there, f"at tier {tier} it tells {word!r}, which is for tier {least}"
                )


def _no_address_is_found_by_trying_all(export: Export) -> None:
    """Whoever holds the key of the circle can make the token of any address; none may be in what others get."""
    circle = Blind.of_circle(CIRCLE)
    content = _rendered(export, _shared(export, HIGHEST_TIER)) or b""
    key = int(secrets.ADDRESS_KEY, 16) & ~0xFF
    for signal in ("shared_address", "shared_prefix"):
        tokens = (circle.trait("network", signal, f"{key | last:016x}") for last in range(256))
        demand(
            not any(t.encode() in content for t in tokens),
            f"a member of the circle finds the {signal} by trying all",
        )


def _never_tells_the_key(export: Export) -> None:
    content = _rendered(export, _shared(export, HIGHEST_TIER)) or b""
    demand(b"key for checks only" not in content, "it tells the key")


def _says_how_far_it_may_go(export: Export) -> None:
    for tier in range(HIGHEST_TIER + 1):
        content = _rendered(export, _shared(export, tier))
        if content is None:
            continue
        text = content.decode("utf-8").lower()
        demand(LEAST_TLP[tier] in text or tier == 0, f"at tier {tier} no TLP marking is in it")
        demand("verify on your own evidence" in " ".join(text.split()), "what a reader may do is not in it")


def _says_that_it_is_simulated(export: Export) -> None:
    content = _rendered(export, _shared(export, 2, simulated=True)) or b"simulated"
    demand(b"imulated" in content, "nothing says that the traffic is simulated")


def _tells_until_when(export: Export) -> None:
    shared = _shared(export, 2)
    content = _rendered(export, shared) or b""
    if not any(i.token.encode() in content for f in shared.findings for i in f.indicators):
        return
    dates = {i.valid_until[:10].encode() for f in shared.findings for i in f.indicators}
    demand(all(date in content for date in dates), "an indicator has no end")


def _withdraws(export: Export) -> None:
    shared = _shared(export, 2)
    before = _rendered(export, shared)
    after = _rendered(export, replace(shared, retraction="Somebody else's traffic"))
    demand(before is None or before != after, "a retraction leaves it as it was")


def _is_plain_text(export: Export) -> None:
    content = _rendered(export, _shared(export, HIGHEST_TIER)) or b""
    text = content.decode("utf-8")
    demand(not HIDDEN & set(text), "it holds signs that no reader sees")
    demand("<script" not in text, "a name in the log comes out as a script")


def _tells_nothing_found(export: Export) -> None:
    _rendered(export, _shared(export, 1, findings=()))


DEMANDS: Mapping[str, Callable[[Export], None]] = {
    "declares itself": _declares_itself,
    "gives the same bytes for the same findings": _same_bytes,
    "tells nothing above its tier": _keeps_to_its_tier,
    "tells no address to who tries all": _no_address_is_found_by_trying_all,
    "never tells the key": _never_tells_the_key,
    "says how far it may go and what a reader may do": _says_how_far_it_may_go,
    "says that simulated traffic is simulated": _says_that_it_is_simulated,
    "tells until when an indicator is good": _tells_until_when,
    "withdraws": _withdraws,
    "holds plain text": _is_plain_text,
    "tells that nothing was found": _tells_nothing_found,
}
"""What is demanded of every export."""
