"""A log joined to be read: apart from `api.bootstrap`, so that a command that only reads starts without the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.log_folder import DATABASE, ReadFolder, log_folder_to_read
from api.settings import Settings
from nodes.vocabulary.errors import EdgeError


def require_log(settings: Settings) -> None:
    """Raises EdgeError when a home has no log yet: a slip in its name must not begin another."""
    if settings.database_url is None and not (settings.home / DATABASE).exists():
        message = (
            f"{settings.home} holds no decision log; run `assay demo` first, or set ASSAY_HOME to a home that has one"
        )
        raise EdgeError(message)


@contextmanager
def log_to_read(settings: Settings) -> Iterator[ReadFolder]:
    """The log of a home, for reading. Raises EdgeError when there is none yet."""
    require_log(settings)
    folder = log_folder_to_read(settings.home, settings.database_url)
    try:
        yield folder
    finally:
        folder.store.close()
