"""What an entry says of the rows that follow from it: by name, and only what it has."""

from __future__ import annotations

import pytest

from governance.said import contradiction, said
from nodes.vocabulary.canonical import encode

_NAMES = ("symbol", "order_shares", "venue")
_OTHER = "it does not say what the entry says of"
_FACTS = {"symbol": "AAPL", "order_shares": 5, "key": "key-1"}


def test_only_what_the_entry_has_is_said() -> None:
    assert said(_NAMES, _FACTS).names == ("symbol", "order_shares")


def test_entries_of_one_shape_share_their_names() -> None:
    assert said(_NAMES, _FACTS).names is said(_NAMES, dict(_FACTS)).names


def test_a_row_that_says_the_same_and_more_is_no_contradiction() -> None:
    assert contradiction(encode({**_FACTS, "reasons": ()}), said(_NAMES, _FACTS)) is None


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            encode({"symbol": "AAPL", "order_shares": 5.0}),
            "it does not say what the entry says of symbol, order_shares",
        ),
        (encode({"symbol": "AAPL"}), "it does not say order_shares"),
        (encode(("AAPL", 5)), "its bytes say nothing"),
        (b"junk", "its bytes say nothing"),
        (None, "its bytes say nothing"),
    ],
)
def test_a_row_that_says_something_else_is_a_contradiction(row: bytes | None, why: str) -> None:
    assert contradiction(row, said(_NAMES, _FACTS)) == why


def test_a_column_that_says_otherwise_than_its_row_is_a_contradiction() -> None:
    row, entry = encode(_FACTS), said(_NAMES, _FACTS)
    assert contradiction(row, entry, order_shares=5) is None
    assert contradiction(row, entry, order_shares=6) == "it does not say what its columns say of order_shares"


def test_an_entry_that_says_nothing_of_it_cannot_be_contradicted() -> None:
    assert contradiction(b"junk", said((), _FACTS)) is None
