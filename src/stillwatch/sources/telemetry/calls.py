"""Which spans of a batch are calls of a model, each counted once, and which span of their trace served them.

A retry and a fallback are calls of their own, though they share a trace. A call inside another call is the same one seen
twice, by a gateway and by its client, and only the outer counts; unless there is an agent, a tool or other work of AI
software between the two: such a call was decided on, and counts. Both are known only where the batch holds both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stillwatch.sources.nested.envelope import Excluded
from stillwatch.sources.nested.values import text
from stillwatch.sources.telemetry.aliases import Found, aliases, found
from stillwatch.sources.telemetry.spans import Span

_FARTHEST = 32
NO_CALL = Excluded("no generation")
OWN = Excluded("a call of the gateway itself")
TWICE = Excluded("inside another call")
_APART = Excluded("a message without its call")

Placed = Mapping[tuple[str, str], tuple[Span, bool | None]]


def calls(spans: Sequence[Span]) -> Iterator[tuple[Span, Found] | Excluded]:
    """Each call with what the span that served its trace tells; of every other span, why it is none."""
    marked = [(span, generates(span)) for span in spans]
    if not any(yes for _, yes in marked):
        yield from (_reason(span) for span in spans)
        return
    placed = {(span.trace, span.id): (span, yes) for span, yes in marked if not span.event}
    edges = _edges([span for span, yes in marked if not yes and span.is_server])
    for span, yes in marked:
        if not yes:
            yield _reason(span)
        elif span.parent and _is_inside(span, placed):
            yield TWICE
        elif text(span.attributes.get(aliases().internal)):
            yield OWN
        else:
            yield span, edges.get(span.trace, {})


def generates(span: Span) -> bool | None:
    """Whether the span is a call that a model's words answer; None where it says nothing of AI software at all."""
    if span.event and span.event != aliases().event:
        return None
    for name, generating in aliases().operations:
        if (what := span.attributes.get(name)) is not None:
            return isinstance(what, str) and what in generating
    return True if any(mark in span.attributes for mark in aliases().marks) else None


def _reason(span: Span) -> Excluded:
    is_message = span.event.startswith("gen_ai.") and span.event != aliases().event
    return _APART if is_message else NO_CALL


def _is_inside(span: Span, placed: Placed) -> bool:
    for _ in range(_FARTHEST):
        above = placed.get((span.trace, span.parent))
        if above is None or above[0] is span:
            return False
        span, yes = above
        if yes is not None:
            return yes
    return False


def _edges(servers: list[Span]) -> Mapping[str, Found]:
    """By trace, what the first server span tells that says who called: the outermost of its trace."""
    edges: dict[str, Found] = {}
    for span in sorted(servers, key=lambda one: one.start or 0):
        if (
            span.trace
            and span.trace not in edges
            and not aliases().edge.isdisjoint(told := found(span.attributes))
        ):
            edges[span.trace] = told
    return edges
