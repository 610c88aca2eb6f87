"""Many tests: the paper's six strategies, and haircuts where the others are known, counted or drawn."""

from __future__ import annotations

import math

import pytest

from api.use_cases.significance_haircuts import HaircutAsked, MultipleTestingAsked, haircut, multiple_testing
from nodes.kernels.significance.haircuts import ADJUSTMENTS
from nodes.vocabulary.errors import DataError
from tests.api.luck import ASKED


def test_adjustments_of_the_paper_are_told_side_by_side() -> None:
    """Harvey and Liu (2014)."""
    told = multiple_testing(MultipleTestingAsked(p_values=ASKED["multiple-testing"]["p_values"]))
    found = {each.adjustment: each.n_discoveries for each in told.adjustments}
    assert (found["bonferroni"], found["holm"], found["bhy"], told.n_unadjusted) == (1, 2, 4, 5)
    assert "5 stand at 0.05 unadjusted; 1 by bonferroni" in told.verdict


def test_haircut_is_in_the_unit_of_the_question() -> None:
    """Harvey and Liu (2015)."""
    told = haircut(HaircutAsked(**ASKED["haircut"]))
    found = {each.adjustment: each for each in told.haircuts}
    assert tuple(found) == ADJUSTMENTS
    assert found["bonferroni"].haircut_frac == pytest.approx(0.60, abs=0.01)
    assert found["bonferroni"].sharpe_adjusted == pytest.approx(0.75 * (1 - found["bonferroni"].haircut_frac))
    monthly = haircut(HaircutAsked(**ASKED["haircut"] | {"sharpe": 0.75 / math.sqrt(12), "periods_per_year": None}))
    assert monthly.haircuts[0].sharpe_adjusted * math.sqrt(12) == pytest.approx(found["bonferroni"].sharpe_adjusted)


def test_known_p_values_stand_for_a_number() -> None:
    told = haircut(HaircutAsked(sharpe=0.3, n_periods=120, other_p_values=[0.5, 0.4, 0.9]))
    assert told.haircuts[0].p_adjusted == pytest.approx(4 * told.p_value)


@pytest.mark.parametrize("told", [{}, {"n_tests": 5, "other_p_values": [0.5]}])
def test_other_tests_are_told_once(told: dict[str, object]) -> None:
    with pytest.raises(DataError, match="other_p_values and n_tests are both given, or neither"):
        haircut(HaircutAsked(sharpe=0.3, n_periods=120, **told))  # type: ignore[arg-type]  # fields of the struct


def test_draws_beyond_the_bounds_are_refused() -> None:
    with pytest.raises(DataError, match="2,000 draws of 10,000 tests are over 300,000 numbers; draw fewer"):
        haircut(HaircutAsked(sharpe=0.3, n_periods=120, n_tests=10_000, n_draws=2_000))
