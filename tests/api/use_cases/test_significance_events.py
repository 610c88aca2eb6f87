"""Events, tails and fading scores: answers carry the kernels' numbers, and absences stay absences."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from api.use_cases.significance_events import (
    CarAsked,
    DecayAsked,
    ExceedancesAsked,
    car,
    exceedances,
    information_decay,
)
from nodes.vocabulary.errors import DataError
from tests.api.luck import ASKED, ROWS


def asked(name: str, kind: type[Any], **changes: Any) -> Any:
    return msgspec.convert(ASKED[name] | changes, kind, strict=False)


def test_events_with_a_jump_are_found_and_clusters_are_told() -> None:
    """SIG-04."""
    rows = [list(row) for row in ROWS]
    for event in ASKED["car"]["events"]:
        rows[event["session"]][event["share"]] += 0.2
    told = car(asked("car", CarAsked, returns=rows))
    tests = {each.test: each for each in told.tests}
    assert told.mean_car == pytest.approx(0.2, abs=0.03)
    assert (told.n_events, told.n_absent) == (3, 0)
    assert {"bmp", "adjusted_bmp", "clustered_by_session", "clustered_by_share", "clustered_by_both"} <= tests.keys()
    assert tests["patell"].p_value is not None
    assert tests["patell"].p_value < 0.001


def test_event_without_returns_is_absent_and_clusters_need_two() -> None:
    rows: list[list[float | None]] = [list(row) for row in ROWS]
    for row in rows:
        row[0] = None
    told = car(asked("car", CarAsked, returns=rows, events=[{"session": 45, "share": 0}, {"session": 50, "share": 2}]))
    assert (told.n_events, told.n_absent) == (1, 1)
    assert not [each.test for each in told.tests if each.test.startswith("clustered")]
    alone = car(asked("car", CarAsked, returns=rows, events=[{"session": 45, "share": 0}]))
    assert alone.mean_car is None
    assert alone.verdict == "No event has an abnormal return."


def test_events_outside_of_the_returns_are_refused() -> None:
    with pytest.raises(DataError, match="share 9 in session 3 lies outside of 60 sessions by 4 shares; count both"):
        car(asked("car", CarAsked, events=[{"session": 3, "share": 9}]))
    with pytest.raises(DataError, match="row 1 has 1 numbers, the first one 4; write null where one is absent"):
        car(asked("car", CarAsked, returns=[ROWS[0], [0.1]]))


def test_exceedances_of_a_series_are_those_of_their_count_with_two_tests_more() -> None:
    """GOV-05."""
    returns: list[float | None] = [-0.03 if place in {3, 70} else 0.001 for place in range(250)]
    told = exceedances(ExceedancesAsked(returns=returns, value_at_risk=0.02))
    counted = exceedances(ExceedancesAsked(n_exceedances=2, n_sessions=250))
    assert (told.n_exceedances, told.n_sessions, told.zone) == (2, 250, "green")
    assert told.tests[0] == counted.tests[0]
    assert [each.test for each in told.tests] == ["unconditional", "independence", "conditional"]
    assert exceedances(ExceedancesAsked(returns=returns, value_at_risk=[0.02 for _ in returns])) == told


def test_value_at_risk_of_other_sessions_is_refused() -> None:
    with pytest.raises(DataError, match="value_at_risk has 1 sessions, the returns 2; give it for the same ones"):
        exceedances(ExceedancesAsked(returns=[0.1, 0.2], value_at_risk=[0.1]))
    with pytest.raises(DataError, match="neither a series nor counts are told; give returns and value_at_risk"):
        exceedances(ExceedancesAsked(returns=[0.1], n_sessions=4, n_exceedances=1, value_at_risk=0.1))


def test_score_that_knows_tomorrow_only_has_no_information_later() -> None:
    returns = np.random.default_rng(2).normal(0, 0.01, (80, 8))
    scores = np.vstack((returns[1:], returns[:1]))
    told = information_decay(
        DecayAsked(scores=scores.tolist(), returns=returns.tolist(), horizons=(1,), delays=(0, 1, 2))
    )
    first, at_once, later = told.coefficients[:3]
    assert first.coefficient == pytest.approx(1.0)
    assert at_once.coefficient == pytest.approx(1.0)
    assert later.coefficient is not None
    assert abs(later.coefficient) < 0.2
    assert told.half_life_sessions is not None
    assert 0 < told.half_life_sessions <= 1
    assert "falls to a half after" in told.verdict
