"""The brokers' libraries are loaded where they are needed, and named when they are missing."""

from __future__ import annotations

import pytest

from adapters.brokers.extra import broker_library
from nodes.vocabulary.errors import EdgeError


def test_a_library_that_is_there_is_loaded() -> None:
    assert broker_library("json", "alpaca").dumps(1) == "1"


def test_a_library_that_is_missing_names_its_extra() -> None:
    with pytest.raises(EdgeError, match=r"run pip install assay-engine\[ib\]"):
        broker_library("no_such_library_of_a_broker", "ib")
