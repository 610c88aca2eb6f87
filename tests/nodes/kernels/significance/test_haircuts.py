"""Adjustments of p-values against the paper and statsmodels, and what they leave of a Sharpe ratio."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from nodes.kernels.significance.haircuts import (
    ADJUSTMENTS,
    Adjustment,
    Population,
    adjusted_p_values,
    haircut_in_family,
    haircut_in_population,
    haircut_of_count,
    n_discoveries,
    profit_hurdle,
    sharpe_p_value,
)
from nodes.kernels.significance.sharpe import per_period
from nodes.vocabulary.errors import DataError

PAPER = [0.005, 0.009, 0.0128, 0.0135, 0.045, 0.06]
PEER_NAMES: dict[Adjustment, str] = {
    "bonferroni": "bonferroni",
    "sidak": "sidak",
    "holm": "holm",
    "bh": "fdr_bh",
    "by": "fdr_by",
}
shares = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12)


@pytest.mark.parametrize(("adjustment", "wanted"), [("bonferroni", 1), ("holm", 2), ("bhy", 4), ("by", 4)])
def test_six_strategies_of_the_paper_keep_as_many_discoveries(adjustment: Adjustment, wanted: int) -> None:
    """Harvey and Liu (2014), Evaluating Trading Strategies; 5 of them without any adjustment."""
    assert n_discoveries(PAPER, adjustment, 0.05) == wanted
    assert sum(p <= 0.05 for p in PAPER) == 5


def test_largest_p_stands_in_the_form_of_harvey_and_liu() -> None:
    np.testing.assert_allclose(adjusted_p_values(PAPER, "bhy"), [0.0496125] * 4 + [0.06, 0.06], atol=1e-12)


@pytest.mark.parametrize("adjustment", PEER_NAMES)
@pytest.mark.parametrize("p_values", [PAPER, [0.3], [0.5, 0.5, 0.01, 0.0, 0.99, 0.2, 0.02]])
def test_adjusted_p_are_those_of_statsmodels(adjustment: Adjustment, p_values: list[float]) -> None:
    """Few examples: the peer collects the garbage of the whole process at each call."""
    peer = multipletests(p_values, method=PEER_NAMES[adjustment])[1]
    np.testing.assert_allclose(adjusted_p_values(p_values, adjustment), peer, atol=1e-12)


@pytest.mark.parametrize("adjustment", ADJUSTMENTS)
@settings(max_examples=30, deadline=None)
@given(p_values=shares, seed=st.integers(0, 99))
def test_adjustment_follows_the_order_and_never_lowers_a_p(
    adjustment: Adjustment, p_values: list[float], seed: int
) -> None:
    values = np.array(p_values)
    found = adjusted_p_values(values, adjustment)
    assert (found >= values - 1e-15).all()
    assert (found <= 1.0).all()
    assert (np.diff(found[np.argsort(values, kind="stable")]) >= 0.0).all()
    order = np.random.default_rng(seed).permutation(len(values))
    assert adjusted_p_values(values[order], adjustment).tolist() == found[order].tolist()


def test_haircut_by_count_is_that_of_the_paper() -> None:
    """Harvey and Liu (2015): 0.75 a year over 240 months after 200 tests loses 60 %, 0.32 is left."""
    found = haircut_of_count(per_period(0.75, 12), 240, 200)
    assert found.p_value == pytest.approx(0.0009, abs=1e-4)
    assert found.sharpe_adjusted * math.sqrt(12) == pytest.approx(0.30, abs=0.03)
    assert found.haircut_frac == pytest.approx(0.60, abs=0.01)
    assert haircut_of_count(per_period(0.75, 12), 240, 200, "sidak").haircut_frac < found.haircut_frac


def test_haircut_gives_back_the_ratio_whose_own_p_is_the_adjusted_one() -> None:
    found = haircut_in_family(0.25, 120, [0.2, 0.01, 0.5], "holm")
    assert sharpe_p_value(found.sharpe_adjusted, 120) == pytest.approx(found.p_adjusted, rel=1e-9)
    assert found.p_adjusted == pytest.approx(4 * found.p_value)
    assert haircut_of_count(0.05, 120, 10_000).haircut_frac == 1.0
    assert haircut_of_count(0.25, 120, 1).haircut_frac == pytest.approx(0.0, abs=1e-12)
    assert haircut_in_family(0.25, 120, [], "bhy").haircut_frac == pytest.approx(0.0, abs=1e-12)


def test_population_takes_more_off_by_holm_than_by_bhy_and_repeats_under_its_seed() -> None:
    asked = 0.75 / math.sqrt(12)
    population = Population(200, 0.2, 150, 1)
    holm, bhy = (haircut_in_population(asked, 240, population, each) for each in ("holm", "bhy"))
    assert bhy.haircut_frac < holm.haircut_frac <= haircut_of_count(asked, 240, 201).haircut_frac
    assert haircut_in_population(asked, 240, population, "holm") == holm
    assert haircut_in_population(asked, 240, population, "bonferroni") == haircut_of_count(asked, 240, 200)


def test_hurdle_is_the_mean_whose_p_is_the_level_shared_out() -> None:
    hurdle = profit_hurdle(0.03, 240, 0.05, 100)
    assert 2 * stats.norm.sf(hurdle * math.sqrt(240) / 0.03) == pytest.approx(0.05 / 100)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: adjusted_p_values([0.1, 1.5], "holm"), r"p-value 1 was 1\.5, expected 0 to 1; give probabilities"),
        (lambda: adjusted_p_values([], "holm"), "the p-values have 0 values, expected at least 1"),
        (lambda: adjusted_p_values([math.nan], "holm"), "the p-values have nan in period 0"),
        (
            lambda: adjusted_p_values([0.1], "hommel"),  # type: ignore[arg-type]  # what a client might send
            "the adjustment was 'hommel', expected one of bonferroni, sidak",
        ),
        (lambda: haircut_of_count(0.1, 20, 0), "n_tests was 0, expected 1 or more"),
        (lambda: haircut_of_count(0.1, 20, 5, "holm"), "was 'holm'; bonferroni and sidak need a count only"),
        (
            lambda: haircut_of_count(-0.1, 20, 5),
            r"the Sharpe ratio was -0\.1, expected over 0; there is nothing to take",
        ),
        (lambda: sharpe_p_value(math.nan, 20), "the Sharpe ratio was nan, expected a finite number"),
        (lambda: sharpe_p_value(0.1, 1), "n_periods was 1.0, expected over 1"),
        (
            lambda: haircut_in_population(0.1, 20, Population(5, 1.2, 9, 1), "bhy"),
            "mean_correlation was 1.2, expected 0",
        ),
        (lambda: profit_hurdle(0.0, 20, 0.05, 1), "the volatility was 0.0, expected over 0"),
    ],
)
def test_what_says_nothing_is_refused(asked: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        asked()  # type: ignore[operator]  # a call
