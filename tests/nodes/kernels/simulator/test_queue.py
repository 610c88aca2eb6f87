"""Queues move as their models say, and never out of what a level shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.simulator.queue import PowerQueue, QueueModel, free_shares, logarithmic_queue, risk_averse

MODELS: list[QueueModel] = [risk_averse, PowerQueue(), PowerQueue(2.0), logarithmic_queue]


def test_the_documented_queue_fills_nothing_then_ten_then_forty() -> None:
    """Reference queue.nautilus_doc: 100 ahead, 50 wanted, sellers of 80, 30 and 50. EXE-01"""
    ahead, left, filled = 100, 50, []
    for traded in (80, 30, 50):
        free, ahead = free_shares(ahead, traded)
        filled.append(min(free, left))
        left -= filled[-1]
    assert filled == [0, 10, 40]


@pytest.mark.parametrize(
    ("model", "ahead"),
    [(risk_averse, 100), (PowerQueue(), 90), (PowerQueue(2.0), 96), (logarithmic_queue, 83)],
)
def test_of_forty_canceled_shares_each_model_has_its_part_before_the_order(model: QueueModel, ahead: int) -> None:
    assert model(100, 300, 40) == ahead


@pytest.mark.parametrize("model", MODELS)
def test_a_fall_beyond_what_stands_behind_can_only_have_come_from_before(model: QueueModel) -> None:
    assert model(100, 10, 60) <= 50
    assert model(100, 0, 100) == 0


@given(ahead=st.integers(0, 10_000), behind=st.integers(0, 10_000), part=st.floats(0, 1), model=st.sampled_from(MODELS))
def test_a_queue_never_grows_nor_shrinks_by_more_than_the_fall(
    ahead: int, behind: int, part: float, model: QueueModel
) -> None:
    fall = int((ahead + behind) * part)
    after = model(ahead, behind, fall)
    assert max(0, ahead - fall) <= after <= ahead
    assert after <= ahead + behind - fall
    assert after <= risk_averse(ahead, behind, fall)
