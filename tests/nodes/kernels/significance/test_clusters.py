"""Cluster-robust regression against statsmodels and Stata's numbers.

Promise SIG-04: standard errors equal statsmodels' cluster results.
"""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.datasets import grunfeld
from statsmodels.regression.linear_model import OLS

from nodes.kernels.significance.clusters import clustered_fit, clustered_mean
from nodes.vocabulary.errors import DataError

DRAWS = np.random.default_rng(3)
FIRMS, DATES = np.repeat(np.arange(12), 15), np.tile(np.arange(15), 12)
REGRESSORS = np.column_stack((np.ones(180), DRAWS.normal(size=(180, 2))))
OUTCOMES = (
    REGRESSORS @ np.array([0.5, 1.0, -1.0])
    + DRAWS.normal(size=12)[FIRMS]
    + DRAWS.normal(size=15)[DATES]
    + DRAWS.normal(size=180)
)


@pytest.mark.parametrize("ways", [(FIRMS,), (DATES,), (FIRMS, DATES)])
def test_errors_and_probabilities_are_those_of_statsmodels(ways: tuple[np.ndarray, ...]) -> None:
    groups = np.column_stack(ways) if len(ways) > 1 else ways[0]
    oracle = OLS(OUTCOMES, REGRESSORS).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    found = clustered_fit(OUTCOMES, REGRESSORS, ways)
    assert found.coefficients == pytest.approx(oracle.params, rel=1e-10)
    assert found.covariance == pytest.approx(oracle.cov_params(), rel=1e-9)
    assert found.errors == pytest.approx(oracle.bse, rel=1e-10)
    assert [test.p for test in found.tests] == pytest.approx(oracle.pvalues, rel=1e-8)


def test_the_errors_of_grunfeld_are_those_of_stata() -> None:
    """cluster.grunfeld_stata: the first 200 rows, clustered by firm; statsmodels' test file quotes Stata's output."""
    rows = grunfeld.load_pandas().data.iloc[:200]
    regressors = np.column_stack((rows[["value", "capital"]].to_numpy(), np.ones(200)))
    firm = np.unique(rows["firm"].to_numpy(dtype=str), return_inverse=True)[1]
    found = clustered_fit(rows["invest"].to_numpy(), regressors, (firm,))
    assert found.coefficients == pytest.approx([0.11556215606596, 0.23067848754982, -42.714369016733], abs=1e-6)
    assert found.errors == pytest.approx([0.01589433647768, 0.08496711097464, 20.425202580078], abs=1e-6)
    assert found.n_clusters == (10,)


def test_two_ways_that_are_one_and_the_same_are_one_way() -> None:
    once, twice = clustered_fit(OUTCOMES, REGRESSORS, (FIRMS,)), clustered_fit(OUTCOMES, REGRESSORS, (FIRMS, FIRMS))
    assert twice.covariance == pytest.approx(once.covariance)


def test_clusters_may_carry_any_numbers_and_rows_any_order() -> None:
    order = np.random.default_rng(1).permutation(180)
    found = clustered_fit(OUTCOMES[order], REGRESSORS[order], ((FIRMS * 1000 - 7)[order],))
    assert found.errors == pytest.approx(clustered_fit(OUTCOMES, REGRESSORS, (FIRMS,)).errors)


def test_a_mean_leaves_missing_values_out() -> None:
    values = OUTCOMES.copy()
    values[[3, 77]] = np.nan
    kept = np.isfinite(values)
    found = clustered_mean(values, (FIRMS, DATES))
    expected = clustered_fit(values[kept], np.ones((178, 1)), (FIRMS[kept], DATES[kept]))
    assert found.errors == pytest.approx(expected.errors)
    assert found.coefficients[0] == pytest.approx(np.mean(values[kept]))


def test_a_variance_below_nothing_has_no_error_and_no_probability() -> None:
    """Two ways can yield a negative variance: here clusters of either way add up to nothing."""
    found = clustered_mean(np.array([1.0, -1.0, -1.0, 1.0]), (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])))
    assert found.covariance[0, 0] < 0.0
    assert np.isnan(found.errors[0])
    assert np.isnan(found.tests[0].p)


@pytest.mark.parametrize(("regressors", "ways", "complaint"), [
    (np.ones((180, 2)), (FIRMS,), "2 regressors over 180 rows have no one solution"),
    (REGRESSORS, (), "0 ways of clustering"),
    (REGRESSORS, (np.zeros(180, dtype=np.int64),), "1 cluster says nothing"),
    (np.where(REGRESSORS > 2.0, np.nan, REGRESSORS), (FIRMS,), "has a missing value"),
])  # fmt: skip
def test_what_has_no_answer_is_refused(regressors: np.ndarray, ways: tuple[np.ndarray, ...], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        clustered_fit(OUTCOMES, regressors, ways)
