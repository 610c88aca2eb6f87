"""A person can try an order in a market: what came of it, what it cost, and what being slower would have cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.use_cases.simulations import (
    Setting,
    latency_costs,
    order_simulation,
    quoting_simulation,
    with_latency,
)
from nodes.kernels.simulator.events import MarketEvents
from nodes.kernels.simulator.flow import FlowTerms, order_flow
from nodes.kernels.simulator.latency import NS_PER_MS, Constant
from nodes.kernels.simulator.terms import SimulationTerms, VenueTerms
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import NS_PER_S
from tests.nodes.kernels.simulator.desk import BOOK, events, order, quote, trade

TERMS = SimulationTerms(venues={"XNAS": VenueTerms(maker_fee_e6=-2000, taker_fee_e6=3000)})


def rising() -> MarketEvents:
    """An offer that goes up a cent every 100 ms, from 10.01."""
    steps = (quote(at * 100 * NS_PER_MS, (100_000, 500), (100_100 + 100 * at, 500)) for at in range(1, 40))
    return events(quote(0, (100_000, 500), (100_100, 500)), *steps, trade(5 * NS_PER_S, 1, 100_000, 700))


SETTING = Setting(rising(), {"off-tick": 2}, TERMS, 7)


def test_an_order_in_slices_tells_fills_costs_and_what_was_left_out() -> None:
    found = order_simulation(SETTING, order(limit_e4=None, shares=250), 0.05, 3, 0.1)
    assert [(each.asked_shares, each.filled_shares, each.average_price_usd) for each in found.orders] == [
        (84, 84, 10.01),
        (83, 83, 10.02),
        (83, 83, 10.03),
    ]
    assert next((fill.after_s, fill.liquidity, fill.fee_usd) for fill in found.fills) == (0.05, "took", 0.252)
    assert found.orders[0].cost_bps == pytest.approx(50 / 100_050 * 1e4)
    assert (found.counts, found.filled_shares, found.position_shares) == ({"off-tick": 2}, 250, 250)
    assert found.fee_usd == pytest.approx(0.75)


def test_a_resting_order_tells_its_queue_and_its_markouts() -> None:
    found = order_simulation(SETTING, order(shares=100), 0.0, 1, 0.0)
    assert (found.orders[0].ahead_shares, found.orders[0].filled_shares, found.fills[0].liquidity) == (
        500,
        100,
        "rested",
    )
    assert [each.n_unknown for each in found.markouts] == [1, 1, 1, 1]


def test_being_slower_costs_what_the_market_ran_away() -> None:
    """EXE-08: the sensitivity report."""
    costs = latency_costs(SETTING, order(limit_e4=None, shares=100), 0.05, [0.0, 200.0, 500.0])
    cents = [cost.cost_bps * 100_050 / 1e6 for cost in costs if cost.cost_bps is not None]
    assert cents == pytest.approx([0.5, 2.5, 5.5])
    assert [cost.filled_frac for cost in costs] == [1.0, 1.0, 1.0]


def test_quotes_are_told_as_orders_are() -> None:
    market = order_flow(BOOK, FlowTerms(3000, mean_gap_ns=5 * NS_PER_MS), 3)
    found = quoting_simulation(Setting(market, {}, with_latency(TERMS, "XNAS", Constant(NS_PER_MS)), 0), 100, 500)
    assert found.n_fills > 20
    assert found.fee_usd == pytest.approx(-0.002 * found.filled_shares)
    assert (found.n_orders, found.markouts[0].n_fills > 0) == (len(found.orders), True)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(DataError, match="slices 9 of 5 shares"):
        order_simulation(SETTING, order(shares=5), 0.0, 9, 0.0)
    with pytest.raises(DataError, match="shares were 100 and the largest position 50"):
        quoting_simulation(SETTING, 100, 50)
    with pytest.raises(DataError, match="no event that can be replayed"):
        order_simulation(replace(SETTING, events=events()), order(), 0.0, 1, 0.0)
