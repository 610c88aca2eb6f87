"""Cursors of answers from the lake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.data_cursors import LENGTH, DataPlace, data_cursor, data_place
from api.http.problems import RequestError
from tests.adapters.lake.views.holding import at

PLACE = DataPlace(17, at("2020-01-02 03:04"), at("2021-01-02 03:04"))


def test_a_cursor_leads_back_to_its_place() -> None:
    text = data_cursor(PLACE, "bars", {"symbol": "A"})
    assert len(text) == LENGTH
    assert data_place(text, "bars", {"symbol": "A"}) == PLACE


@pytest.mark.parametrize(("question", "asked"), [("bars", {"symbol": "B"}), ("trades", {"symbol": "A"}), ("bars", {})])
def test_a_cursor_of_another_question_is_refused(question: str, asked: dict[str, str]) -> None:
    with pytest.raises(RequestError, match="does not belong to this question"):
        data_place(data_cursor(PLACE, "bars", {"symbol": "A"}), question, asked)


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="does not belong to this question"):
        data_place(text, "bars", {})
