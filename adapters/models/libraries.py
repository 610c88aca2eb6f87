"""The libraries that train, export and run models: loaded where they are first needed, and named when they are missing.

They take seconds to import, so nothing that starts often (the command line, a server) may load them by being imported.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from nodes.vocabulary.errors import EdgeError

MISSING_LIBRARY = "extra-missing"
_EXTRA = frozenset({"shap", "statsforecast", "statsmodels"})
"""What only the extra `research` installs."""


def model_library(name: str) -> ModuleType:
    """A module of an installed library. Raises EdgeError, reason `extra-missing`, without it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        wanted = "assay-engine[research]" if name.partition(".")[0] in _EXTRA else "assay-engine"
        message = f"{name} cannot be imported ({error}); run pip install {wanted}"
        raise EdgeError(message, reason=MISSING_LIBRARY) from error
