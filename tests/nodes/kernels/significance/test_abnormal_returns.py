"""Abnormal returns against least squares by statsmodels, and their laws for what is missing."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from nodes.kernels.significance.abnormal_returns import (
    AbnormalReturns,
    EventWindows,
    NormalReturn,
    abnormal_returns,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.significance.event_made_up import WINDOWS, MadeUp, made_up

DATA = made_up(5, 3, 2, 0.2)


def found_in(data: MadeUp, model: NormalReturn = NormalReturn.MARKET_MODEL) -> AbnormalReturns:
    return abnormal_returns(data.returns, data.market, data.events, WINDOWS, model)


def test_the_market_model_forecasts_as_least_squares_does() -> None:
    """Abnormal return, residual variance and variance of one session's forecast error, by statsmodels."""
    found = found_in(DATA)
    for place, (row, column) in enumerate(zip(*DATA.events, strict=True)):
        design = np.column_stack((np.ones(len(DATA.market)), DATA.market))
        fit = OLS(DATA.returns[row - 100 : row - 10, column], design[row - 100 : row - 10]).fit()
        window = slice(row - 1, row + 2)
        forecast = fit.get_prediction(design[window])
        assert found.values[place] == pytest.approx(DATA.returns[window, column] - forecast.predicted_mean)
        assert found.variance[place] == pytest.approx(fit.mse_resid)
        assert found.variance[place] * found.forecast_scale[place] == pytest.approx(forecast.se_obs**2)


def test_the_variance_of_a_window_is_that_of_its_summed_forecast_errors() -> None:
    """MacKinlay (1997), equation 9: (I + X*(X'X)^-1 X*') s^2, summed over the window."""
    found = found_in(DATA)
    row = int(DATA.events[0][0])
    design = np.column_stack((np.ones(len(DATA.market)), DATA.market))
    fitted, ahead = design[row - 100 : row - 10], design[row - 1 : row + 2]
    matrix = np.eye(3) + ahead @ np.linalg.inv(fitted.T @ fitted) @ ahead.T
    assert found.window_scale(np.ones(3, dtype=bool))[0] == pytest.approx(matrix.sum())


def test_the_adjusted_models_subtract_the_market_or_the_mean() -> None:
    row, column = int(DATA.events[0][0]), int(DATA.events[1][0])
    window, before = slice(row - 1, row + 2), DATA.returns[row - 100 : row - 10, column]
    by_market, by_mean = (found_in(DATA, m) for m in (NormalReturn.MARKET_ADJUSTED, NormalReturn.MEAN_ADJUSTED))
    assert by_market.values[0] == pytest.approx(DATA.returns[window, column] - DATA.market[window])
    assert by_mean.values[0] == pytest.approx(DATA.returns[window, column] - before.mean())
    assert by_mean.variance[0] == pytest.approx(before.var(ddof=1))
    assert by_market.forecast_scale[0] == pytest.approx(1.0)
    assert by_mean.forecast_scale[0] == pytest.approx(1.0 + 1.0 / 90.0)


def test_a_missing_session_of_estimation_is_left_out_and_counted() -> None:
    returns = DATA.returns.copy()
    returns[20, 0] = np.nan
    found = found_in(MadeUp(returns, DATA.market, DATA.events))
    kept = np.delete(np.arange(5, 95), 15)
    fit = OLS(returns[kept, 0], np.column_stack((np.ones(89), DATA.market[kept]))).fit()
    assert (found.n_used[0], found.degrees[0]) == (89, 87)
    assert found.variance[0] == pytest.approx(fit.mse_resid)


def test_a_missing_session_of_the_event_is_missing_and_not_nothing() -> None:
    returns = DATA.returns.copy()
    returns[DATA.events[0][0], 0] = np.nan
    found = found_in(MadeUp(returns, DATA.market, DATA.events))
    assert np.isnan(found.values[0]).tolist() == [False, True, False]


def test_the_mean_needs_no_market() -> None:
    nowhere = np.full(len(DATA.market), np.nan)
    found = found_in(MadeUp(DATA.returns, nowhere, DATA.events), NormalReturn.MEAN_ADJUSTED)
    assert found.values == pytest.approx(found_in(DATA, NormalReturn.MEAN_ADJUSTED).values)


@pytest.mark.parametrize("row", [30, 0])
def test_an_event_with_too_short_a_past_has_no_abnormal_returns(row: int) -> None:
    rows = DATA.events[0].copy()
    rows[0] = row
    found = found_in(MadeUp(DATA.returns, DATA.market, (rows, DATA.events[1])))
    assert np.isnan(found.values[0]).all()
    assert np.isnan(found.variance[0])
    assert np.isfinite(found.values[1:]).all()


def test_an_event_at_the_end_lacks_the_sessions_to_come() -> None:
    rows = DATA.events[0].copy()
    rows[0] = len(DATA.market) - 1
    found = found_in(MadeUp(DATA.returns, DATA.market, (rows, DATA.events[1])))
    assert np.isnan(found.values[0]).tolist() == [False, False, True]


def test_a_market_that_never_moves_has_no_slope() -> None:
    found = found_in(MadeUp(DATA.returns, np.zeros_like(DATA.market), DATA.events))
    assert np.isnan(found.values).all()


def test_a_return_after_the_event_window_changes_nothing() -> None:
    returns = DATA.returns.copy()
    returns[int(DATA.events[0][0]) + 2 :, 0] += 1.0
    changed = found_in(MadeUp(returns, DATA.market, DATA.events))
    assert (changed.values[0] == found_in(DATA).values[0]).all()


@pytest.mark.parametrize(("estimation", "event", "min_sessions", "complaint"), [
    ((-10, -20), (-1, 1), 5, "are not in order"), ((-20, 0), (-1, 1), 5, "are not in order"),
    ((-20, -5), (-1, 1), 0, "min_sessions of 0"),
])  # fmt: skip
def test_windows_that_make_no_sense_are_refused(
    estimation: tuple[int, int], event: tuple[int, int], min_sessions: int, complaint: str
) -> None:
    with pytest.raises(DataError, match=complaint):
        EventWindows(estimation, event, min_sessions)
