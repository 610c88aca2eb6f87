"""The optional libraries: found, or named with the mend."""

from __future__ import annotations

import pytest

from adapters.sentiment.extra import MISSING_EXTRA, sentiment_library
from nodes.vocabulary.errors import EdgeError


def test_a_library_that_is_there_is_loaded() -> None:
    assert sentiment_library("tokenizers").Tokenizer


def test_a_missing_one_names_the_extra() -> None:
    with pytest.raises(
        EdgeError, match=r"no_such_library cannot be .* run pip install assay-engine\[sentiment\]"
    ) as told:
        sentiment_library("no_such_library")
    assert told.value.reason == MISSING_EXTRA
