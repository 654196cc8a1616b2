"""`stillwatch case`: what people note, review and decide about campaigns, and what that did."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from stillwatch.casebook.door import casebook_room
from stillwatch.cli.assaying.recorded import assay_line, record_assay
from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.cli.sharing.standing import standing_table
from stillwatch.errors import InputError, UsageError
from stillwatch.report.landing import refuse_inside_findings
from stillwatch.report.wording import of, percent
from stillwatch.share.ways import together

book_option = click.option(
    "--casebook",
    "place",
    envvar="STILLWATCH_CASEBOOK",
    required=True,
    metavar="FILE_OR_URL",
    help="The casebook that scans keep; also from STILLWATCH_CASEBOOK.",
)
by_option = click.option(
    "--by",
    envvar="STILLWATCH_ANALYST",
    required=True,
    metavar="NAME",
    help="Who; also from STILLWATCH_ANALYST.",
)


@click.group(short_help="Keep cases: list, show, note, review, decide, export, verify.")
def case() -> None:
    """Keep cases over many scans: what was found, what people noted, reviewed and decided.

    A decision counts in the next scan once a second person has agreed to it. Nothing is ever changed or taken away: every
    act is an entry of a log in which each carries the hash of the one before.
    """


case.add_command(record_assay)


@case.command("list", short_help="List all campaigns with their state.")
@book_option
def list_(place: str) -> None:
    """List all campaigns, with their state and in how many scans they were seen."""
    made = table(
        "Campaign",
        "State",
        "Verdict",
        "Accounts",
        "Scans",
        "First seen",
        "Last seen",
        right=("Accounts", "Scans"),
    )
    with _reading(place) as (cases, connection):
        for line in cases.lines(connection):
            made.add_row(
                text(line.campaign_id),
                text(line.state),
                text(line.verdict),
                f"{line.accounts:,}",
                str(line.scans),
                text(line.first_seen[:10]),
                text(line.last_seen[:10]),
            )
    console().print(made)


@case.command(short_help="List what others told, and what of it counts.")
@book_option
def sightings(place: str) -> None:
    """List what other providers told that `stillwatch share read --casebook` kept: by maker, way, marking and source code.

    A sighting counts once, until its end or until its maker takes it back. Below stands who took back or changed what by which way.
    """
    with _opened(place) as book, book.reading() as connection:
        parts = casebook_room("sightings").parts(connection)
    screen = console()
    screen.print(standing_table(parts))
    for problem in together(parts).problems:
        screen.print(harmless(problem), style="dim", soft_wrap=True)


@case.command(short_help="Show the history of one campaign.")
@book_option
@click.argument("campaign_id")
def show(place: str, campaign_id: str) -> None:
    """Show all scans in which CAMPAIGN_ID was seen, what people recorded, and what counts now."""
    with _reading(place) as (cases, connection):
        told, signed = cases.case(connection, campaign_id), cases.signatures(connection, campaign_id)
        assays = casebook_room("assays").of_campaign(connection, campaign_id)
    screen = console()
    screen.print(text(campaign_id, "bold"))
    for name, word in (("merged_into", "merged into"), ("split_from", "split from")):
        if told[name]:
            screen.print(text(f"{word} {told[name]}"))
    if told["took_in"]:
        screen.print(text(f"took in {', '.join(told['took_in'])}"))
    _print_appearances(screen, told["appearances"])
    for decision in told["decisions"]:
        _print_decision(screen, decision)
    for actor, (agree, against) in sorted(signed.items()):
        told_of = f"{', '.join(agree) or 'nobody'} agree; {', '.join(against) or 'nobody'} disagree"
        screen.print(text(f"attribution to {actor}: {told_of}"))
    for assay in assays:
        screen.print(text(assay_line(assay)), soft_wrap=True)
    for entry in told["notes"]:
        screen.print(text(f"{entry['recorded'][:16]} {entry['who']}: {entry['text']}"), soft_wrap=True)


@case.command(short_help="Add a note to a campaign.")
@book_option
@by_option
@click.argument("campaign_id")
@click.argument("words", metavar="TEXT")
def note(place: str, by: str, campaign_id: str, words: str) -> None:
    """Add the note TEXT to CAMPAIGN_ID."""
    with _writing(place) as (cases, connection):
        number = cases.note(connection, campaign_id, words, who=by)
    click.echo(f"Note {number} is kept.")


@case.command(short_help="Decide on a campaign, or clear one of its accounts.")
@book_option
@by_option
@click.argument("campaign_id")
@click.argument("kind", type=click.Choice(["confirmed", "cleared", "reopened"]))
@click.option("--account", metavar="ID", help="Only this account, which is cleared or reopened by itself.")
@click.option("--reason", required=True, help="Why; whoever reviews it reads this.")
@click.option("--days", type=int, default=90, show_default=True, help="For how many days it holds.")
def decide(
    place: str, by: str, campaign_id: str, kind: str, account: str | None, reason: str, days: int
) -> None:
    """Record that CAMPAIGN_ID is confirmed, cleared or open again. It counts once somebody else agrees.

    A cleared campaign is not called again until something about it is new. A confirmed one starts the next scan with a little
    more weight. An open one is as it was before anybody decided, at once and without a review.
    """
    with _writing(place) as (cases, connection):
        number = cases.decide(
            connection, campaign_id, kind, who=by, reason=reason, days=days, account_id=account
        )
    click.echo(f"Decision {number} is kept.")
    if kind != "reopened":
        click.echo(
            f"It counts once somebody else agrees: stillwatch case review {campaign_id} --decision {number} --agree"
        )


@case.command(short_help="Agree or disagree with a decision, an attribution or an assay.")
@book_option
@by_option
@click.argument("campaign_id")
@click.option("--decision", type=int, help="Number of the decision.")
@click.option("--actor", help="Name of the actor, as in the actors file.")
@click.option("--assay", type=int, help="Number of the assay.")
@click.option("--agree/--disagree", "agrees", required=True, default=None, help="What you think of it.")
@click.option("--reason", required=True, help="Why.")
def review(
    place: str,
    by: str,
    campaign_id: str,
    decision: int | None,
    actor: str | None,
    assay: int | None,
    *,
    agrees: bool,
    reason: str,
) -> None:
    """Put your name to a decision on CAMPAIGN_ID, to its attribution to an actor, or to an assay of its suspected student, or against it.

    An organisation is named by a scan only if two people agree and nobody disagrees, and only if all other gates hold too.
    """
    said = {"who": by, "agrees": agrees, "reason": reason}
    with _writing(place) as (cases, connection):
        if assay is None:
            number = cases.review(connection, campaign_id, decision=decision, actor=actor, **said)
        elif decision is not None or actor is not None:
            raise UsageError("A review is of one thing: give one of --decision, --actor and --assay.")
        else:
            number = casebook_room("assays").review(connection, campaign_id, assay, **said)
    click.echo(f"Review {number} is kept.")


@case.command(short_help="Write cases and the whole log as JSON.")
@book_option
@click.argument("campaign_id", required=False)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
)
def export(place: str, campaign_id: str | None, out: Path) -> None:
    """Write all cases, or CAMPAIGN_ID alone, with the log and its last hash, which `case verify --head` can be given later."""
    if out.exists():
        raise UsageError(f"{out} is there already. Name a new file.")
    refuse_inside_findings(out)
    with _reading(place) as (cases, connection):
        told = cases.everything(connection, campaign_id)
    out.write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=True) + "\n", "utf-8")
    click.echo(f"{of(len(told['cases']), 'case')} written to {harmless(out)}. Head: {told['head']['hash']}")


@case.command(short_help="Check that nothing in the casebook was changed.")
@book_option
@click.option("--head", metavar="HASH", help="A hash of an earlier export, which has to be in the log.")
def verify(place: str, head: str | None) -> None:
    """Check the log's hashes, and every row against its entry; end with status 2 if anything does not fit."""
    chain = casebook_room("chain")
    with _reading(place) as (_, connection):
        faults = list(chain.faults(connection, head))
        end = chain.head(connection)
    if faults:
        raise InputError(f"{of(len(faults), 'fault')} in the casebook:\n" + "\n".join(faults[:100]))
    click.echo(f"{of(end.entries, 'entry', 'entries')}, nothing was changed. Head: {end.hash}")


