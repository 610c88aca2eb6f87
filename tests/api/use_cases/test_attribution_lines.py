"""Lines against the returns that they are made of, computed again in the plainest way."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

from api.use_cases.attribution_lines import Window, daily_gains
from tests.api.use_cases.attributions import Attributed


@pytest.fixture(scope="module")
def window(attributed: Attributed) -> Window:
    return attributed.found.window


def test_exposures_times_returns_are_the_paper_gains(window: Window) -> None:
    """The books and the lake agree: what a holding made is its worth times the share's total return."""
    returns = window.of_model(window.model.past.returns)
    for row in window.rows:
        place = window.model.past.places[row.symbol]
        made = float(row.gain.exposure_usd) * returns[row.place - window.first, place]
        assert float(row.gain.paper_usd) == pytest.approx(made if math.isfinite(made) else 0.0, abs=0.01)


def test_market_and_timing_are_beta_times_the_index(window: Window) -> None:
    """JRN-02: against a plain sum over rows."""
    parts, rows = window.model.parts, window.lake_rows
    wanted: dict[str, list[float]] = defaultdict(list)
    for row in window.rows:
        place, at = window.model.past.places[row.symbol], rows[row.place - window.first]
        if math.isfinite(parts.own[at, place]):
            wanted[row.symbol].append(float(row.gain.exposure_usd) * parts.beta[at, place] * window.model.market[at])
    found: dict[str, float] = defaultdict(float)
    for line in window.lines:
        if line.name in {"market", "timing"}:
            for symbol, amount in line.by_symbol.items():
                found[symbol] += float(amount)
    assert found == pytest.approx({symbol: math.fsum(wanted[symbol]) for symbol in found}, abs=1e-4)


def test_daily_gains_come_to_the_lines(window: Window) -> None:
    total = math.fsum(float(line.usd) for line in window.lines)
    assert math.fsum(float(np.sum(path)) for path in daily_gains(window).values()) == pytest.approx(total, abs=0.01)


def test_parts_of_a_holding_come_to_one(window: Window) -> None:
    for symbol in window.symbols:
        decisions, shares = window.lot_share(symbol)
        assert len(decisions) == shares.shape[1]
        held = shares.sum(axis=1)
        assert np.allclose(held[held != 0.0], 1.0)


def test_splits_of_a_span_multiply(window: Window) -> None:
    sessions = window.book.sessions
    assert window.split_ratio("AAPL", sessions[0], sessions[-1]) == 2
    assert window.split_ratio("AAPL", sessions[-1], sessions[-1]) == 1
    assert window.split_ratio("MSFT", sessions[0], sessions[-1]) == 1
