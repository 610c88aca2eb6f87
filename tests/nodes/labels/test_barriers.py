"""Triple-barrier labels of small panels: what they are, when they were known, what is not known yet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nodes.bars import weekdays
from tests.nodes.labels.panels import closes, labels

QUIET = [100.0, 101.0, 100.0, 101.0, 100.0]
"""Returns of one percent up and down in turn. The close after them, 104, is an event; its target is four percent."""
EVENT = 5
DAYS = weekdays(12)


def at_event(after: list[float | None], **params: float) -> dict[str, Any]:
    """The barrier labels of the event, by name."""
    found = labels(closes(A=[*QUIET, 104.0, *after]), None, **params)
    assert found["cusum_event_score"].to_list()[: EVENT + 1] == [0.0] * EVENT + [1.0]
    return {name: found[name].to_list()[EVENT] for name in found if name.startswith("barrier_") and name[-1] != "s"}


@pytest.mark.parametrize(
    ("after", "label", "value", "end"),
    [
        ([112.0], 1.0, 112.0 / 104.0 - 1.0, 6),
        ([104.0, 99.0], -1.0, 99.0 / 104.0 - 1.0, 7),
        ([105.0, 104.0, 104.5], 0.0, 104.5 / 104.0 - 1.0, 8),
        ([105.0, None, None, 103.0], 0.0, 103.0 / 104.0 - 1.0, 9),
    ],
    ids=["rise", "fall", "time", "halt"],
)
def test_an_event_is_labelled_by_the_barrier_that_was_touched_first(
    after: list[float | None], label: float, value: float, end: int
) -> None:
    found = at_event(after)
    assert (found["barrier_label_score"], found["barrier_end_on"]) == (label, DAYS[end])
    assert found["barrier_return_frac"] == pytest.approx(value, abs=1e-12)
    assert found["barrier_sign_score"] == (1.0 if value > 0.0 else -1.0)


def test_an_event_without_an_outcome_yet_has_no_label() -> None:
    assert at_event([105.0]) == dict.fromkeys(
        ("barrier_label_score", "barrier_sign_score", "barrier_return_frac", "barrier_end_on")
    )


def test_barriers_are_multiples_of_the_target_each_of_its_own() -> None:
    assert at_event([112.0], upper_barrier_score=2.0)["barrier_label_score"] is None
    assert at_event([99.0], lower_barrier_score=0.5)["barrier_label_score"] == -1.0
    assert at_event([112.0, 90.0], upper_barrier_score=2.0)["barrier_label_score"] == -1.0


def test_a_bet_entered_a_bar_later_does_not_earn_the_return_before_it() -> None:
    found = at_event([112.0, 112.5, 112.0, 111.5], trade_delay_sessions=1)
    assert found["barrier_return_frac"] == pytest.approx(111.5 / 112.0 - 1.0)
    assert (found["barrier_label_score"], found["barrier_end_on"]) == (0.0, DAYS[9])


def test_rows_without_an_event_have_no_label() -> None:
    found = labels(closes(A=[*QUIET, 104.0, 112.0]))
    assert found["barrier_label_score"].to_list()[:EVENT] == [None] * EVENT


def test_a_share_that_stops_trading_is_labelled_once_its_time_was_up() -> None:
    other = [50.0 + n % 2 for n in range(12)]
    found = labels(closes(A=[*QUIET, 104.0, 103.0], B=list(other)))
    assert found["barrier_label_score"].to_list()[EVENT] == 0.0
    assert found["barrier_return_frac"].to_list()[EVENT] == pytest.approx(103.0 / 104.0 - 1.0)
    assert found["barrier_end_on"].to_list()[EVENT] == DAYS[8]