@contextmanager
def _reading(place: str) -> Iterator[tuple[Any, Any]]:
    with _opened(place) as book, book.reading() as connection:
        yield casebook_room("cases"), connection


@contextmanager
def _writing(place: str) -> Iterator[tuple[Any, Any]]:
    with _opened(place) as book, book.writing() as connection:
        yield casebook_room("cases"), connection


@contextmanager
def _opened(place: str) -> Iterator[Any]:
    book = casebook_room("store").Casebook(place)
    try:
        yield book
    finally:
        book.close()


def _print_appearances(screen: Console, seen: list[Mapping[str, Any]]) -> None:
    right = ("Accounts", "Exchanges", "One party", "Training set")
    made = table("Log ends", "Verdict", *right, "Attribution", right=right)
    for row in seen:
        named = ", ".join(f"{a['actor']} ({a['level']})" for a in row["attribution"]) or "unknown"
        made.add_row(
            text(row["log_end"][:10]),
            text(row["verdict"]),
            f"{row['accounts']:,}",
            f"{row['exchanges']:,}",
            percent(row["one_party"]),
            percent(row["training_set"]),
            text(named),
        )
    screen.print(made)


def _print_decision(screen: Console, decision: Mapping[str, Any]) -> None:
    about = f" account {decision['account_id']}" if decision["account_id"] else ""
    agreed = ", ".join(decision["agreed"]) or "nobody yet"
    against = f", against it {', '.join(decision['disagreed'])}" if decision["disagreed"] else ""
    counts = "counts" if decision["counts"] else "does not count"
    screen.print(
        text(
            f"decision {decision['decision']}: {decision['kind']}{about} by {decision['who']}, agreed {agreed}{against}; "
            f"{counts}, until {decision['expires']}. {decision['reason']}"
        ),
        soft_wrap=True,
    )
