"""Ratios: scalars and columns agree to the bit, and nothing is divided by nothing."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.ratios import Number, ratio, ratio_column, shortfall

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(pairs=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20))
def test_a_column_of_ratios_is_the_ratios_of_its_rows(pairs: list[tuple[float, float]]) -> None:
    parts, wholes = zip(*pairs, strict=True)
    found = ratio_column(pl.Series(parts, dtype=pl.Float64), pl.Series(wholes, dtype=pl.Float64)).to_list()
    assert found == [ratio(part, whole) for part, whole in pairs]


@pytest.mark.parametrize("whole", [0, 0.0, -0.0, -1, Decimal(0), Decimal(-5), float("nan")])
def test_a_ratio_to_nothing_or_less_is_absent(whole: Number) -> None:
    assert ratio(1, whole) is None
    assert ratio_column(pl.Series([1.0]), pl.Series([float(whole)])).to_list() == [None]


def test_a_ratio_that_is_not_finite_is_absent() -> None:
    assert ratio(1e300, 1e-300) is None
    assert ratio(float("nan"), 1.0) is None


@given(part=st.integers(0, 10**9), whole=st.integers(1, 10**9))
def test_decimals_and_integers_give_the_same_bits_as_floats(part: int, whole: int) -> None:
    assert ratio(Decimal(part), Decimal(whole)) == ratio(part, whole) == ratio(float(part), float(whole))


@pytest.mark.parametrize(("level", "reference", "wanted"), [("70", "100", 0.3), ("110", "100", -0.1), ("5", "0", None)])
def test_shortfall_counts_from_the_reference(level: str, reference: str, wanted: float | None) -> None:
    assert shortfall(Decimal(level), Decimal(reference)) == wanted
