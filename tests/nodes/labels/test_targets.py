"""Forward returns, plain and in units of what was usual by then."""

from __future__ import annotations

import polars as pl
import pytest

from nodes.labels.targets import scaled_forward_return_score
from nodes.vocabulary.units import FracColumn, Sessions
from tests.nodes.bars import weekdays
from tests.nodes.labels.panels import closes, labels

DAYS = weekdays(9)


def test_a_forward_return_is_from_the_entry_to_the_close_that_many_sessions_later() -> None:
    found = labels(closes(A=[100.0, 110.0, 121.0, 99.0, 99.0]), label_horizon_sessions=2)
    assert found["forward_return_frac"].to_list() == pytest.approx([0.21, -0.1, 99.0 / 121.0 - 1.0, None, None])
    assert found["forward_end_on"].to_list() == [*DAYS[2:5], None, None]


def test_a_bar_of_delay_moves_the_entry_and_not_the_row() -> None:
    found = labels(closes(A=[100.0, 110.0, 121.0, 99.0]), label_horizon_sessions=2, trade_delay_sessions=1)
    assert found["forward_return_frac"].to_list() == pytest.approx([-0.1, None, None, None])


def test_a_halt_over_the_end_of_the_horizon_ends_it_at_the_next_open() -> None:
    found = labels(closes(A=[100.0, 110.0, None, None, 120.0]), label_horizon_sessions=2)
    assert found["forward_return_frac"].to_list() == pytest.approx([0.2, 120.0 / 110.0 - 1.0, None])
    assert found["forward_end_on"].to_list() == [DAYS[4], DAYS[4], None]


def test_a_scaled_return_is_in_standard_deviations_over_the_horizon() -> None:
    moves, usual = FracColumn(pl.Series([0.04, 0.04, None, 0.04])), FracColumn(pl.Series([0.01, None, 0.01, 0.0]))
    assert scaled_forward_return_score(moves, usual, Sessions(4)).to_list() == [2.0, None, None, None]
