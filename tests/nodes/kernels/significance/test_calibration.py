"""Simulated panels have the laws they are named for, and the tests keep their level over a few of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from nodes.kernels.arrays import Array
from nodes.kernels.significance.calibration import (
    LAWS,
    TESTS,
    Experiment,
    Law,
    nominal_range,
    panel_of,
    share_of,
    spoken,
)
from nodes.vocabulary.errors import DataError

TINY = Experiment("normal", 120, 4, 0.0, 1.0, 0.05, 2.0, 99, 1)
LONG = replace(TINY, n_periods=4000, n_strategies=6)


def correlation(one: Array, other: Array) -> float:
    return float(stats.pearsonr(one, other).statistic)


@pytest.mark.parametrize("law", LAWS)
def test_returns_without_a_lead_have_no_mean_and_unit_variance(law: Law) -> None:
    panel = panel_of(replace(LONG, law=law), 0)
    assert panel.shape == (4000, 6)
    assert panel[:, 0::2].mean(axis=0) == pytest.approx(0.0, abs=0.07)
    assert panel[:, 1::2].mean(axis=0) == pytest.approx(-0.3 if law == "poor" else 0.0, abs=0.07)
    assert panel.std(axis=0) == pytest.approx(1.0, abs=0.15)


def test_laws_are_what_they_are_called() -> None:
    panels = {law: panel_of(replace(LONG, law=law), 1) for law in LAWS}
    assert float(stats.kurtosis(panels["heavy"].ravel())) > 1.0
    assert correlation(panels["persistent"][1:, 0], panels["persistent"][:-1, 0]) == pytest.approx(0.2, abs=0.05)
    squares: Array = np.square(panels["clustered"])
    assert correlation(squares[1:, 0], squares[:-1, 0]) > 0.08
    assert correlation(panels["correlated"][:, 0], panels["correlated"][:, 1]) == pytest.approx(0.5, abs=0.06)


def test_lead_and_noise_are_of_the_strategies_they_say() -> None:
    panel = panel_of(replace(LONG, lead=0.2, noise=20.0), 0)
    assert panel[:, 0].mean() == pytest.approx(0.2, abs=0.05)
    assert panel[:, 1:].std(axis=0) == pytest.approx(20.0, rel=0.05)


def test_panel_follows_from_seed_and_number_alone() -> None:
    assert np.array_equal(panel_of(TINY, 7), panel_of(TINY, 7))
    assert not np.array_equal(panel_of(TINY, 7), panel_of(TINY, 8))
    assert spoken(TINY, 3) == spoken(TINY, 3)


def test_tests_keep_their_level_over_a_few_panels_and_find_a_lead() -> None:
    """SIG-01, in small: `assay significance size` makes the figures of docs/significance.md."""
    n_panels = 60
    without = np.sum([spoken(TINY, index) for index in range(n_panels)], axis=0)
    found = dict(zip(TESTS, without.tolist(), strict=True))
    _, most = nominal_range(n_panels, 0.05)
    assert all(found[test] <= most + 2 for test in TESTS if test != "spa lower"), found
    leading = replace(TINY, lead=0.4, noise=20.0)
    speaking = dict(zip(TESTS, np.mean([spoken(leading, index) for index in range(12)], axis=0), strict=True))
    assert speaking["spa consistent"] > 0.8
    assert speaking["step-m"] > 0.8
    assert speaking["reality check"] < 0.4


@pytest.mark.parametrize(("count", "total"), [(0, 20), (3, 20), (20, 20)])
def test_interval_of_a_share_is_that_of_scipy(count: int, total: int) -> None:
    wanted = stats.binomtest(count, total).proportion_ci(method="exact")
    found = share_of(count, total)
    assert found.low == pytest.approx(wanted.low)
    assert found.high == pytest.approx(wanted.high)
    assert found.frac == count / total


def test_nominal_range_holds_95_percent_of_experiments() -> None:
    assert nominal_range(1000, 0.05) == (37, 64) == tuple(int(end) for end in stats.binom(1000, 0.05).interval(0.95))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DataError, match="the law was 'odd', expected one of normal, heavy"):
        panel_of(replace(TINY, law="odd"), 0)  # type: ignore[arg-type]  # what a caller might ask
    with pytest.raises(DataError, match=r"the level was 5\.0, expected over 0 and under 1"):
        spoken(replace(TINY, level=5.0), 0)
    with pytest.raises(DataError, match="5 of 3 panels is no share; count both again"):
        share_of(5, 3)
