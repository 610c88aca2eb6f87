"""One process at a time talks to the broker of a home."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.brokers.holder import sole_holder
from nodes.vocabulary.errors import EdgeError


def test_a_broker_that_is_held_is_refused_until_it_is_let_go(tmp_path: Path) -> None:
    """EXE-17: two that both find an order missing would both send it."""
    with sole_holder(tmp_path):
        with pytest.raises(EdgeError, match="another process talks to the broker of this home"), sole_holder(tmp_path):
            pass
        with sole_holder(tmp_path.parent):
            pass
    with sole_holder(tmp_path):
        pass
