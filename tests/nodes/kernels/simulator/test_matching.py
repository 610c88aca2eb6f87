"""Price, then time, to the share; and no market share fills two of ours."""

from __future__ import annotations

import pytest

from nodes.kernels.simulator.events import EventKind
from nodes.kernels.simulator.impact import ImpactTerms
from nodes.kernels.simulator.queue import PowerQueue
from nodes.kernels.simulator.terms import SimulationTerms, VenueTerms
from nodes.vocabulary.trading import NS_PER_S, Side
from tests.nodes.kernels.simulator.desk import BOOK, events, fills, level, named, order, quote, run, sent, trade

ADD, REDUCE, DELETE, EXECUTE, HIDDEN = (EventKind(kind) for kind in range(1, 6))
BID, ASK = level(1, 1, 100_000, 100), level(1, -1, 100_200, 100)


def test_the_documented_queue_is_what_the_simulator_fills() -> None:
    """Reference queue.nautilus_doc; and queue.hftbacktest_position_defect: fills and position agree. EXE-01"""
    rows = [trade(10 + at, 1, 100_000, shares) for at, shares in enumerate((80, 30, 50))]
    result = run(events(BID, ASK, *rows), {5: sent(order())})
    assert [(fill.at_ns, fill.last_shares) for fill in result.fills] == [(11, 10), (12, 40)]
    assert result.position_shares == {"AAPL": 50}


def test_named_orders_tell_our_place_to_the_share() -> None:
    """Only who came before us, and is still there, goes before us."""
    rows = [
        named(1, ADD, 1, 100_000, 100),
        named(2, ADD, 2, 100_000, 200),
        named(6, ADD, 3, 100_000, 300),
        named(7, REDUCE, 2, 100_000, 50),
        named(8, DELETE, 3, 100_000, 300),
        named(9, ADD, 4, 100_000, 300),
        named(10, EXECUTE, 1, 100_000, 100),
        named(11, EXECUTE, 2, 100_000, 150),
        named(12, EXECUTE, 4, 100_000, 30),
        named(13, EXECUTE, 4, 100_000, 30),
    ]
    result = run(events(*rows), {5: sent(order())})
    assert [(fill.at_ns, fill.last_shares) for fill in result.fills] == [(12, 30), (13, 20)]
    assert result.orders["o"].ahead_shares == 300


def test_a_trade_at_a_worse_price_would_have_met_us_first() -> None:
    result = run(events(BID, ASK, trade(9, 1, 99_900, 30), trade(10, 1, 99_900, 30)), {5: sent(order())})
    assert fills(result) == [("o", 30, 100_000), ("o", 20, 100_000)]


def test_shares_that_come_to_rest_at_our_price_would_have_met_us() -> None:
    result = run(events(BID, ASK, level(9, -1, 100_000, 20), level(10, -1, 99_900, 90)), {5: sent(order())})
    assert fills(result) == [("o", 20, 100_000), ("o", 30, 100_000)]


def test_one_trade_fills_no_more_of_ours_than_its_shares_over_all_our_orders() -> None:
    asks = {5: sent(order("a"), order("b"), order("c", limit_e4=100_100))}
    result = run(events(BID, ASK, trade(9, 1, 100_000, 180)), asks)
    assert fills(result) == [("c", 50, 100_100), ("a", 50, 100_000), ("b", 30, 100_000)]


def test_a_cap_on_participation_holds_for_taking_and_for_being_taken() -> None:
    terms = SimulationTerms(venues={"XNAS": VenueTerms(max_participation_frac=0.25)})
    asks = {5: sent(order("a", limit_e4=100_200, shares=60), order("b", limit_e4=100_100))}
    result = run(events(BID, ASK, trade(9, 1, 99_900, 100)), asks, terms)
    assert fills(result) == [("a", 25, 100_200), ("a", 25, 100_200)]


@pytest.mark.parametrize(("frac", "filled"), [(None, 0), (1.0, 40)])
def test_a_level_that_falls_without_a_trade_moves_the_queue_as_the_model_says(frac: float | None, filled: int) -> None:
    """Behind us came 100; 80 cancel: all behind us for the averse, half of them before us in proportion. EXE-01"""
    terms = SimulationTerms() if frac is None else SimulationTerms(queue=PowerQueue(frac))
    rows = [level(6, 1, 100_000, 200), level(7, 1, 100_000, 120), trade(9, 1, 100_000, 100)]
    result = run(events(BID, ASK, *rows), {5: sent(order())}, terms)
    assert sum(fill.last_shares for fill in result.fills) == filled


