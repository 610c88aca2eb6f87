"""Evidence: no forecast sees what it is compared with, and a better one is seen to be better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from adapters.models.forecast_evidence import Origins, evidence
from adapters.models.forecasters import QUICK, SERVED
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

CHANCE = np.random.default_rng(4)
VOLATILITY = 0.01 * np.exp(np.cumsum(CHANCE.standard_normal(1_200) * 0.05))
PATH = np.cumsum(CHANCE.standard_normal(1_200) * VOLATILITY)
"""Prices whose volatility wanders: a forecast that follows it must beat one that does not."""
FEW = Origins(n_origins=60, step_sessions=10)


@dataclass
class Witness:
    """A forecaster that remembers which paths it saw."""

    seen: list[int]
    name: str = "witness"

    def quantiles(self, path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
        assert path.tolist() == PATH[: len(path)].tolist()
        self.seen.append(len(path))
        return np.zeros((len(horizons), len(levels)))


def test_each_origin_sees_the_path_up_to_itself() -> None:
    witness = Witness([])
    evidence(PATH, [witness], FEW)
    assert np.diff(witness.seen).tolist() == [10] * 59
    assert witness.seen[-1] == len(PATH) - 1


def test_a_forecast_that_follows_volatility_beats_one_that_does_not() -> None:
    """SVC-ANL-04: pinball loss and coverage beside naive and seasonal."""
    found = {(each.forecaster, each.horizon): each for each in evidence(PATH, QUICK, Origins())}
    served = found[SERVED.name, "1d"]
    assert served.skill.low > 0
    assert served.coverage_90_frac == pytest.approx(0.9, abs=0.1)
    assert found["naive", "1d"].skill.frac == 0.0
    assert found["seasonal-naive", "1d"].skill.high < 0
    assert served.pinball_bps < found["naive", "1d"].pinball_bps


def test_a_horizon_that_runs_past_the_end_has_fewer_forecasts() -> None:
    found = evidence(PATH, [SERVED], FEW)
    assert [each.n_forecasts for each in found] == [60, 59, 58]


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    evidence(PATH, [SERVED], FEW, lambda *each: told.append(each))
    assert told[-1] == (SERVED.name, 60, 60)


def test_too_short_a_history_has_no_evidence() -> None:
    with pytest.raises(DataError, match="320 sessions leave 4 forecasts to try after a history of 300"):
        evidence(PATH[:320], [SERVED], Origins())
