"""Every kind of order does on arrival, and until it ends, what its words say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents
from nodes.kernels.simulator.results import LIQUIDITY, SimulationResult
from nodes.kernels.simulator.terms import Cancel, Replace, Request, Session, SimulationTerms, VenueTerms
from nodes.vocabulary.executions import ExecType, OrdStatus
from nodes.vocabulary.trading import OrdType, Side, TimeInForce
from tests.nodes.kernels.simulator.desk import BOOK, events, fills, level, order, quote, run, sent, trade

DEEP = (*(level(1, -1, 100_100 + 100 * step, 100) for step in range(3)), level(1, 1, 100_000, 100))
END = (99, EventKind.STATUS, 0, 0, 0, 1, 0, 0, 0)


def deep(*rows: tuple[int, ...]) -> MarketEvents:
    return events(*DEEP, *rows, END)


def of(result: SimulationResult, name: str = "o") -> tuple[OrdStatus, int]:
    return result.orders[name].ord_status, result.orders[name].filled_shares


def texts(result: SimulationResult) -> list[str]:
    return [report.text for report in result.reports if report.text]


def test_a_market_order_walks_the_book() -> None:
    """EXE-06: each level in turn, the average follows."""
    result = run(deep(), {5: sent(order(limit_e4=None, shares=250))})
    assert fills(result) == [("o", 100, 100_100), ("o", 100, 100_200), ("o", 50, 100_300)]
    assert result.orders["o"].average_price_e4 == pytest.approx(100_180.0)
    assert result.orders["o"].shortfall_e4 == 250 * 100_180 - 250 * 100_050


def test_what_nobody_offers_a_market_order_is_canceled() -> None:
    result = run(deep(), {5: sent(order(limit_e4=None, shares=350))})
    assert (of(result), texts(result)) == ((OrdStatus.CANCELED, 300), ["50 shares were not there"])


def test_a_limit_order_takes_up_to_its_limit_and_rests_with_the_rest() -> None:
    result = run(deep(trade(9, -1, 100_300, 5)), {5: sent(order(limit_e4=100_200, shares=250))})
    assert fills(result) == [("o", 100, 100_100), ("o", 100, 100_200)]
    assert (of(result), result.orders["o"].leaves_shares) == ((OrdStatus.PARTIALLY_FILLED, 200), 50)


def test_the_rest_of_an_ioc_is_canceled_in_the_same_event() -> None:
    """EXE-04"""
    result = run(deep(), {5: sent(order(limit_e4=100_200, shares=250, time_in_force=TimeInForce.IOC))})
    kinds = [(report.at_ns, report.exec_type) for report in result.reports]
    assert kinds == [(5, ExecType.NEW), (5, ExecType.TRADE), (5, ExecType.TRADE), (5, ExecType.CANCELED)]
    assert (of(result), result.orders["o"].leaves_shares) == ((OrdStatus.CANCELED, 200), 0)


@pytest.mark.parametrize(("shares", "filled"), [(200, 200), (201, 0)])
def test_a_fok_trades_all_at_once_or_nothing(shares: int, filled: int) -> None:
    result = run(deep(), {5: sent(order(limit_e4=100_200, shares=shares, time_in_force=TimeInForce.FOK))})
    assert of(result) == (OrdStatus.FILLED if filled else OrdStatus.CANCELED, filled)


def test_what_we_took_is_not_there_a_second_time_until_the_level_is_refreshed() -> None:
    asks = {at: sent(order(f"o{at}", limit_e4=100_100, shares=80, time_in_force=TimeInForce.IOC)) for at in (5, 6, 12)}
    result = run(deep(level(10, -1, 100_100, 150)), asks)
    assert [result.orders[f"o{at}"].filled_shares for at in (5, 6, 12)] == [80, 20, 50]


def test_a_post_only_order_is_refused_when_it_would_trade_and_rests_otherwise() -> None:
    result = run(deep(), {5: sent(order("a", limit_e4=100_100, is_post_only=True), order("b", is_post_only=True))})
    assert [of(result, name)[0] for name in "ab"] == [OrdStatus.REJECTED, OrdStatus.NEW]


def test_a_gtd_order_ends_before_a_trade_at_its_instant() -> None:
    terms: dict[str, Any] = {"limit_e4": 100_050, "time_in_force": TimeInForce.GTD}
    asks = {
        5: sent(
            order("a", expires_ns=20, **terms), order("b", expires_ns=21, **terms), order("c", expires_ns=4, **terms)
        )
    }
    result = run(events(*DEEP, trade(20, 1, 100_000, 100), END, books=(BookName("XNAS", "AAPL", 50),)), asks)
    assert [of(result, name) for name in "abc"] == [
        (OrdStatus.EXPIRED, 0),
        (OrdStatus.FILLED, 50),
        (OrdStatus.REJECTED, 0),
    ]
    assert [report.at_ns for report in result.reports if report.exec_type is ExecType.EXPIRED] == [20]


def test_a_stop_wakes_at_its_price_and_walks_the_book() -> None:
    asks = {5: sent(order(limit_e4=None, ord_type=OrdType.STOP, stop_e4=100_100))}
    result = run(deep(trade(8, 0, 100_050, 9), trade(9, -1, 100_100, 9)), asks)
    assert ([report.at_ns for report in result.fills], fills(result)) == ([9], [("o", 50, 100_100)])


def test_a_stop_limit_rests_at_its_limit_once_awake() -> None:
    stop = order(side=Side.SELL, ord_type=OrdType.STOP_LIMIT, stop_e4=100_000, limit_e4=100_300)
    result = run(deep(trade(9, 1, 99_900, 9), trade(20, -1, 100_400, 500)), {5: sent(stop)})
    assert fills(result) == [("o", 50, 100_300)]


def test_a_mid_peg_follows_the_middle_of_all_venues_and_never_crosses() -> None:
    """EXE-05: it reprices with the NBBO, waits while that is locked, and trades inside the spread only."""
    books = (BOOK, BookName("BATS", "AAPL"))
    rows = [
        quote(1, (100_000, 100), (100_200, 100)),
        quote(2, (100_000, 100), (100_400, 100), place=1),
        trade(10, 1, 100_000, 10),
        quote(11, (100_100, 100), (100_400, 100), place=1),
        trade(12, 1, 100_000, 10),
        quote(13, (100_200, 100), (100_400, 100), place=1),
        trade(14, 1, 100_000, 10),
        quote(15, (99_000, 100), (100_400, 100), place=1),
        trade(16, -1, 100_200, 10),
        trade(17, 1, 100_000, 5),
    ]
    result = run(events(*rows, books=books), {5: sent(order(ord_type=OrdType.PEGGED, limit_e4=None, shares=500))})
    assert fills(result) == [("o", 10, 100_100), ("o", 10, 100_150), ("o", 5, 100_100)]
    assert {fill.liquidity for fill in result.fills} == {LIQUIDITY.ADDED}


def test_a_peg_stays_within_its_limit() -> None:
    market = events(quote(1, (100_000, 9), (100_200, 9)), trade(9, 1, 100_000, 10))
    result = run(market, {5: sent(order(ord_type=OrdType.PEGGED, limit_e4=100_000))})
    assert fills(result) == [("o", 1, 100_000)]
    result = run(market, {5: sent(order(ord_type=OrdType.PEGGED, limit_e4=100_100))})
    assert fills(result) == [("o", 10, 100_100)]


def test_orders_for_auctions_trade_at_their_price_and_what_is_left_is_canceled() -> None:
    session = Session(open_ns=10, close_ns=50, opg_from_ns=0, cls_until_ns=40, end_ns=60)
    rows = (
        quote(1, (99_000, 9), (101_000, 9)),
        (11, EventKind.CROSS, 0, 0, 0, 100_000, 120, 0, 0),
        trade(30, 0, 100_000, 1),
    )
    closing = ((51, EventKind.CROSS, 0, 0, 0, 100_500, 1000, 0, 0), trade(70, 0, 100_000, 1))
    opg, cls = TimeInForce.OPG, TimeInForce.CLS
    asks = {
        5: sent(
            order("a", shares=100, limit_e4=None, time_in_force=opg), order("b", limit_e4=100_100, time_in_force=opg)
        ),
        6: sent(order("c", limit_e4=100_000, time_in_force=opg)),
        20: sent(
            order("d", side=Side.SELL, limit_e4=100_400, time_in_force=cls),
            order("late", limit_e4=None, time_in_force=opg),
        ),
        45: sent(order("e", limit_e4=None, time_in_force=cls)),
    }
    terms = SimulationTerms(venues={"XNAS": VenueTerms(session=session, auction_fee_e6=1000)})
    result = run(events(*rows, *closing), asks, terms)
    assert fills(result) == [("a", 100, 100_000), ("b", 20, 100_000), ("d", 50, 100_500)]
    assert [of(result, name)[0].name for name in ("b", "c", "late", "e")] == [
        "CANCELED",
        "CANCELED",
        "REJECTED",
        "REJECTED",
    ]
    assert (result.fills[0].liquidity, result.fills[0].fee_e6) == (LIQUIDITY.AUCTION, 100_000)


def test_a_session_refuses_orders_outside_it_and_ends_day_orders() -> None:
    session = Session(open_ns=10, close_ns=50, opg_from_ns=0, cls_until_ns=40, end_ns=60)
    terms = SimulationTerms(venues={"XNAS": VenueTerms(session=session)})
    asks = {at: sent(order(f"o{at}")) for at in (5, 20, 55)}
    result = run(deep(trade(90, 1, 100_000, 900)), asks, terms)
    assert [of(result, f"o{at}")[0].name for at in (5, 20, 55)] == ["REJECTED", "EXPIRED", "REJECTED"]
    assert texts(result)[0] == "the session is closed to DAY orders"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"limit_e4": 100_050}, "limit_e4 100050 is off the tick of 100"),
        ({"ord_type": OrdType.STOP, "limit_e4": None, "stop_e4": 100_001}, "stop_e4 100001 is off the tick"),
    ],
)
def test_a_venue_refuses_prices_off_tick_and_counts_it(change: dict[str, Any], words: str) -> None:
    result = run(deep(), {5: sent(order(**change))})
    assert (texts(result)[0].startswith(words), result.counts) == (True, {"order-refused": 1})


def test_a_halt_refuses_what_would_trade_at_once_and_lets_the_rest_wait_for_the_reopening() -> None:
    halt, resume = ((at, EventKind.STATUS, 0, 0, 0, word, 0, 0, 0) for at, word in ((3, -1), (9, 1)))
    asks = {5: sent(order("a", limit_e4=None), order("b", limit_e4=100_100))}
    result = run(deep(halt, level(7, -1, 100_100, 110), resume), asks)
    assert (of(result, "a"), texts(result)) == ((OrdStatus.REJECTED, 0), ["trading is halted"])
    assert [(fill.cl_ord_id, fill.at_ns, fill.last_e4) for fill in result.fills] == [("b", 9, 100_100)]


def test_what_gathered_in_a_halt_trades_at_one_price_when_it_ends() -> None:
    """EXE-03: 300 bid at two prices meet 120 offered at one: not each its own limit, but the price that clears most."""
    halt, resume = ((at, EventKind.STATUS, 0, 0, 0, word, 0, 0, 0) for at, word in ((3, -1), (9, 1)))
    asks = {5: sent(order("a", shares=100, limit_e4=100_300), order("b", shares=200, limit_e4=100_100))}
    market = deep(
        halt, *(level(6, -1, 100_100 + 100 * step, 0) for step in range(3)), level(7, -1, 99_900, 120), resume
    )
    result = run(market, asks)
    assert [(fill.cl_ord_id, fill.last_shares, fill.last_e4) for fill in result.fills] == [
        ("a", 100, 100_100),
        ("b", 20, 100_100),
    ]
    assert {fill.liquidity for fill in result.fills} == {LIQUIDITY.AUCTION}
    assert result.orders["b"].leaves_shares == 180


def test_an_offer_that_gathered_in_a_halt_sells_at_the_clearing_price_and_no_share_twice() -> None:
    """EXE-03: more is bid than offered, so that the price goes as high as those that are filled bid."""
    halt, resume = ((at, EventKind.STATUS, 0, 0, 0, word, 0, 0, 0) for at, word in ((3, -1), (9, 1)))
    asks = {
        5: sent(order("s", side=Side.SELL, shares=60, limit_e4=99_000)),
        12: sent(order("t", side=Side.SELL, shares=60, limit_e4=None)),
    }
    result = run(deep(halt, resume), asks)
    assert fills(result) == [("s", 60, 100_000), ("t", 40, 100_000)]


def test_an_outage_refuses_everything_and_cancels_what_rests() -> None:
    terms = SimulationTerms(venues={"XNAS": VenueTerms(outages_ns=((10, 20),))})
    asks = {5: sent(order("a")), 15: [*sent(order("b")), Cancel("b")], 25: sent(order("c"))}
    result = run(deep(trade(30, 1, 99_900, 70)), asks, terms)
    assert [of(result, name) for name in "abc"] == [
        (OrdStatus.CANCELED, 0),
        (OrdStatus.REJECTED, 0),
        (OrdStatus.FILLED, 50),
    ]


def test_maker_and_taker_fees_and_rebates_are_whole_millionths() -> None:
    terms = SimulationTerms(venues={"XNAS": VenueTerms(maker_fee_e6=-2000, taker_fee_e6=3000)})
    result = run(deep(trade(9, 1, 99_900, 30)), {5: sent(order("a", shares=10, limit_e4=None), order("b"))}, terms)
    assert [(fill.cl_ord_id, fill.fee_e6) for fill in result.fills] == [("a", 30_000), ("b", -60_000)]
    assert result.cash_e6 == -(10 * 100_100 + 30 * 100_000) * 100 + 30_000


def test_hidden_shares_wait_behind_those_shown() -> None:
    terms = SimulationTerms(venues={"XNAS": VenueTerms(hidden_frac=0.5)})
    result = run(deep(), {5: sent(order(limit_e4=100_200, shares=250))}, terms)
    assert fills(result) == [("o", 150, 100_100), ("o", 100, 100_200)]


def test_a_replaced_order_keeps_its_place_only_for_fewer_shares_at_its_limit() -> None:
    asks: dict[int, Sequence[Request]] = {
        5: sent(order("a"), order("b"), order("c")),
        6: [Replace("a", 40, 100_000), Replace("b", 60, 100_000), Replace("c", 0, 100_000)],
    }
    result = run(deep(trade(9, 1, 100_000, 100 + 40 + 50 + 10)), asks)
    assert [of(result, name)[1] for name in "abc"] == [40, 10, 50]
    assert result.counts == {"replace-refused": 1}


def test_a_cancel_that_comes_too_late_is_counted() -> None:
    result = run(deep(trade(9, 1, 99_900, 50)), {5: sent(order()), 20: [Cancel("o"), Cancel("strange")]})
    assert (of(result), result.counts) == ((OrdStatus.FILLED, 50), {"cancel-too-late": 1, "change-of-unknown-order": 1})


def test_our_own_orders_never_trade_with_each_other() -> None:
    result = run(deep(), {5: sent(order("a"), order("b", side=Side.SELL, limit_e4=100_000, shares=120))})
    assert (of(result, "b"), texts(result)) == ((OrdStatus.REJECTED, 0), ["it would trade with our own"])


def test_an_l1_book_goes_on_past_its_only_level_or_cancels_by_the_terms() -> None:
    market = events(quote(1, (100_000, 100), (100_100, 100)), END)
    asks = {5: sent(order(limit_e4=None, shares=250))}
    assert [fill[2] for fill in fills(run(market, asks))] == [100_100, 100_200, 100_300]
    assert of(run(market, asks, SimulationTerms(walks_past_best=False))) == (OrdStatus.CANCELED, 100)
