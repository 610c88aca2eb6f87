"""A missing client library says how to get it."""

from __future__ import annotations

import pytest

from adapters.feeds.optional import library
from nodes.vocabulary.errors import EdgeError


def test_a_library_that_is_there_is_loaded() -> None:
    assert library("json").loads("1") == 1


def test_a_missing_library_names_the_extra_to_install() -> None:
    with pytest.raises(EdgeError, match=r"'no_such_library' is not installed; run pip install assay-engine\[feeds\]"):
        library("no_such_library.part")
