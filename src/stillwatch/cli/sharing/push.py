"""`stillwatch share push`, `pull` and `misp-push`: to and from a TAXII server, and to a MISP server."""

from __future__ import annotations

import os
from pathlib import Path

import click

from stillwatch.cli.scan import existing_file
from stillwatch.cli.screen import console, harmless
from stillwatch.cli.sharing.keys import house_key, key_option
from stillwatch.cli.sharing.landed import land
from stillwatch.errors import PartialInputError, UsageError
from stillwatch.share.blind import Blind
from stillwatch.share.bundle import read_bytes, taken_apart
from stillwatch.share.misp_server import MispServer, own_events, push_events
from stillwatch.share.taxii import Collection, pull, push
from stillwatch.share.written import own_objects

PASSWORD_VARIABLE = "STILLWATCH_TAXII_PASSWORD"  # noqa: S105  the name of a variable
MISP_VARIABLE = "STILLWATCH_MISP_KEY"
MOST_TOLD = 5

collection_option = click.option(
    "--collection",
    "url",
    metavar="URL",
    required=True,
    help="Address of the collection: https://.../collections/ID/.",
)
user_option = click.option(
    "--user", metavar="NAME", help=f"User; the password is the variable {PASSWORD_VARIABLE}."
)
trust_option = click.option(
    "--ca", type=existing_file, help="Certificates to trust (PEM), if not the usual ones."
)
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors.")


@click.command("push", short_help="Put a bundle of yours into a collection of a TAXII server.")
@click.argument("file", type=existing_file)
@collection_option
@user_option
@trust_option
@key_option
@quiet_option
def push_bundle(
    file: Path, url: str, user: str | None, ca: Path | None, key_file: Path | None, *, quiet: bool
) -> None:
    """Put the bundle in FILE, which `stillwatch share --as stix` wrote, into a collection of a TAXII 2.1 server.

    A bundle that another house wrote is refused, and so is one with TLP:RED. Ends with status 3 if the server took only a part.
    """
    objects = own_objects(read_bytes(file), Blind(house_key(key_file)))
    done = push(objects, _collection(url, user, ca))
    if not quiet:
        console().print(f"{done.taken} objects are in the collection now.")
    if done.refused:
        told = "; ".join(harmless(reason) for reason in done.refused[:MOST_TOLD])
        raise PartialInputError(f"The server refused {len(done.refused)} objects: {told}")


@click.command("misp-push", short_help="Put events of yours on a MISP server.")
@click.argument("file", type=existing_file)
@click.option(
    "--server", "url", metavar="URL", required=True, help="Address of the server: https://misp.example/"
)
@trust_option
@key_option
@quiet_option
def push_to_misp(file: Path, url: str, ca: Path | None, key_file: Path | None, *, quiet: bool) -> None:
    """Put the events in FILE, which `stillwatch share --as misp` wrote, on a MISP server; those that it has are brought up to date.

    The key of the user there is the variable STILLWATCH_MISP_KEY. Events stay unpublished until a person publishes them. Ends with status 3
    if the server took only a part.
    """
    if not (secret := os.environ.get(MISP_VARIABLE)):
        raise UsageError(
            f"The environment has no variable {MISP_VARIABLE} with the key of a user of the server. Set it."
        )
    events = own_events(read_bytes(file), Blind(house_key(key_file)))
    done = push_events(events, MispServer(url, secret, ca))
    if not quiet:
        console().print(f"{done.taken} events are on the server now.")
    if done.refused:
        told = "; ".join(harmless(reason) for reason in done.refused[:MOST_TOLD])
        raise PartialInputError(f"The server refused {len(done.refused)} events: {told}")


@click.command("pull", short_help="Get what a collection of a TAXII server holds.")
@click.option(
    "--out", metavar="FILE", required=True, type=click.Path(path_type=Path), help="File for the bundle."
)
@click.option(
    "--added-after", metavar="TIME", help="Only what was added after that time (2026-11-01T00:00:00Z)."
)
@collection_option
@user_option
@trust_option
@quiet_option
def pull_bundle(
    out: Path, added_after: str | None, url: str, user: str | None, ca: Path | None, *, quiet: bool
) -> None:
    """Get what a collection of a TAXII 2.1 server holds, as a bundle in FILE; `stillwatch share read` tells what it says.

    The file holds what the server sent, within bounds, and nothing is done with it.
    """
    content = pull(_collection(url, user, ca), added_after)
    found = taken_apart(content, url)
    land(content, out)
    if not quiet:
        left_out = sum(found.left_out.values())
        console().print(f"{harmless(out)}: {len(found.by_id)} objects, {left_out} that cannot be used.")


def _collection(url: str, user: str | None, ca: Path | None) -> Collection:
    return Collection(url, user, os.environ.get(PASSWORD_VARIABLE), ca)
