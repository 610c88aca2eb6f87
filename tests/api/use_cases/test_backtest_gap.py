"""The reality gap: who predicts, in which market, on orders that nobody calibrated with."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from api.use_cases.backtest_gap import reality_gap
from nodes.vocabulary.errors import DataError


def orders(spread_scale: float, impact_scale: float, n: int = 40) -> pl.DataFrame:
    """Orders that pay so many times the predicted spread and impact."""
    draws = np.random.default_rng(5).uniform(2.0, 20.0, (n, 2))
    paid = draws[:, 0] * spread_scale + draws[:, 1] * impact_scale + 1.0
    return pl.DataFrame(
        {
            "decision_id": [f"{place:02x}" for place in range(n)],
            "session_on": [date(2010, 1, 4) + timedelta(days=place) for place in range(n)],
            "symbol": ["IBM"] * n,
            "filled_shares": [100] * n,
            "realised_cost_bps": paid,
            "half_spread_bps": draws[:, 0],
            "participation_frac": np.full(n, 1e-4),
            "expected_impact_bps": draws[:, 1],
            "expected_cost_bps": draws.sum(axis=1) + 1.0,
        }
    )


def test_each_predictor_is_judged_on_orders_that_it_has_not_seen() -> None:
    """EXE-10: a predictor that learns from the market it trades in is right there; one that does not is told apart."""
    gap = reality_gap(orders(0.5, 1.0), orders(0.8, 2.0), "another market")
    assert gap.n_calibrating == 24
    assert gap.orders["session_on"].min() == gap.split_on == date(2010, 1, 28)
    rows = {(row.predictor, row.market): row.found for row in gap.rows}
    assert set(rows) == {
        ("policy", "of the run"),
        ("calibrated", "of the run"),
        ("policy", "held out"),
        ("calibrated", "held out"),
        ("learnt", "held out"),
    }
    assert all(found.n_orders == 16 for found in rows.values())
    assert rows["calibrated", "of the run"].within_frac == rows["learnt", "held out"].within_frac == 1.0
    assert rows["calibrated", "held out"].within_frac < 0.2
    assert rows["calibrated", "held out"].mean_error_bps > 5.0
    wanted = {"half_spread_bps": 0.8, "late_spread_bps": 0.0, "expected_impact_bps": 2.0, "fee_bps": 1.0}
    assert gap.coefficients["learnt"] == pytest.approx({**wanted, "knee_frac": 1e-4})


def test_orders_without_a_fill_or_a_prediction_are_left_out() -> None:
    some = orders(0.5, 1.0).with_columns(
        realised_cost_bps=pl.when(pl.col("symbol").cum_count() > 30).then(None).otherwise(pl.col("realised_cost_bps"))
    )
    assert reality_gap(some, orders(0.5, 1.0), "same").rows[0].found.n_orders == 6


def test_no_orders_have_no_gap() -> None:
    with pytest.raises(DataError, match="no order was decided"):
        reality_gap(orders(1.0, 1.0).head(0), orders(1.0, 1.0), "same")


def test_the_room_of_an_auction_is_learnt_from_what_was_paid_beyond_it() -> None:
    sizes = np.geomspace(1e-5, 1e-3, 40)
    plain = orders(1.0, 1.0)
    dear = plain.with_columns(
        participation_frac=pl.Series(np.random.default_rng(1).permutation(sizes)),
    )
    share = np.clip(1.0 - 1.2e-4 / dear["participation_frac"].to_numpy(), 0.0, 1.0)
    dear = dear.with_columns(
        realised_cost_bps=pl.col("realised_cost_bps") + pl.Series(share) * pl.col("half_spread_bps")
    )
    gap = reality_gap(dear, dear, "same")
    assert 5e-5 < gap.coefficients["learnt"]["knee_frac"] < 3e-4
    assert gap.coefficients["learnt"]["late_spread_bps"] == pytest.approx(1.0, abs=0.4)
