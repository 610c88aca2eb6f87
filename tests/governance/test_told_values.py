"""A value is told in any form that somebody could read it from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.told_values import secrets

CASH = Decimal("858235.30")


@pytest.mark.parametrize(
    "value",
    [
        CASH,
        858235.3,
        -858235.3,
        Decimal("858235.3"),
        "858235.30",
        "it has $858,235.30 in cash",
        "about 858,235 USD",
        {"a": [{"b": CASH}]},
        {"858235.3": 1},
        ((1, ("x", 858235.3)),),
        frozenset({CASH}),
        pl.Series([1.0, 858235.3]),
        pl.DataFrame({"a": [858235.3]}),
        np.array([[858235.3]]),
        8582353000,
        85823530,
    ],
)
def test_a_number_is_told_nested_as_another_type_in_a_text_rounded_and_scaled(value: Any) -> None:
    """ENG-10."""
    assert secrets([CASH]).are_told_by({"fact": value})


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        1,
        "",
        "2005-02-10/IBM",
        858236,
        858.2,
        "4L72SZZCCCZVXOQHZKNVNWZK",
        "a8582353x",
        (),
        {},
        b"858235.30",
    ],
)
def test_what_says_something_else_tells_nothing(value: Any) -> None:
    assert not secrets([CASH]).are_told_by(value)


def test_texts_days_and_digests_are_told_too() -> None:
    found = secrets(["SIMULATED-DAY", date(2005, 2, 10), {"column_digest": b"\x07" * 32}])
    assert found.are_told_by(["at SIMULATED-DAY"])
    assert found.are_told_by("2005-02-10/IBM")
    assert found.are_told_by({"slices": (b"\x07" * 32,)})
    assert not found.are_told_by({"slices": (b"\x08" * 32,), "column_digest": 1})


def test_what_says_nothing_is_told_by_nothing() -> None:
    nothing = secrets([None, True, 0, 1.0, "", (), [0, 3]])
    assert not nothing.are_told_by([None, False, 0, 1, "", "1 of 0", 3])
    assert secrets([3]).are_told_by("3 orders")


@given(st.decimals(min_value=10, max_value=10**9, places=2))
def test_every_amount_is_told_by_its_float_and_by_its_text(amount: Decimal) -> None:
    """ENG-10."""
    found = secrets([amount])
    assert found.are_told_by([float(amount)])
    assert found.are_told_by(f"{amount:,} USD")
    assert found.are_told_by(-amount)


@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=8))
def test_anything_can_be_asked_and_tells_itself_or_says_nothing(value: Any) -> None:
    found = secrets([value])
    has_numbers = bool(found.numbers or found.texts)
    assert found.are_told_by(value) is has_numbers
