"""Texts and the symbols that they name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.feeds.mentions import about
from adapters.feeds.texts import Text

WORDS: dict[str, tuple[str, ...]] = {"AAPL": ("Apple", "$AAPL"), "A": ("$A", "Agilent"), "T": ("AT&T",)}


@pytest.mark.parametrize(
    ("title", "symbols"),
    [
        ("Apple and AT&T agree", ["AAPL", "T"]),
        ("I ate an apple", [None]),
        ("Pineapple, Applesauce", [None]),
        ("Long $AAPL", ["AAPL"]),
        ("Short $A.", ["A"]),
        ("", [None]),
    ],
)
def test_a_text_is_about_the_symbols_whose_words_it_holds(title: str, symbols: list[str | None]) -> None:
    text = Text(channel="x", published_at=datetime(2026, 11, 20, tzinfo=UTC), title=title)
    assert [one.symbol for one in about(text, WORDS)] == symbols
