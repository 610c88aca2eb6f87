"""The brokers' client libraries: each is an extra of its own, loaded where its adapter is first built."""

from __future__ import annotations

import warnings
from importlib import import_module
from types import ModuleType

from nodes.vocabulary.errors import EdgeError

MISSING_EXTRA = "extra-missing"


def broker_library(name: str, extra: str) -> ModuleType:
    """A module of an extra. Raises EdgeError, reason `extra-missing`, without it."""
    try:
        with warnings.catch_warnings():  # what a vendor's client imports that is deprecated is not ours to mend
            warnings.simplefilter("ignore", DeprecationWarning)
            return import_module(name)
    except ModuleNotFoundError as error:
        message = f"{name} cannot be imported ({error}); run pip install assay-engine[{extra}]"
        raise EdgeError(message, reason=MISSING_EXTRA) from error
