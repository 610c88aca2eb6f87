"""Words of an allocation: bounds of what is asked, and nothing that is not understood."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from api.use_cases.allocation_words import AllocationAsked, stated_instant
from nodes.vocabulary.errors import EdgeError
from tests.api.portfolios import ERC, EXACT, TARGET


@pytest.mark.parametrize("question", [TARGET, ERC, EXACT, {}])
def test_questions_of_the_examples_are_understood(question: dict[str, Any]) -> None:
    assert msgspec.convert(question, AllocationAsked).lot_shares == 1


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"method": "luck"}, "Invalid enum value 'luck'"),
        ({"equity_usd": 0}, ">= 1"),
        ({"assets": [{"symbol": "A", "target_weigth_frac": 1}]}, "unknown field `target_weigth_frac`"),
        ({"assets": [{"symbol": "A B"}]}, "matching regex"),
        ({"assets": [{"symbol": "A", "price_usd": 0}]}, r">= 0\.0001"),
        ({"lot_shares": 0}, ">= 1"),
        ({"as_of": "2012-06-29T20:00:00"}, "timezone component"),
        ({"returns": [[0.1]]}, "length >= 2"),
        ({"assets": [{"symbol": "A"}] * 501}, "length <= 500"),
    ],
)
def test_questions_beyond_their_bounds_are_not(question: dict[str, Any], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert(question, AllocationAsked)


def test_an_instant_needs_a_calendar_that_reaches_it() -> None:
    stated_instant(datetime(2012, 6, 29, tzinfo=UTC))
    with pytest.raises(EdgeError, match="is not from 1900 to 2200"):
        stated_instant(datetime(2500, 1, 1, tzinfo=UTC))
