"""The libraries of the extra `sentiment`: loaded where they are first needed, and named when they are missing."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from nodes.vocabulary.errors import EdgeError

MISSING_EXTRA = "extra-missing"


def sentiment_library(name: str) -> ModuleType:
    """A module of the extra's libraries. Raises EdgeError, reason `extra-missing`, without them."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        message = f"{name} cannot be imported ({error}); run pip install assay-engine[sentiment]"
        raise EdgeError(message, reason=MISSING_EXTRA) from error
