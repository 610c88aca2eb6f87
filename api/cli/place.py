"""Which log a command works on: options that every command which reads or writes one has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from adapters.log_folder import ReadFolder
from api.bootstrap import log_to_read
from api.settings import Settings, settings
from governance.ports import LogReader

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", "--data-dir", "--log", help="Folder of the decision log.", show_default="ASSAY_HOME or var"),
]
DecisionId = Annotated[
    str, typer.Argument(help="A decision id, the beginning of one, or `latest`.", metavar="ID", show_default=False)
]


def chosen(home: Path | None, origin: str | None = None) -> Settings:
    """The settings of the environment, with what the command line says instead."""
    found = settings(os.environ)
    return replace(found, home=home or found.home, origin=origin or found.origin)


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
