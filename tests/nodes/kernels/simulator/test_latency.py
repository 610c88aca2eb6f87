"""Delays come from the distribution that was asked for, and from nothing but the seed."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from nodes.kernels.simulator.latency import (
    DECISION_TO_FILL,
    NS_PER_MS,
    Between,
    Constant,
    LogNormal,
    Measured,
    delays,
)
from nodes.vocabulary.errors import DataError

MS = 1_000_000


def test_ninety_in_a_hundred_decisions_take_two_to_five_hundred_milliseconds() -> None:
    """EXE-08: p5 and p95 of what is drawn are those that were asked for."""
    drawn = np.array(list(islice(delays(DECISION_TO_FILL, 1, 2), 40_000))) / MS
    assert np.percentile(drawn, [5, 95]) == pytest.approx([200.0, 500.0], rel=0.01)


def test_other_distributions_stay_in_their_bounds() -> None:
    between = list(islice(delays(Between(3, 9), 1, 1), 5000))
    measured = set(islice(delays(Measured((5, 7)), 1, 1), 200))
    assert (min(between), max(between), measured, next(delays(Constant(4), 1, 1))) == (3, 9, {5, 7}, 4)


def test_one_seed_and_stream_draw_the_same_and_others_do_not() -> None:
    first, again, other = (list(islice(delays(LogNormal(1, 9 * MS), 7, stream), 20)) for stream in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Constant(-1), "delay_ns was -1"),
        (lambda: Between(9, 3), "delays were 9 to 3 ns"),
        (lambda: LogNormal(0, 3), "percentiles were 0 and 3 ns"),
        (lambda: Measured(()), "0 measured delays, least None ns"),
    ],
)
def test_a_delay_that_cannot_be_is_refused(make: type, words: str) -> None:
    with pytest.raises(DataError, match=words):
        make()


def test_a_log_normal_delay_has_its_percentiles_where_it_was_told_them() -> None:
    """EXE-08."""
    assert DECISION_TO_FILL.at_ns(0.05) == pytest.approx(200 * NS_PER_MS, abs=2)
    assert DECISION_TO_FILL.at_ns(0.95) == pytest.approx(500 * NS_PER_MS, abs=2)
    assert DECISION_TO_FILL.at_ns(0.5) ** 2 == pytest.approx(200 * 500 * NS_PER_MS**2, rel=1e-6)
