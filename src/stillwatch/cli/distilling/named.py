"""Teachers and students as the command line names them: a folder, an endpoint, or a file of exchanges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from stillwatch.cli.assaying.told import endpoint
from stillwatch.distil.making import Origin
from stillwatch.distil.manifest import folder_digest
from stillwatch.errors import InputError, UsageError
from stillwatch.model.assay import Endpoint

Form = Literal["small", "transformers"]
TEACHER_HELP = (
    "NAME=DIR, NAME=URL[,model=M][,style=chat|completions][,key=VARIABLE], or NAME=FILE of exchanges"
)
_FORMS: tuple[tuple[str, Form], ...] = (("shape.json", "small"), ("config.json", "transformers"))
_URL = re.compile(r"https?://")


@dataclass(frozen=True)
class Named:
    """A model by its name in the record, and where it is: a path or an endpoint."""

    name: str
    path: Path | None = None
    endpoint: Endpoint | None = None

    @property
    def form(self) -> Form | None:
        """In which form a folder holds its model; None for what is no folder."""
        if self.path is None or not self.path.is_dir():
            return None
        for file, form in _FORMS:
            if (self.path / file).exists():
                return form
        raise InputError(
            f"{self.path} holds no model. A small one has {_FORMS[0][0]}, one of transformers {_FORMS[1][0]}."
        )

    def origin(self) -> Origin:
        """What the statement says of it."""
        if self.endpoint is not None:
            host = urlsplit(self.endpoint.url).hostname or ""
            return Origin(name=self.name, kind="endpoint", host=host, model=self.endpoint.model)
        if self.form is None:
            return Origin(name=self.name, kind="exchanges")
        assert self.path is not None  # noqa: S101
        return Origin(name=self.name, sha256=folder_digest(self.path))


def teacher(told: str) -> Named:
    """A teacher: a folder may stand without a name, and has its own then."""
    name, is_named, where = told.partition("=")
    if is_named and name and _URL.match(where):
        return Named(name, endpoint=endpoint(told, "teacher"))
    found = _on_disk(told, "teacher")
    if found.path is not None and found.path.is_file() and Path(told).exists():
        raise UsageError(f"Say whose answers {told} holds: --teacher NAME={told}.")
    return found


def student(told: str) -> Named:
    """A student: the folder of the model that it is before it is taught."""
    found = _on_disk(told, "student")
    if found.form is None:
        raise UsageError(
            f"The student {told!r} is no folder. Write --student NAME=DIR, with the model in it."
        )
    return found


def _on_disk(told: str, role: str) -> Named:
    if Path(told).exists():
        return Named(Path(told).resolve().name, Path(told))
    name, _, where = told.partition("=")
    if not where or not Path(where).exists():
        takes = TEACHER_HELP if role == "teacher" else "NAME=DIR"
        raise UsageError(
            f"The {role} {told!r} names nothing that is there. Write --{role} with {takes}; NAME is that of the record."
        )
    return Named(name, Path(where))
