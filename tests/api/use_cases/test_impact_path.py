"""Two books compared: session by session, with the deepest fall of each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from api.log_parts import log_to_read
from api.use_cases.impact_path import RecordedBook, compared_books, deepest_fall_frac, recorded_book
from tests.api.use_cases.homes import FIRST_ON, LAST_ON, home_settings

DAYS = (date(2005, 2, 10), date(2005, 2, 11), date(2005, 2, 14))


def _book(*equities: int) -> RecordedBook:
    return RecordedBook("demo", dict(zip(DAYS, map(Decimal, equities), strict=False)), {"pass": len(equities)})


def test_books_are_compared_over_the_sessions_that_both_have() -> None:
    """ENG-06: --path re-simulates the book."""
    found = compared_books("research/impact-x", b"\x01", _book(100, 110, 99), _book(100, 120))
    assert (found.n_sessions, found.last_on, found.parted_on) == (2, DAYS[1], DAYS[1])
    assert (found.equity_before_usd, found.equity_usd) == (Decimal(110), Decimal(120))
    assert compared_books("x", b"", _book(100, 110), _book(100, 110)).parted_on is None


def test_the_deepest_fall_is_from_the_peak_before_it() -> None:
    assert deepest_fall_frac([Decimal(100), Decimal(80), Decimal(200), Decimal(150)]) == pytest.approx(0.25)
    assert deepest_fall_frac([]) == deepest_fall_frac([Decimal(1), Decimal(2)]) == 0.0


def test_a_book_is_read_back_from_its_log(ran: Path) -> None:
    with log_to_read(home_settings(ran)) as folder, folder.store.reader() as reader:
        whole, part = recorded_book(reader), recorded_book(reader, FIRST_ON)
    assert whole is not None
    assert part is not None
    assert (min(whole.equities), max(whole.equities)) == (FIRST_ON, LAST_ON)
    assert list(part.equities) == [FIRST_ON]
    assert sum(part.verdicts.values()) < sum(whole.verdicts.values())
