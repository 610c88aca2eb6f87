"""Forecasts of the lake: quantiles as of an instant, with evidence that saw nothing later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adapters.lake.facts.store import FactStore
from adapters.models.forecast_evidence import Origins
from adapters.models.forecasters import QUICK
from api.use_cases.data_reading import Standpoint
from api.use_cases.data_reading_forecasts import compared, forecasts, history
from nodes.vocabulary.errors import DataError
from tests.adapters.lake.views.holding import at, clock
from tests.api.sample_lake import LONG_SYMBOL


def _seen(folder: Path, when: str = "2020-06-05 20:00") -> Standpoint:
    return Standpoint(FactStore(folder, clock), at(when))


def test_a_forecast_has_ordered_quantiles_at_named_horizons_with_evidence(sample_lake: Path) -> None:
    """SVC-ANL-04, API-ANL-05."""
    found = forecasts(_seen(sample_lake), LONG_SYMBOL)
    assert found["horizon"].unique(maintain_order=True).to_list() == ["1d", "5d", "21d"]
    for _, part in found.group_by("horizon", maintain_order=True):
        assert part["level_frac"].to_list() == [0.05, 0.25, 0.5, 0.75, 0.95]
        assert part["return_frac"].is_sorted()
    assert (found["n_forecasts"] >= 25).all()
    assert found["price_usd"].to_list() == pytest.approx((found["close_usd"] * (1 + found["return_frac"])).to_list())


def test_a_forecast_as_of_an_earlier_instant_sees_no_later_bar(sample_lake: Path) -> None:
    before = forecasts(_seen(sample_lake, "2020-05-29 21:00"), LONG_SYMBOL)
    assert str(before["session_on"][0]) == "2020-05-29"
    assert len(history(_seen(sample_lake), LONG_SYMBOL).path) == 460
    assert len(history(_seen(sample_lake, "2020-05-29 21:00"), LONG_SYMBOL).path) == 455


def test_a_share_with_a_short_history_has_no_forecast(sample_lake: Path) -> None:
    with pytest.raises(DataError, match="past outcomes over 1 sessions tell no quantiles") as caught:
        forecasts(_seen(sample_lake), "ACME")
    assert caught.value.reason == "not-known"


def test_forecasters_are_compared_by_horizon_and_loss() -> None:
    path = np.cumsum(np.random.default_rng(1).standard_normal(600) * 0.01)
    found = compared(path, QUICK, Origins(n_origins=40, step_sessions=5), None)
    assert [each.horizon for each in found] == ["1d"] * 3 + ["5d"] * 3 + ["21d"] * 3
    assert found[0].pinball_bps <= found[1].pinball_bps <= found[2].pinball_bps
