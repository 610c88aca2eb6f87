"""Which executions of an order stand: what was put right stands as it was put right, what was taken back does not."""

from __future__ import annotations

from api.use_cases.executions import standing_executions
from tests.api.use_cases.test_child_orders import execution


def test_what_was_put_right_stands_in_the_place_of_what_was_wrong() -> None:
    told = [execution("a", 60), execution("b", 40), execution("c", 50, exec_ref_id="a")]
    assert [each.facts["exec_id"] for each in standing_executions(told)] == ["b", "c"]


def test_what_was_taken_back_stands_no_more_and_what_is_said_twice_stands_once() -> None:
    told = [execution("a", 60), execution("a", 60), execution("d", 0, exec_ref_id="a")]
    assert standing_executions(told[:2]) == [told[0]]
    assert standing_executions(told) == []
