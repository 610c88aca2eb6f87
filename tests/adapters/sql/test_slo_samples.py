"""What is counted for objectives never goes back, and stretches of it are what an independent count says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sql.slo_samples import Counted, SloSamples

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LONG_AGO = AT - timedelta(days=99)


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


@pytest.fixture
def samples(tmp_path: Path) -> Iterator[SloSamples]:
    with SloSamples(tmp_path / "slo.db") as found:
        yield found


def kept(samples: SloSamples, seconds: float, total: float, bad: float, *, is_counter: bool = True) -> None:
    samples.keep(at(seconds), [Counted("orders", total, bad, is_counter)], LONG_AGO)


def test_what_was_counted_before_anybody_looked_is_of_no_known_time(samples: SloSamples) -> None:
    kept(samples, 0, 1000, 900)
    assert samples.stretch("orders", LONG_AGO, AT) is None
    kept(samples, 30, 1010, 901)
    found = samples.stretch("orders", LONG_AGO, at(30))
    assert found is not None
    assert (found.since, found.until, found.total, found.bad) == (AT, at(30), 10.0, 1.0)


def test_a_server_that_was_started_again_counts_on(samples: SloSamples) -> None:
    for seconds, total, bad in ((0, 0, 0), (30, 100, 5), (60, 7, 1), (90, 9, 1)):
        kept(samples, seconds, total, bad)
    found = samples.stretch("orders", AT, at(90))
    assert found is not None
    assert (found.total, found.bad) == (109.0, 6.0)


def test_looks_at_a_gauge_add_up(samples: SloSamples) -> None:
    for number in range(5):
        kept(samples, 30 * number, 1, float(number == 3), is_counter=False)
    found = samples.stretch("orders", AT, at(120))
    assert found is not None
    assert (found.total, found.bad) == (4.0, 1.0)


def test_any_stretch_is_what_a_count_of_the_events_says(samples: SloSamples) -> None:
    """API-SIG-07, OPS-04: an independent calculation, event by event, servers started again in between."""
    draws = random.Random(7)
    events: list[tuple[float, bool]] = []
    total = bad = 0
    kept(samples, 0, 0, 0)
    for number in range(1, 80):
        if draws.random() < 0.03:
            total = bad = 0
        for _ in range(draws.randrange(0, 9)):
            is_bad = draws.random() < 0.1
            events.append((30.0 * number - draws.random() * 29.0, is_bad))
            total, bad = total + 1, bad + is_bad
        kept(samples, 30 * number, total, bad)
    for _ in range(40):
        first, last = sorted(30 * draws.randrange(0, 80) for _ in range(2))
        inside = [is_bad for when, is_bad in events if first < when <= last]
        found = samples.stretch("orders", at(first + draws.random() * 29), at(last + draws.random() * 29))
        assert ((found.total, found.bad) if found else (0, 0)) == (len(inside), sum(inside))


def test_of_many_processes_one_has_the_turn(tmp_path: Path) -> None:
    boards = [SloSamples(tmp_path / "slo.db") for _ in range(3)]
    assert [each.has_turn(at(1), 30) for each in boards] == [True, False, False]
    assert [each.has_turn(at(29), 30) for each in boards] == [False, False, False]
    assert [each.has_turn(at(31), 30) for each in boards] == [True, False, False]
    for each in boards:
        each.close()


def test_a_clock_that_was_set_back_loses_nothing(samples: SloSamples) -> None:
    kept(samples, 0, 0, 0)
    kept(samples, 60, 10, 1)
    kept(samples, 30, 15, 2)
    found = samples.stretch("orders", AT, at(60))
    assert found is not None
    assert (found.total, found.bad) == (15.0, 2.0)


def test_what_is_older_than_asked_is_forgotten(samples: SloSamples) -> None:
    kept(samples, 0, 0, 0)
    kept(samples, 30, 10, 0)
    samples.keep(at(60), [Counted("orders", 20, 0)], at(30))
    found = samples.stretch("orders", LONG_AGO, at(60))
    assert found is not None
    assert (found.since, found.total) == (at(30), 10.0)
    assert samples.objectives() == ("orders",)


def test_a_budget_burns_from_when_it_began_until_it_is_calm(samples: SloSamples) -> None:
    assert samples.burning("orders", "fast", AT) == AT
    assert samples.burning("orders", "fast", at(30)) == AT
    assert samples.burning_since() == {("orders", "fast"): AT}
    samples.calm("orders", "fast")
    samples.calm("orders", "fast")
    assert samples.burning("orders", "fast", at(60)) == at(60)
