from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.cursors import cursor_place, cursor_text
from api.http.problems import RequestError


@given(place=st.integers(0, 2**61), symbol=st.none() | st.text(max_size=8))
def test_a_cursor_leads_back_to_its_place(place: int, symbol: str | None) -> None:
    asked = {"symbol": symbol}
    assert cursor_place(cursor_text(place, "decisions", asked), "decisions", asked) == place


@given(st.text(max_size=40))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="does not belong to this question"):
        cursor_place(text, "decisions", {})


def test_a_cursor_of_another_question_is_refused() -> None:
    cursor = cursor_text(7, "decisions", {"symbol": "AAPL"})
    with pytest.raises(RequestError, match="does not belong to this question"):
        cursor_place(cursor, "decisions", {"symbol": "IBM"})
    with pytest.raises(RequestError, match="does not belong to this question"):
        cursor_place(cursor, "entries", {"symbol": "AAPL"})