def test_a_fall_that_a_trade_explains_moves_nothing_twice() -> None:
    rows = [trade(6, 1, 100_000, 60), level(6, 1, 100_000, 40), trade(9, 1, 100_000, 50)]
    assert fills(run(events(BID, ASK, *rows), {5: sent(order())})) == [("o", 10, 100_000)]


def test_a_queue_out_of_sight_stays_as_it_was_when_better_bids_stood_before_it() -> None:
    rows = [
        quote(1, (100_000, 100), (100_200, 100)),
        quote(6, (100_100, 500), (100_200, 100)),
        quote(7, (100_000, 300), (100_200, 100)),
        trade(9, 1, 100_000, 110),
    ]
    assert fills(run(events(*rows), {5: sent(order())})) == [("o", 10, 100_000)]


def test_an_order_below_what_an_l1_feed_shows_waits_until_its_level_is_seen() -> None:
    rows = [
        quote(1, (100_100, 100), (100_200, 100)),
        trade(6, 1, 100_100, 900),
        quote(7, (100_000, 70), (100_200, 100)),
        trade(9, 1, 100_000, 100),
    ]
    assert fills(run(events(*rows), {5: sent(order())})) == [("o", 30, 100_000)]


def test_a_trade_inside_the_spread_fills_only_better_prices_than_its_own() -> None:
    asks = {5: sent(order("a", limit_e4=100_100), order("b", side=Side.SELL, limit_e4=100_200))}
    result = run(events(BID, level(1, -1, 100_300, 9), trade(9, 0, 100_100, 40), trade(10, 0, 100_050, 40)), asks)
    assert fills(result) == [("a", 40, 100_100)]


def test_a_hidden_trade_at_our_price_means_that_those_shown_before_us_are_gone() -> None:
    rows = [named(1, ADD, 1, 100_000, 100), named(7, HIDDEN, 0, 100_000, 30), named(8, DELETE, 1, 100_000, 100)]
    result = run(events(*rows, named(9, HIDDEN, 0, 100_000, 30)), {5: sent(order())})
    assert [(fill.at_ns, fill.last_shares) for fill in result.fills] == [(9, 30)]


def test_a_market_order_ends_where_a_part_of_a_thin_level_is_no_share() -> None:
    """A tenth of five shares is none, at the best offer and at every tick past it."""
    terms = SimulationTerms(venues={"XNAS": VenueTerms(max_participation_frac=0.1)})
    market = events(quote(1, (100_000, 100), (100_100, 5)), quote(9, (100_000, 100), (100_100, 6)))
    result = run(market, {5: sent(order(limit_e4=None))}, terms)
    assert (fills(result), result.reports[-1].text) == ([], "50 shares were not there")


def test_our_fading_impact_fills_nothing_in_a_halt() -> None:
    """Prices that our own impact brings back meet our bid only once the venue trades again."""
    impact = ImpactTerms(0.02, 10_000, 1.0, 20.0, 10 * NS_PER_S, 0.0, 0.25, 1.0, 0.5, 0.0)
    status = [(at * NS_PER_S, EventKind.STATUS, 0, 0, 0, word, 0, 0, 0) for at, word in ((20, -1), (300, 1))]
    market = events(level(1, 1, 100_000, 5_000), level(1, -1, 100_200, 5_000), *status)
    asks = {
        5 * NS_PER_S: sent(order("a", limit_e4=None, shares=1_000)),
        6 * NS_PER_S: sent(order("b", limit_e4=103_000, shares=100, is_post_only=True)),
    }
    result = run(market, asks, SimulationTerms(impact={"AAPL": impact}))
    assert [(fill.cl_ord_id, fill.at_ns // NS_PER_S) for fill in result.fills] == [("a", 5), ("b", 300)]


def test_no_share_sells_for_nothing_however_many_were_sold() -> None:
    """Impact is linear in what is traded; prices end at a tick, and what would stand under it is not there."""
    impact = ImpactTerms(0.02, 100, 1.0, 20.0, 10 * NS_PER_S, 1.0, 0.25, 1.0, 0.5, 0.0)
    market = events(level(1, 1, 100_000, 50_000), level(1, 1, 99_900, 50_000), level(1, -1, 100_200, 5_000),
                    level(30 * NS_PER_S, 1, 99_000, 10))  # fmt: skip
    sales = [
        order(name, limit_e4=None, side=Side.SELL, shares=shares) for name, shares in (("a", 20_000), ("b", 40_000))
    ]
    result = run(market, {5: sent(sales[0]), 6: sent(sales[1])}, SimulationTerms(impact={"AAPL": impact}))
    assert fills(result) == [("a", 20_000, 100_000), ("b", 30_000, BOOK.tick_e4)]
