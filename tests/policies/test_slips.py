"""Slips, quotes and suggestions."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import Fault
from policies.slips import Slip, quoted, suggestion


def test_slip_in_a_file_is_a_fault_there() -> None:
    assert Slip(3, "wrong", "mend it").fault("f", 2, 9) == Fault("f", 2, 9, "wrong", "mend it")


def test_short_text_is_quoted_whole_and_long_text_says_its_length() -> None:
    assert quoted("it's") == '"it\'s"'
    assert quoted(("all",)) == "('all',)"
    assert quoted([0] * 50).endswith("0, 0,... (150 characters)")
    assert quoted("x" * 70) == f"'{'x' * 60}'... (70 characters)"


@pytest.mark.parametrize(
    ("word", "known", "mend"),
    [
        ("ownr", ["why", "owner"], "did you mean owner?"),
        ("zzz", ["why", "owner"], "use one of owner, why"),
        ("zzz", [], "remove it"),
    ],
)
def test_unknown_word_gets_the_nearest_known_one(word: str, known: list[str], mend: str) -> None:
    assert suggestion(word, known) == mend
