"""Families of strategies: answers carry the kernels' numbers under the strategies' names, within bounds of work."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from api.use_cases.significance_panels import FamilyAsked, PboAsked, SpaAsked, StepAsked, pbo, spa, stepwise, white
from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.reality_check import superior_ability
from nodes.vocabulary.errors import DataError
from tests.api.luck import ASKED, NAMES, ROWS
from tests.nodes.kernels.significance.panels import trap


def asked(kind: type[Any], **changes: Any) -> Any:
    return msgspec.convert(ASKED["spa"] | changes, kind)


def test_superior_ability_is_told_with_the_numbers_of_the_kernel() -> None:
    """SIG-01."""
    told = spa(asked(SpaAsked))
    found = superior_ability(ROWS, Resampling("stationary", 4.0, 500, 1))
    assert (told.best, told.block_periods, told.n_periods) == ("carry", 4.0, 60)
    assert (told.p_lower, told.p_consistent, told.p_upper) == (found.p_lower, found.p_consistent, found.p_upper)
    assert told.strategies[0].name == "carry"
    assert {each.name for each in told.strategies} == set(NAMES)
    assert f"{found.p_consistent:.2%}" in told.verdict


def test_benchmark_and_sense_turn_the_question_round() -> None:
    own = [row[2] for row in ROWS]
    others = [[row[0], row[1]] for row in ROWS]
    told = spa(asked(SpaAsked, returns=others, names=["a", "b"], benchmark=own))
    turned = spa(asked(SpaAsked, returns=others, names=["a", "b"], benchmark=own, sense="loss"))
    assert told.p_consistent > 0.5 > turned.p_consistent


def test_one_strategy_that_is_better_among_noisy_ones_is_found_and_named() -> None:
    """SIG-01: the trap of studentisation."""
    rows = trap().tolist()
    told = spa(SpaAsked(returns=rows, n_resamples=500))
    assert told.best == "0"
    assert told.p_consistent <= 0.01
    assert "none of 500 samples" in told.verdict
    assert white(FamilyAsked(returns=rows, n_resamples=500)).p_value > 0.2
    assert stepwise(StepAsked(returns=rows, n_resamples=500)).superior == ("0",)


def test_stepwise_testing_names_strategies_strongest_first() -> None:
    told = stepwise(asked(StepAsked, level=0.6))
    t_statistics = [each.t_statistic for each in told.strategies]
    assert t_statistics == sorted(t_statistics, reverse=True)
    assert set(told.superior) == {each.name for each in told.strategies if each.is_superior}
    assert told.superior[0] in told.verdict


def test_overfitting_is_told_with_choices_and_a_histogram() -> None:
    """SIG-03."""
    told = pbo(msgspec.convert(ASKED["pbo"], PboAsked))
    assert told.n_splits == 20 == sum(each.n_splits for each in told.logits)
    assert sum(each.chosen_frac for each in told.choices) == pytest.approx(1.0)
    assert [each.chosen_frac for each in told.choices] == sorted([c.chosen_frac for c in told.choices], reverse=True)
    assert told.choices[0].name == "carry"


def test_equal_logits_are_one_bin_and_a_slope_without_variation_is_null() -> None:
    flipped = [[0.04, -0.02], [0.02, -0.04]] * 2 + [[-0.02, 0.04], [-0.04, 0.02]] * 2
    told = pbo(PboAsked(returns=flipped, n_blocks=2))
    assert len(told.logits) == 1
    assert told.degradation_slope is None
    assert "choosing tells nothing" in told.verdict


def test_work_beyond_the_bounds_is_refused() -> None:
    rows = np.random.default_rng(1).normal(size=(1000, 250)).tolist()
    with pytest.raises(DataError, match="100,000 resamples of 250,000 numbers are over 20,000,000,000; draw fewer"):
        spa(SpaAsked(returns=rows, n_resamples=100_000))
    with pytest.raises(DataError, match="24 blocks of 250 strategies are 676,039,000 scores; cut fewer blocks"):
        pbo(PboAsked(returns=rows, n_blocks=24))
