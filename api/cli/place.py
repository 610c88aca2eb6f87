"""Which log a command works on: options that every command which reads or writes one has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from adapters.files.keys import log_key
from adapters.log_folder import DATABASE, KEY, ReadFolder
from api.log_parts import log_to_read
from api.settings import Settings, settings
from governance.ports import LogReader

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", "--data-dir", "--log", help="Folder of the decision log.", show_default="ASSAY_HOME or var"),
]
LakeOption = Annotated[
    Path | None, typer.Option("--lake", help="Folder of the lake.", metavar="FOLDER", show_default="ASSAY_LAKE")
]
DecisionId = Annotated[
    str, typer.Argument(help="A decision id, the beginning of one, or `latest`.", metavar="ID", show_default=False)
]


def chosen(home: Path | None, origin: str | None = None) -> Settings:
    """The settings of the environment, with what the command line says instead.

    A log that is there already keeps its own name, unless another is asked for (which is then refused by its key).
    """
    found = settings(os.environ)
    place = home or found.home
    kept = log_key(place / KEY).name if (place / DATABASE).exists() else found.origin
    return replace(found, home=place, origin=origin or kept)


@contextmanager
def folder_to_read(home: Path | None) -> Iterator[ReadFolder]:
    """The log of a home, for reading."""
    with log_to_read(chosen(home)) as folder:
        yield folder


@contextmanager
def log_reader(home: Path | None) -> Iterator[LogReader]:
    """One consistent view of the log of a home."""
    with folder_to_read(home) as folder, folder.store.reader() as reader:
        yield reader
