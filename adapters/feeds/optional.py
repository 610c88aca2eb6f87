"""The vendors' client libraries, which an installation may lack: each is loaded where its adapter first needs it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from nodes.vocabulary.errors import EdgeError


def library(name: str) -> ModuleType:
    """A module of an optional library. Raises EdgeError when it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        message = f"the library {error.name!r} is not installed; run pip install assay-engine[feeds]"
        raise EdgeError(message) from error
