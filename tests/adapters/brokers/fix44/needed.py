"""What the tests of a FIX session need: QuickFIX, which is built from source in some minutes."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def require_quickfix() -> None:
    """Skip the module that asks, and say so, where QuickFIX is not installed; in CI a skip is a failure."""
    if find_spec("quickfix") is None:
        message = "quickfix is not installed, so no FIX session is tested; run pip install assay-engine[fix]"
        pytest.skip(message, allow_module_level=True)
