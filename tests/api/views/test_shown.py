from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.views.shown import Shown, shown, told_apart
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.reading import EnumName
from nodes.vocabulary.verdict import Action


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal(1000000), "Usd", "$1,000,000.00"),
        (Decimal("-12.5"), "Usd", "-$12.50"),
        (Decimal("64.5625"), "UsdPerShare", "$64.5625"),
        (Decimal("1E+2"), "UsdPerShare", "$100.00"),
        (0.05, "Frac", "5.00 %"),
        (0.00087654, "Frac", "0.0877 %"),
        (0.0, "Frac", "0.00 %"),
        (12.345, "Bps", "12.3 bps"),
        (1.2345, "Score", "+1.234"),
        (5001, "Shares", "5,001"),
        (1, "Sessions", "1 session"),
        (20, "Sessions", "20 sessions"),
        (True, "Flag", "yes"),
        (2.5, "", "2.5000"),
        (1e-9, "", "1e-09"),
        ("AAPL", "Symbol", "AAPL"),
        (date(2005, 1, 3), "date", "2005-01-03"),
        (datetime(2005, 1, 3, 21, tzinfo=UTC), "datetime", "2005-01-03T21:00:00Z"),
        (Action.ACT, "Action", "act"),
        (EnumName("Action", "ACT"), "Action", "act"),
        ({"beta": 0.5, "alpha": 1.0}, "Weights", "alpha 1.0000, beta 0.5000"),
        (("a", 1), "", "a, 1"),
    ],
)
def test_a_value_reads_in_its_unit(value: Any, unit: str, text: str) -> None:
    assert shown(value, unit).text == text


def test_an_absent_value_says_why_and_where() -> None:
    result = shown(Absent("adv_shares", "fewer than 20 bars"), "Shares")
    assert (result.is_absent, result.exact) == (True, "fewer than 20 bars (at adv_shares)")


def test_none_is_absent_and_never_zero() -> None:
    assert shown(None, "Frac").is_absent


def test_a_row_is_broken_down_by_symbol_and_missing_stays_missing() -> None:
    result = shown(pl.Series([0.25, None]), "FracRow", ("AAPL", "FB"))
    assert result.parts == (("AAPL", "25.00 %"), ("FB", "absent"))
    assert result.exact == "2 values of Float64, 1 missing"


def test_a_column_shows_its_length_and_last_value() -> None:
    assert shown(pl.Series([0.1, 0.25]), "FracColumn").text == "2 values, last 25.00 %"


def test_an_empty_column_has_no_last_value() -> None:
    assert shown(pl.Series([], dtype=pl.Float64), "FracColumn").text == "0 values"


def test_tables_are_described_not_dumped() -> None:
    assert shown(pl.DataFrame({"a": [1], "b": [2]})).exact == "1 rows of a, b"
    assert shown(np.zeros((2, 3))).text == "2 by 3 numbers"


def test_long_text_is_cut_for_the_eye_and_kept_exactly() -> None:
    result = shown("x" * 200)
    assert len(result.text) < 60
    assert result.exact == "x" * 200


def test_equal_looking_unequal_values_are_written_exactly() -> None:
    was, now = told_apart(shown(0.05001, "Frac"), shown(0.05, "Frac"))
    assert (was.text, now.text) == ("0.05001", "0.05")


def test_equal_values_keep_their_rounding() -> None:
    value = shown(0.05, "Frac")
    assert told_apart(value, value) == (value, value)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(ANY, st.sampled_from(["", "Usd", "UsdPerShare", "Frac", "Bps", "Score", "Shares", "Sessions", "Flag", "Symbol"]))
def test_every_value_can_be_shown_in_every_unit(value: Any, unit: str) -> None:
    assert isinstance(shown(value, unit), Shown)
