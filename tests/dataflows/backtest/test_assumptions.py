"""Assumptions about the market: read whole, changed one at a time, with luck that stays the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dataflows.backtest.assumptions import (
    Assumptions,
    assumptions_of,
    chance,
    changed_assumptions,
    param_value,
)
from nodes.kernels.fills import SessionBar
from nodes.vocabulary.errors import EdgeError, PolicyError
from nodes.vocabulary.instants import instant_ns

FOLDER = Path(__file__).parents[3] / "policies" / "backtest"
DAY = date(2012, 8, 1)
CLOSE = datetime(2012, 8, 1, 20, tzinfo=UTC)
BAR = SessionBar(10.0, 11.0, 9.0, 10.5, 1_000_000)


@pytest.fixture(scope="module")
def shipped() -> Assumptions:
    return assumptions_of((FOLDER / "us-equities" / "v1.yaml").read_bytes(), "v1.yaml")


def test_the_markets_that_ship_differ_in_what_a_prediction_would_have_to_know(shipped: Assumptions) -> None:
    """EXE-10: the held-out market has other parameters, and other luck."""
    held_out = assumptions_of((FOLDER / "us-equities-held-out" / "v1.yaml").read_bytes(), "v1.yaml")
    names = ("impact_coefficient", "spread_frac", "queue_ahead_frac", "auction_volume_frac", "latency_p95_ms")
    assert all(getattr(shipped.terms, name) != getattr(held_out.terms, name) for name in names)
    assert shipped.seed != held_out.seed


def test_a_changed_assumption_is_another_policy_and_changes_nothing_else(shipped: Assumptions) -> None:
    changed = changed_assumptions(shipped, {"max_fill_participation_frac": 0.0005})
    assert changed.terms.max_fill_participation_frac == 0.0005
    assert changed.digest != shipped.digest
    assert changed.seed == shipped.seed
    assert changed_assumptions(changed, {"max_fill_participation_frac": 0.001}).digest == shipped.digest


def test_an_unknown_or_impossible_assumption_is_refused(shipped: Assumptions) -> None:
    with pytest.raises(EdgeError, match="fantasy is no assumption of us-equities-backtest v1; change one of auction_"):
        changed_assumptions(shipped, {"fantasy": 1})
    with pytest.raises(PolicyError, match="spread_frac was -1, expected a number from 0 to 100"):
        changed_assumptions(shipped, {"spread_frac": -1})
    with pytest.raises(PolicyError, match="latency_p5_ms was 900, above latency_p95_ms 500"):
        changed_assumptions(shipped, {"latency_p5_ms": 900})
    with pytest.raises(PolicyError, match="'IBM' names no session"):
        changed_assumptions(shipped, {"halted_sessions": ("IBM",)})


def test_luck_belongs_to_the_session_and_the_symbol() -> None:
    assert chance(7, "IBM", DAY) == chance(7, "IBM", DAY)
    assert len({chance(7, "IBM", DAY), chance(8, "IBM", DAY), chance(7, "AAPL", DAY)}) == 3
    assert 0.0 < chance(7, "IBM", DAY).latency_u < 1.0


def test_halted_sessions_are_written_as_symbol_and_day(shipped: Assumptions) -> None:
    halted = changed_assumptions(shipped, {"halted_sessions": ("IBM 2012-08-01",)})
    assert halted.market("IBM", CLOSE, BAR).is_halted
    assert not halted.market("AAPL", CLOSE, BAR).is_halted
    assert not shipped.market("IBM", CLOSE, BAR).is_halted


def test_a_session_is_open_from_half_past_nine_to_its_close(shipped: Assumptions) -> None:
    found = shipped.market("IBM", CLOSE, BAR)
    assert (found.open_ns, found.close_ns) == (instant_ns(CLOSE - timedelta(hours=6.5)), instant_ns(CLOSE))


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("0.5", 0.5), ("XNYS", "XNYS")])
def test_a_value_of_the_command_line_is_a_number_where_it_can_be(text: str, value: object) -> None:
    assert param_value(text) == value
