"""`stillwatch mark`: marks for named account sets under a written policy: plan, serve, look into the register."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import click

from stillwatch.cli.marking.members import members, members_of
from stillwatch.cli.screen import console, harmless, table, text
from stillwatch.errors import InputError, UsageError
from stillwatch.mark.answering import Marking
from stillwatch.mark.drafted import drafted, refuse_strangers
from stillwatch.mark.keys import draw, read_keys
from stillwatch.mark.policy import EXAMPLE, Policy, in_force, read_policy
from stillwatch.mark.registry import Registry, counted
from stillwatch.mark.serve import Served, serving
from stillwatch.report.wording import of

_DIGEST = re.compile(r"[0-9a-f]{64}")
existing = click.Path(exists=True, dir_okay=False, path_type=Path)
new_file = click.Path(dir_okay=False, path_type=Path)


@click.group(short_help="Mark the answers of named accounts, under a written policy.")
def mark() -> None:
    """Mark the answers that named accounts get, so that a model trained on them can be recognised.

    Nothing is marked without a policy that says who decided it, what for and until when. A canary is one of several answers that
    somebody has read and found equally correct. A watermark makes some words likelier where the model is not sure which to write; that can change
    an answer as sampling can, and nothing checks whether it is still right.
    """


@mark.command(short_help="Check a policy, draw its keys, bind them in the register.")
@click.argument("policy", type=existing, required=False)
@click.option("--keys", type=new_file, help="The new file for the keys. Keep it apart from the log.")
@click.option("--registry", type=new_file, help="The register that the keys are bound in.")
@click.option("--example", is_flag=True, help="Print a policy to begin with, and nothing else.")
@click.option(
    "--findings",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Findings of a scan: each account set has to bear the id of one, and to hold none but its members.",
)
@click.option(
    "--campaign", metavar="ID", help="Print a policy for this finding to begin with, and nothing else."
)
def plan(
    policy: Path | None,
    keys: Path | None,
    registry: Path | None,
    findings: Path | None,
    campaign: str | None,
    *,
    example: bool,
) -> None:
    """Check POLICY, draw a key for each of its account sets, and bind the keys before anything is served.

    An account set bears the lasting id of its campaign. With --findings and --campaign a policy for that campaign is printed, to be
    finished by whoever decides it.
    """
    if example:
        click.echo(EXAMPLE, nl=False)
        return
    if campaign is not None:
        if findings is None:
            raise click.UsageError("Name the findings that hold the campaign with --findings.")
        click.echo(drafted(campaign, sorted(members_of(findings, campaign))), nl=False)
        return
    if policy is None or keys is None or registry is None:
        raise click.UsageError(
            "Name the policy, --keys and --registry, or ask for --example, or for a policy with --findings and --campaign."
        )
    _refuse_same(keys=keys, registry=registry)
    now = datetime.now(UTC)
    told = in_force(read_policy(policy), now)
    if findings is not None:
        refuse_strangers(told, members(findings))
    _bind(told, keys, registry, now)
    sets = of(len(told.account_sets), "account set")
    console().print(
        f"{sets} bound in {harmless(registry)}; keys in {harmless(keys)}, for its owner's eyes only."
    )


@mark.command(short_help="Serve a small model on this machine, with marks.")
@click.argument("model", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--policy", type=existing, required=True, help="The policy.")
@click.option("--keys", type=existing, help="The keys; without, the variable STILLWATCH_MARK_KEYS.")
@click.option("--registry", type=new_file, required=True, help="The register.")
@click.option(
    "--accounts", type=existing, required=True, help="Lines of: SHA-256 of an API key, space, account."
)
@click.option("--log", type=new_file, required=True, help="The log, as JSON lines of the contract.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="The port; 0 for any."
)
def serve(
    model: Path, policy: Path, keys: Path | None, registry: Path, accounts: Path, log: Path, port: int
) -> None:
    """Serve the small model in the folder MODEL as OpenAI's API is, on this machine only, until interrupted."""
    from stillwatch.distil.tokens import needed  # noqa: PLC0415  an extra

    needed()
    from stillwatch.distil.writer import SmallWriter  # noqa: PLC0415  an extra

    _refuse_same(registry=registry, log=log)
    told = in_force(read_policy(policy), datetime.now(UTC))
    marking = Marking(told, read_keys(keys), Registry.opened(registry))
    served = Served(
        writer=SmallWriter.opened(model),
        model=model.name,
        accounts=_accounts(accounts),
        log=log,
        marking=marking,
    )
    with serving(served, port) as url:
        console().print(f"Serving {harmless(model.name)} at {url}; interrupt to end.")
        while True:
            time.sleep(3600)


@mark.command(short_help="What was bound and what was served, from the register.")
@click.argument("register", type=existing)
def registry(register: Path) -> None:
    """Check every line of REGISTER and count what was served to each account set."""
    commitments, marks, accounts = counted(register)
    made = table(
        "Account set",
        "Owner",
        "Expires",
        "Accounts",
        "Watermarked",
        "Canaries",
        right=("Accounts", "Watermarked", "Canaries"),
    )
    for line in commitments:
        name = line["account_set"]
        made.add_row(
            text(name),
            text(line["owner"]),
            text(line["expires"][:10]),
            str(len(accounts.get(name, ()))),
            str(marks.get((name, "watermark"), 0)),
            str(marks.get((name, "canary"), 0)),
        )
    console().print(made)


def _bind(told: Policy, keys: Path, registry: Path, now: datetime) -> None:
    """Draw keys and bind them, or leave no keys behind: a key that is not bound marks nothing."""
    register, names = Registry.opened(registry), [found.name for found in told.account_sets]
    register.refuse_bound(names)
    drawn = draw(names, keys)
    try:
        register.commit(told, drawn, now)
    except BaseException:
        keys.unlink()
        raise


def _refuse_same(**files: Path) -> None:
    """Refuse one file for two things: one would be written over the other."""
    for (one, first), (other, second) in combinations(files.items(), 2):
        if first.resolve() == second.resolve():
            raise UsageError(f"--{one} and --{other} name one file, {first}. Name two.")


def _accounts(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        lines = file.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is no list of accounts: it is no text.") from error
    for number, line in enumerate(lines, 1):
        told, _, account = line.strip().partition(" ")
        digest = told.lower()
        if line.strip() and (not _DIGEST.fullmatch(digest) or not account):
            raise InputError(f"{file}, line {number}: it needs the SHA-256 of a key, a space and an account.")
        if digest in found:
            raise InputError(f"{file}, line {number}: the key stands there twice. One key is of one account.")
        if account:
            found[digest] = account.strip()
    return found
