"""The clients of a plan's models: over HTTP, or in this process where the address is a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from stillwatch.assay.client._base import ModelClient
from stillwatch.assay.client.allowed import FOLDER
from stillwatch.assay.client.http import HttpClient, Purse
from stillwatch.assay.client.local import LocalClient, from_folder
from stillwatch.model.assay import Endpoint

SMALL = "shape.json"
"""What a folder holds whose model `stillwatch distill` made; any other is taken for one of transformers."""


@contextmanager
def clients(models: Sequence[Endpoint], purse: Purse) -> Iterator[Mapping[str, ModelClient]]:
    """A client for each model, by name; those over HTTP pay from the purse, and are closed at the end."""
    with ExitStack() as stack:
        found: dict[str, ModelClient] = {}
        for model in models:
            if model.url.startswith(FOLDER):
                found[model.name] = in_this_process(Path(model.url.removeprefix(FOLDER)))
            else:
                client = HttpClient(model, purse)
                stack.callback(client.close)
                found[model.name] = client
        yield found


def in_this_process(folder: Path) -> LocalClient:
    """The model of a folder."""
    if not (folder / SMALL).exists():
        return from_folder(folder)
    from stillwatch.distil.tokens import needed  # noqa: PLC0415  an extra

    needed()
    from stillwatch.distil.writer import SmallWriter  # noqa: PLC0415  an extra

    writer = SmallWriter.opened(folder)
    return LocalClient(
        folder.name,
        lambda request: writer.write([request])[0],
        lambda prompt, text: writer.scores([(prompt, text)])[0],
    )
