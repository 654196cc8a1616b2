"""`stillwatch psi`: how many accounts, cards or addresses two houses have in common, and nothing of the others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from stillwatch.casebook.door import casebook_room
from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless
from stillwatch.cli.sharing.landed import land
from stillwatch.cli.sharing.places import state_file
from stillwatch.errors import InputError, StillwatchError, UsageError
from stillwatch.share import psi as protocol
from stillwatch.share.audit import (
    MOST_A_DAY,
    Asked,
    Entry,
    Step,
    entries,
    peer_name,
    record,
    recording,
    refuse_too_much,
)
from stillwatch.share.both import in_both
from stillwatch.share.exchange import Door, Exchange, Service, ask, read_token
from stillwatch.share.normal import KINDS, Normal, normal, shown

AUDIT = "psi-audit.jsonl"


def _peer(word: str) -> str:
    if not (name := peer_name(word)):
        raise UsageError("--peer is empty. Give the name of the other house, the same each time.")
    return name


audit_option = click.option(
    "--audit",
    type=click.Path(dir_okay=False, path_type=Path),
    default=lambda: state_file(AUDIT),
    show_default=f"stillwatch/{AUDIT} in the folder for state",
    metavar="FILE",
    help="Record of all exchanges; no value stands in it.",
)
peer_option = click.option(
    "--peer",
    required=True,
    metavar="NAME",
    callback=lambda _context, _option, word: _peer(word),
    help="The other house, in your words.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
out_option = click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File for the message to the other house.",
)
agree_option = click.option(
    "--values", is_flag=True, help="Agree that the other house learns which values, not only how many."
)
most_a_day_option = click.option(
    "--most-a-day",
    type=click.IntRange(1),
    default=MOST_A_DAY,
    show_default=True,
    help="How often a peer is answered in 24 hours.",
)
token_option = click.option(
    "--token-file",
    type=existing_file,
    required=True,
    metavar="FILE",
    help="File with the token that both houses have, and nobody else.",
)


@click.group(short_help="What two houses have in common, and nothing of the rest.")
def psi() -> None:
    """Learn how many values two houses have in common, without telling any other (private set intersection).

    One house offers and the other answers; the offering house learns the size. Which values they are takes a second exchange that both
    ask for with --values. Messages are files; send them as you see fit, or over HTTPS with serve and ask.
    """


@psi.command("offer", short_help="Offer values, under a key that stays here.")
@click.argument("items", type=existing_file)
@click.option("--kind", type=click.Choice(list(KINDS)), required=True, help="What the values are.")
@click.option(
    "--state",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File for what stays here until the answer comes; with --values the one of the exchange of the size. Never send it.",
)
@click.option(
    "--values",
    is_flag=True,
    help="Ask which values, not only how many, of the set whose size was exchanged before.",
)
@out_option
@peer_option
@audit_option
@quiet_option
def offer_values(
    items: Path, kind: str, state: Path, out: Path, peer: str, audit: Path, *, values: bool, quiet: bool
) -> None:
    """Offer the values in ITEMS, one a line."""
    told = _values(items, kind)
    sized = protocol.read_state(state) if values and state.exists() else None
    made, kept = protocol.offer(told.values, kind, is_of_values=values, sized=sized)
    with recording(audit):
        land(protocol.written(kept), state, is_private=True)
        land(protocol.written(made), out)
        _record(audit, "offered", peer, made.exchange, kind, is_of_values=values, offered=made.count)
    _say(
        f"{harmless(out)}: {made.count:,} values offered; {harmless(state)} stays here. {_left_out(told)}",
        quiet=quiet,
    )


@psi.command("answer", short_help="Answer an offer from values of your own.")
@click.argument("offered", metavar="OFFER", type=existing_file)
@click.argument("items", type=existing_file)
@agree_option
@most_a_day_option
@out_option
@peer_option
@audit_option
@quiet_option
def answer_offer(
    offered: Path,
    items: Path,
    out: Path,
    peer: str,
    audit: Path,
    most_a_day: int,
    *,
    values: bool,
    quiet: bool,
) -> None:
    """Answer the offer in OFFER from the values in ITEMS, one a line. The other house learns the result, and you do not."""
    made, said = _answered(protocol.read_offer(offered), items, peer, audit, most_a_day, values=values)
    land(made, out)
    _say(f"{harmless(out)}: {said}", quiet=quiet)


@psi.command("reveal", short_help="What an answer says: the size, or which values.")
@click.argument("state", type=existing_file)
@click.argument("answered", metavar="ANSWER", type=existing_file)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File for the values, where both houses asked for them.",
)
@click.option(
    "--casebook",
    "place",
    metavar="FILE_OR_URL",
    help="Keep with --out which values both have: beside what the other house told, the next scan weighs it.",
)
@peer_option
@audit_option
@quiet_option
def reveal_answer(
    state: Path, answered: Path, out: Path | None, place: str | None, peer: str, audit: Path, *, quiet: bool
) -> None:
    """Say how many of the offered values the other house has; with --out also which, where both asked for that."""
    if place is not None and out is None:
        raise UsageError(
            "A casebook keeps which values both have, and that takes --out FILE. Give it, or leave --casebook out."
        )
    kept, told = protocol.read_state(state), protocol.read_answer(answered)
    with recording(audit):
        if out is None:
            count = protocol.size(kept, told)
        else:
            found = protocol.common(kept, told)
            count = len(found)
            land("".join(f"{shown(value)}\n" for value in found).encode("utf-8"), out, is_private=True)
            if place is not None:
                seen = in_both([shown(value) for value in found], kept, peer, datetime.now(UTC))
                casebook_room("sightings").keep(place, seen, who="stillwatch psi reveal")
        _record(
            audit,
            "revealed",
            peer,
            kept.exchange,
            kept.kind,
            is_of_values=out is not None,
            offered=len(kept.values),
            size=count,
        )
    _say(f"{count:,} of {len(kept.values):,} values are in both.", quiet=quiet)


@psi.command("serve", short_help="Answer offers over HTTPS.")
@click.argument("items", type=existing_file)
@click.option(
    "--certificate", type=existing_file, required=True, metavar="PEM", help="This house's certificate."
)
@click.option("--key", type=existing_file, required=True, metavar="PEM", help="The certificate's key.")
@token_option
@click.option(
    "--listen", default="127.0.0.1:8443", show_default=True, metavar="HOST:PORT", help="Where to listen."
)
@click.option(
    "--answers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many answers to give before ending.",
)
@agree_option
@most_a_day_option
@peer_option
@audit_option
@quiet_option
def serve_answers(
    items: Path,
    certificate: Path,
    key: Path,
    token_file: Path,
    listen: str,
    answers: int,
    peer: str,
    audit: Path,
    most_a_day: int,
    *,
    values: bool,
    quiet: bool,
) -> None:
    """Answer offers that come over HTTPS from the values in ITEMS, by the same rules as `answer`, and end."""

    def reply(content: bytes) -> bytes:
        asked = protocol.offer_in(content, "What came")
        made, said = _answered(asked, items, peer, audit, most_a_day, values=values)
        _say(said, quiet=quiet)
        return made

    def refused() -> None:
        with recording(audit):
            _record(audit, "refused", "unknown", "", "", is_of_values=False, offered=0)

    def complain(text: str) -> None:
        click.echo(f"Not answered: {harmless(text)}", err=True)

    door = Door(listen, certificate, key, read_token(token_file))
    with Exchange(door, Service(reply, complain, refused)) as exchange:
        _say(f"Listening at {exchange.address}", quiet=quiet)
        exchange.serve(answers)


@psi.command("ask", short_help="Send an offer over HTTPS, and keep the answer.")
@click.argument("offered", metavar="OFFER", type=existing_file)
@click.option(
    "--peer", required=True, metavar="URL", help="Where the other house listens: https://HOST:PORT."
)
@token_option
@click.option(
    "--ca", type=existing_file, metavar="PEM", help="Certificates to trust in place of the usual ones."
)
@out_option
@quiet_option
def ask_peer(offered: Path, peer: str, token_file: Path, ca: Path | None, out: Path, *, quiet: bool) -> None:
    """Send the offer in OFFER to a house that runs `serve`; `reveal` reads the answer."""
    made = protocol.read_offer(offered)
    content = ask(protocol.written(made), peer, read_token(token_file), ca)
    told = protocol.answer_in(content, "What came back")
    if (told.exchange, told.is_of_values) != (made.exchange, made.is_of_values):
        raise InputError(f"{peer} answered another offer than was sent. Do not use it; ask the other house.")
    land(content, out)
    _say(f"{harmless(out)}: answered by {harmless(peer)}.", quiet=quiet)


def _answered(
    asked: protocol.Offer, items: Path, peer: str, audit: Path, most_a_day: int, *, values: bool
) -> tuple[bytes, str]:
    """The answer to an offer, on record before it leaves, and what to say of it; that there is none is on record, too."""
    with recording(audit):
        entries(audit)
        known: dict[str, Any] = {"is_of_values": asked.is_of_values, "offered": asked.count}
        try:
            _refuse_what_was_not_agreed(asked, peer, values=values)
            known["digest"] = protocol.digest(asked)
            refuse_too_much(audit, Asked(peer, asked.kind, **known), most_a_day)
            told = _values(items, asked.kind)
            made = protocol.answer(asked, told.values)
        except StillwatchError:
            _record(audit, "refused", peer, asked.exchange, asked.kind, **known)
            raise
        _record(audit, "answered", peer, asked.exchange, asked.kind, held=len(told.values), **known)
    said = f"answered {asked.count:,} values from {len(told.values):,}. {_left_out(told)}"
    return protocol.written(made), said


def _refuse_what_was_not_agreed(asked: protocol.Offer, peer: str, *, values: bool) -> None:
    if asked.is_of_values and not values:
        raise UsageError(
            f"{peer} asks which values both have. If that is agreed, answer with --values; if not, do not answer."
        )
    if values and not asked.is_of_values:
        raise UsageError("The offer asks for the size alone. Answer without --values.")


def _values(items: Path, kind: str) -> Normal:
    try:
        with items.open(encoding="utf-8-sig") as lines:
            told = normal(lines, kind)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{items} cannot be read as lines of text: {error}.") from error
    if not told.values:
        raise InputError(
            f"{items} holds no value of kind {kind}; {told.refused:,} lines were something else. Write one a line."
        )
    return told


def _left_out(told: Normal) -> str:
    return f"{told.refused:,} lines were left out: they hold no such value." if told.refused else ""


def _record(audit: Path, step: Step, peer: str, exchange: str, kind: str, **told: Any) -> None:
    record(
        audit,
        Entry(at=datetime.now(UTC).isoformat(), step=step, peer=peer, exchange=exchange, kind=kind, **told),
    )


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        console().print(text.strip(), soft_wrap=True)
