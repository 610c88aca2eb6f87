"""Results add up what reports say."""

from __future__ import annotations

from nodes.kernels.simulator.terms import SimulationTerms, VenueTerms
from nodes.vocabulary.trading import Side
from tests.nodes.kernels.simulator.desk import events, level, order, run, sent, trade


def test_positions_cash_and_shortfall_are_sums_over_orders() -> None:
    market = events(level(1, 1, 100_000, 100), level(1, -1, 100_200, 100), trade(9, 1, 100_000, 120))
    asks = {
        5: sent(order("a", limit_e4=None, shares=30), order("b"), order("c", side=Side.SELL, limit_e4=None, shares=7))
    }
    result = run(market, asks, SimulationTerms({"XNAS": VenueTerms(taker_fee_e6=30)}))
    assert result.position_shares == {"AAPL": 30 + 20 - 7}
    assert result.cash_e6 == -(30 * 100_200 + 20 * 100_000 - 7 * 100_000) * 100 - 37 * 30
    assert [result.orders[name].shortfall_e4 for name in "abc"] == [30 * 100, -20 * 100, 7 * 100]
    assert result.orders["b"].average_price_e4 == 100_000.0


def test_what_is_not_known_is_none() -> None:
    result = run(events(trade(1, 0, 100_000, 1), trade(9, 0, 100_000, 1)), {5: sent(order())})
    found = result.orders["o"]
    assert (found.mid_e4, found.shortfall_e4, found.average_price_e4) == (None, None, None)
