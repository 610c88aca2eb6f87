"""The text forms of terms and books: one text for one value, and nothing else is read."""

from __future__ import annotations

import pytest
from hypothesis import given

from nodes.kernels.routing.venues import (
    Level,
    VenueBook,
    books_of_text,
    books_text,
    checked_book,
    estimated_books,
    terms_of_text,
    terms_text,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.routing.markets import book_of, small_markets, terms_of


@given(small_markets())
def test_terms_and_books_are_read_back_as_they_were_written(found: tuple[object, tuple[VenueBook, ...], dict]) -> None:  # type: ignore[type-arg]
    _, books, terms = found
    assert terms_of_text(terms_text(terms.values())) == tuple(terms.values())
    assert books_of_text(books_text(books)) == books
    assert terms_of_text("") == ()
    assert books_of_text("") == ()


@pytest.mark.parametrize(
    "text",
    ["NYSE", terms_text([terms_of()]).replace("3000", "03000"), "\n".join([terms_text([terms_of()])] * 2)],
)
def test_another_text_than_the_one_form_of_terms_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="write it with terms_text"):
        terms_of_text(text)


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (book_of("NYSE", (0, 5), None), "give positive numbers"),
        (book_of("NYSE", None, (100, 0)), "give positive numbers"),
        (book_of("NYSE", (100, 5), (100, 5)), "lock or cross"),
        (VenueBook("NYSE", (Level(100, 1), Level(200, 1)), ()), "best price on"),
        (VenueBook("NYSE", (), (Level(100, 1), Level(100, 1))), "best price on"),
    ],
)
def test_a_book_that_no_venue_can_show_is_refused(book: VenueBook, words: str) -> None:
    with pytest.raises(DataError, match=words):
        checked_book(book)


def test_a_venue_may_be_named_once() -> None:
    line = books_text([book_of("NYSE", (100, 1), (200, 1))])
    with pytest.raises(DataError, match="NYSE has more than one book; give one book a venue"):
        books_of_text(f"{line}\n{line}")
    with pytest.raises(DataError, match="no books"):
        books_of_text("NYSE 1x1")


def test_estimated_books_have_one_price_and_sizes_by_volume() -> None:
    terms = [terms_of("NYSE", share_frac=0.5), terms_of("IEX", share_frac=0.0)]
    first, second = estimated_books(terms, 999_900, 1_000_100, 1_000.0)
    assert first == book_of("NYSE", (999_900, 500), (1_000_100, 500))
    assert second.asks[0].shares == 1
