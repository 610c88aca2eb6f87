"""Made-up markets: the same for the same seed, noise without memory, a planted reversal that is there."""

from __future__ import annotations

import numpy as np
import pytest

from dataflows.audit.made_up_markets import MadeUpMarket, made_up_snapshot

NOISE = MadeUpMarket(4, 400, 0.0, 7)


def _week_memory(market: MadeUpMarket) -> float:
    """Mean correlation of a session's return with that of the week before it."""
    panel = made_up_snapshot(market).panel
    found = []
    for _, part in panel.group_by("symbol"):
        returns = np.diff(np.log(part.sort("session_on")["close_usd"].to_numpy()))
        week = np.convolve(returns, np.ones(5), "valid")[:-1]
        found.append(np.corrcoef(week, returns[5:])[0, 1])
    return float(np.mean(found))


def test_a_market_follows_from_its_seed() -> None:
    first, again = made_up_snapshot(NOISE), made_up_snapshot(NOISE)
    assert first.panel.equals(again.panel)
    other = MadeUpMarket(4, 400, 0.0, 8)
    assert not first.panel.equals(made_up_snapshot(other).panel)


def test_bars_are_bars() -> None:
    panel = made_up_snapshot(NOISE).panel
    assert panel.height == 4 * 400
    low, high = panel["low_usd"], panel["high_usd"]
    assert ((low <= panel["open_usd"]) & (low <= panel["close_usd"]) & (high >= panel["close_usd"])).all()


@pytest.mark.parametrize(("reversal", "low", "high"), [(0.0, -0.06, 0.06), (0.2, -0.6, -0.2)])
def test_only_what_is_planted_is_there(reversal: float, low: float, high: float) -> None:
    assert low < _week_memory(MadeUpMarket(8, 1000, reversal, 3)) < high
