"""Records of levels and trades, against published cases and hand-made ones."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.track_records import (
    RoundTrip,
    autocorrelation,
    autocorrelation_scale,
    deviation,
    drawdown_path,
    falls,
    first_in_first_out,
    flat_to_flat,
    returns_of,
    sortino_ratio,
    trip_statistics,
    yearly_return,
    yearly_sharpe,
)
from nodes.vocabulary.errors import DataError

SHARED_CASES = Path(__file__).resolve().parents[4] / "shared" / "reference_cases.yaml"
FILLS = [(1000, "1.07"), (1000, "1.08"), (-1000, "1.09"), (1000, "1.08"), (-2000, "1.09")]
PNL_PATH = [100, 110, 90, 100, 120, 130, 100, 120, 140, 130]


def fills(written: list[Any]) -> list[tuple[int, Decimal]]:
    return [(int(shares), Decimal(price)) for shares, price in written]


def found_in(case: dict[str, Any]) -> Any:
    """What our kernels make of the inputs of a shared case."""
    inputs = case["inputs"]
    match case["id"]:
        case "drawdown.dollars_mlfinlab":
            return [fall.depth for fall in falls(np.array(inputs["pnl_path"], dtype=float))]
        case "sharpe.autocorr_annualise":
            return [autocorrelation_scale(inputs["rho"], q) for q in inputs["q"]]
        case "tradestats.three_winners":
            columns = [np.array(inputs[name], dtype=float) for name in ("pnl", "mae", "mfe")]
            told = trip_statistics(*columns)
            names = ("mean", "std_ddof1", "sharpe", "avg_mae", "avg_mfe")
            values = (told.mean_usd, told.deviation_usd, told.ratio, told.mean_adverse_usd, told.mean_favourable_usd)
            return dict(zip(names, values, strict=True))
        case "pnl.lean_fifo":
            fees = [Decimal(inputs["fee_per_fill"])] * len(inputs["fills"])
            return [float(trip.pnl_usd) for trip in first_in_first_out(fills(inputs["fills"]), fees)]
        case _:
            (trip,) = flat_to_flat(fills(inputs["fills"]), [Decimal(1)] * len(inputs["fills"]))
            found = {"entry": trip.entry_usd, "exit": trip.exit_usd, "pnl": trip.pnl_usd, "fees": trip.fees_usd}
            return {name: float(value) for name, value in found.items()}


SHARED_IDS = (
    "drawdown.dollars_mlfinlab",
    "sharpe.autocorr_annualise",
    "tradestats.three_winners",
    "pnl.lean_fifo",
    "pnl.lean_flat_to_flat",
)


@pytest.mark.parametrize("case_id", SHARED_IDS)
def test_a_shared_reference_case_comes_out(case_id: str, shared_data: Path) -> None:
    assert shared_data.is_dir()
    cases = {case["id"]: case for case in yaml.safe_load(SHARED_CASES.read_text(encoding="utf-8"))["cases"]}
    case = cases[case_id]
    assert found_in(case) == pytest.approx(case["expected"], abs=max(float(case["tolerance"]), 1e-9))


def test_oldest_shares_are_closed_first_and_each_fee_is_charged_once() -> None:
    """QuantConnect/Lean, TradeBuilderTests.ScaleInScaleOut1Long: gains 20, 10, 10, fees 2, 2, 1."""
    trips = first_in_first_out(fills(FILLS), [Decimal(1)] * 5)
    assert [(int(trip.pnl_usd), int(trip.fees_usd)) for trip in trips] == [(20, 2), (10, 2), (10, 1)]
    assert [(trip.opened_by, trip.closed_by) for trip in trips] == [(0, 2), (1, 4), (3, 4)]


def test_short_shares_gain_when_prices_fall_and_a_fill_may_turn_a_position() -> None:
    trips = first_in_first_out(fills([(-100, "10"), (150, "9"), (-50, "8")]), [Decimal(0)] * 3)
    assert [(trip.shares, int(trip.pnl_usd)) for trip in trips] == [(-100, 100), (50, -50)]


def test_a_position_that_is_still_open_is_no_trip() -> None:
    assert flat_to_flat(fills([(10, "1")]), [Decimal(0)]) == ()
    assert first_in_first_out(fills([(10, "1")]), [Decimal(0)]) == ()


def test_a_fill_that_turns_a_position_around_ends_one_trip_and_begins_another() -> None:
    """Lean, FlatToFlat, direction reversal: 10 long, sold 15, bought 5 back; the middle fee goes with the long trip."""
    long, short = flat_to_flat(fills([(10, "5"), (-15, "6"), (5, "4")]), [Decimal(1), Decimal(2), Decimal(4)])
    usd = [Decimal(amount) for amount in range(11)]
    assert long == RoundTrip(0, 1, 10, usd[5], usd[6], usd[10], usd[3])
    assert short == RoundTrip(1, 2, -5, usd[6], usd[4], usd[10], usd[4])


def test_every_fall_has_its_peak_its_trough_and_its_end() -> None:
    """mlfinlab, test_drawdown_and_time_under_water: falls of 20, 30 and 10, the last of them still open."""
    told = falls(np.array(PNL_PATH, dtype=float))
    assert [(fall.depth, fall.peak_at, fall.trough_at, fall.ended_at) for fall in told] == [
        (20.0, 1, 2, 4),
        (30.0, 5, 6, 8),
        (10.0, 8, 9, None),
    ]
    assert drawdown_path(np.array(PNL_PATH, dtype=float)).min() == pytest.approx(-30 / 130)


def test_a_peak_that_is_only_reached_again_ends_no_fall() -> None:
    """Lopez de Prado (2018), snippet 14.4, groups by high-water mark: 100, 90, 100, 80, 110 falls once, by 20."""
    told = falls(np.array([100.0, 90.0, 100.0, 80.0, 110.0, 110.0, 105.0]))
    assert [(fall.depth, fall.peak_at, fall.trough_at, fall.ended_at) for fall in told] == [
        (20.0, 0, 3, 4),
        (5.0, 4, 6, None),
    ]


@given(st.lists(st.floats(1.0, 1e6), min_size=2, max_size=40))
def test_the_deepest_fall_is_the_lowest_point_of_the_path_below_its_peak(levels: list[float]) -> None:
    path = np.array(levels)
    deepest = max((fall.depth_frac for fall in falls(path)), default=0.0)
    assert deepest == pytest.approx(-float(drawdown_path(path).min()), abs=1e-12)


@given(
    st.lists(st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 100)), min_size=1, max_size=30),
    st.integers(1, 100),
)
def test_round_trips_and_what_is_left_open_make_the_whole_gain(orders: list[tuple[int, int]], last: int) -> None:
    done = [(shares, Decimal(price)) for shares, price in orders]
    trips = first_in_first_out(done, [Decimal(1)] * len(done))
    left = sum(shares for shares, _ in done)
    closed = [*done, (-left, Decimal(last))] if left else done
    every = first_in_first_out(closed, [Decimal(0)] * len(closed))
    assert sum(trip.pnl_usd for trip in every) == -sum(shares * price for shares, price in closed)
    assert sum(trip.fees_usd for trip in trips) <= len(done)


def test_growth_and_ratios_of_a_year() -> None:
    levels = np.array([100.0, 110.0, 121.0])
    assert yearly_return(levels, 1.0) == pytest.approx(0.1)
    assert yearly_return(np.array([1.0, 0.0]), 1.0) == -1.0
    returns = returns_of(np.array([100.0, 101.0, 100.0, 103.0]))
    assert yearly_sharpe(returns, 4.0) == pytest.approx(2.0 * returns.mean() / returns.std(ddof=1))
    assert yearly_sharpe(returns, 4.0, 0.3) < yearly_sharpe(returns, 4.0)
    downside = math.sqrt(np.mean(np.minimum(returns, 0.0) ** 2))
    assert sortino_ratio(returns, 1.0) == pytest.approx(returns.mean() / downside)
    assert math.isnan(sortino_ratio(np.array([0.1]), 1.0))
    assert math.isnan(deviation(np.array([1.0])))
    assert autocorrelation(np.ones(4)) == 0.0
    assert autocorrelation(np.array([1.0, -1.0, 1.0, -1.0])) == pytest.approx(-0.75)


def test_growth_of_one_level_is_refused() -> None:
    with pytest.raises(DataError, match="growth of 1 levels is undefined"):
        yearly_return(np.array([1.0]), 252.0)


def test_no_trips_have_no_statistics() -> None:
    told = trip_statistics(np.array([]), np.array([]), np.array([]))
    assert told.n_trips == 0
    assert math.isnan(told.mean_usd)
    lost = trip_statistics(np.array([-1.0]), np.array([-1.0]), np.array([0.0]))
    assert (lost.win_frac, lost.profit_factor) == (0.0, 0.0)
    assert trip_statistics(np.array([1.0]), np.array([0.0]), np.array([1.0])).profit_factor == math.inf
