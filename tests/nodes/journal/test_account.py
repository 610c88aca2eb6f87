"""The account conserves cash and shares, balances its books, and survives its own bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.journal.account import (
    AccountState,
    account_bytes,
    account_from_bytes,
    after_dividend,
    after_expiry,
    after_fill,
    after_kill_switch,
    after_mark,
    after_order,
    after_plan,
    after_session_start,
    after_split,
    opened_account,
)
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import Fill
from nodes.vocabulary.orders import PendingOrder, WorkingOrders

MONDAY, TUESDAY = date(2005, 1, 3), date(2005, 1, 4)
SYMBOLS = ("AAA", "BBB")


def _opened() -> AccountState:
    return after_session_start(opened_account("demo", Decimal(100_000)), MONDAY)


def _order(shares: int, symbol: str = "AAA", key: str = "k1", price: str = "10") -> PendingOrder:
    return PendingOrder(key, b"\x01" * 32, symbol, shares, Decimal(price), 5.0, 0.02)


def _held(shares: int, price: str = "10") -> AccountState:
    ordered = after_order(_opened(), _order(shares, key="open", price=price))
    return after_fill(ordered, Fill("open", shares, Decimal(price), Decimal(0)))


@st.composite
def _events(draw: st.DrawFn) -> list[tuple[str, str, int, Decimal]]:
    kinds = st.sampled_from(["order", "fill", "fill", "expiry", "dividend", "mark", "split"])
    price = st.integers(1, 999_999).map(lambda cents: Decimal(cents) / 100)
    shares = st.integers(-500, 500).filter(bool)
    return draw(st.lists(st.tuples(kinds, st.sampled_from(SYMBOLS), shares, price), max_size=25))


class _Tally:
    """Counts, beside the account, what went in and out of it."""

    def __init__(self) -> None:
        self.state = _opened()
        self.cash_usd = self.state.cash_usd
        self.shares = dict.fromkeys(SYMBOLS, 0)
        self.accepted = self.filled = self.expired = 0

    def apply(self, at: int, kind: str, symbol: str, shares: int, price_usd: Decimal) -> None:
        if kind == "order":
            self.state = after_order(self.state, PendingOrder(f"k{at}", b"", symbol, shares, price_usd, 5.0, 0.02))
            self.accepted += abs(shares)
        elif kind == "dividend":
            self.state = after_dividend(self.state, symbol, price_usd)
            self.cash_usd += price_usd * self.shares[symbol]
        elif kind == "mark":
            self.state = after_mark(self.state, MONDAY, {symbol: price_usd}, 252)
        elif kind in ("fill", "expiry") and self.state.orders:
            self._finish(kind, self.state.orders[0], abs(shares), price_usd)

    def _finish(self, kind: str, order: PendingOrder, at_most: int, price_usd: Decimal) -> None:
        if kind == "expiry":
            self.state = after_expiry(self.state, order.order_key)
            self.expired += abs(order.order_shares)
            return
        size = min(at_most, abs(order.order_shares))
        fill_shares = size if order.order_shares > 0 else -size
        self.state = after_fill(self.state, Fill(order.order_key, fill_shares, price_usd, Decimal("0.35")))
        self.filled += size
        self.shares[order.symbol] += fill_shares
        self.cash_usd -= fill_shares * price_usd + Decimal("0.35")


@given(_events())
def test_cash_and_shares_are_conserved_over_any_sequence_of_events(
    events: list[tuple[str, str, int, Decimal]],
) -> None:
    tally = _Tally()
    for at, event in enumerate(events):
        tally.apply(at, *event)
    pending = sum(abs(order.order_shares) for order in tally.state.orders)
    assert tally.state.cash_usd == tally.cash_usd
    assert {symbol: tally.state.position_shares(symbol) for symbol in SYMBOLS} == tally.shares
    assert tally.accepted == tally.filled + tally.expired + pending


@given(_events(), st.sampled_from([(2, 1), (3, 2), (1, 10), (7, 1), (1, 3)]))
def test_books_balance_over_any_sequence_of_events_and_splits(
    events: list[tuple[str, str, int, Decimal]], terms: tuple[int, int]
) -> None:
    tally = _Tally()
    for at, (kind, symbol, shares, price_usd) in enumerate(events):
        if kind == "split":
            tally.state = after_split(tally.state, symbol, *terms)
            orders = WorkingOrders(order for order in tally.state.orders if order.order_shares)
            tally.state = replace(tally.state, orders=orders)
        else:
            tally.apply(at, kind, symbol, shares, price_usd)
        assert tally.state.imbalance_usd == 0


@given(_events())
def test_bytes_round_trip_whatever_happened(events: list[tuple[str, str, int, Decimal]]) -> None:
    tally = _Tally()
    for at, event in enumerate(events):
        tally.apply(at, *event)
    read = account_from_bytes(account_bytes(tally.state))
    assert read == tally.state
    assert account_bytes(read) == account_bytes(tally.state)


@given(_events(), st.integers(1, 999_999))
def test_exposure_covers_every_way_in_which_pending_orders_may_fill(
    events: list[tuple[str, str, int, Decimal]], cents: int
) -> None:
    tally = _Tally()
    for at, event in enumerate(events):
        tally.apply(at, *event)
    before = tally.state
    price_of = {symbol: Decimal(cents) / 100 for symbol in SYMBOLS}
    marked = after_mark(before, MONDAY, price_of, 252)
    orders = WorkingOrders(replace(order, limit_price_usd=price_of[order.symbol]) for order in marked.orders)
    marked = replace(marked, orders=orders)
    for order in marked.orders:
        filled = after_fill(marked, Fill(order.order_key, order.order_shares, price_of[order.symbol], Decimal(0)))
        assert filled.gross_exposure_usd <= marked.gross_exposure_usd


def test_a_buy_moves_cash_into_the_holding_and_pays_its_fee() -> None:
    state = after_fill(after_order(_opened(), _order(100)), Fill("k1", 100, Decimal("10.05"), Decimal("1.00")))
    assert (state.cash_usd, state.fees_usd) == (Decimal("98994.00"), Decimal("1.00"))
    assert state.holdings[0].cost_usd == Decimal("1005.00")
    assert state.orders == WorkingOrders()


def test_a_sale_realises_its_gain_over_average_cost() -> None:
    state = after_order(_held(100), _order(-40))
    sold = after_fill(state, Fill("k1", -40, Decimal("12.50"), Decimal(0)))
    assert sold.realised_usd == Decimal(100)
    assert sold.holdings[0].cost_usd == Decimal(600)


def test_a_sale_through_zero_opens_a_short_at_the_fill_price() -> None:
    sold = after_fill(after_order(_held(100), _order(-150)), Fill("k1", -150, Decimal(9), Decimal(0)))
    assert sold.position_shares("AAA") == -50
    assert (sold.realised_usd, sold.holdings[0].cost_usd) == (Decimal(-100), Decimal(-450))


def test_a_partial_fill_leaves_the_rest_pending_and_expiry_removes_it() -> None:
    state = after_fill(after_order(_opened(), _order(100)), Fill("k1", 60, Decimal(10), Decimal(0)))
    assert state.pending_buy_shares("AAA") == 40
    assert after_expiry(state, "k1").orders == WorkingOrders()


def test_pending_buys_reserve_cash_and_pending_sales_do_not_free_it() -> None:
    state = after_order(after_order(_held(100), _order(50, key="b")), _order(-100, key="s"))
    assert state.free_cash_usd == Decimal(99_000) - 500
    assert state.gross_exposure_usd == 150 * 10
    assert (state.pending_buy_shares("AAA"), state.pending_sell_shares("AAA")) == (50, 100)


def test_exposure_of_a_symbol_not_yet_held_uses_the_limit_price() -> None:
    assert after_order(_opened(), _order(10, "BBB", price="90")).gross_exposure_usd == 900


@given(
    st.lists(
        st.tuples(st.sampled_from(["AAA", "BBB", "CCC"]), st.integers(-50, 50).filter(bool), st.integers(1, 99999)),
        max_size=8,
    )
)
def test_exposure_carried_on_from_order_to_order_is_that_of_the_state_read_anew(
    orders: list[tuple[str, int, int]],
) -> None:
    state = _held(100)
    for number, (symbol, shares, cents) in enumerate(orders):
        price = str(Decimal(cents).scaleb(-number % 4 - 4))
        state = after_order(state, _order(shares, symbol, f"more-{number}", price))
        anew = account_from_bytes(bytes(state))
        assert str(state.gross_exposure_usd) == str(anew.gross_exposure_usd)


def test_a_split_scales_holdings_orders_and_prices_and_keeps_the_value() -> None:
    before = after_order(_held(100, "90"), _order(-30, price="90"))
    after = after_split(before, "AAA", 2, 1)
    assert (after.position_shares("AAA"), after.orders[0].order_shares) == (200, -60)
    assert after.orders[0].limit_price_usd == 45
    assert after.equity_usd == before.equity_usd


def test_a_broken_share_is_paid_out_at_its_mark() -> None:
    before = _held(101, "30")
    after = after_split(before, "AAA", 3, 2)
    assert after.position_shares("AAA") == 151
    assert after.cash_usd == before.cash_usd + Decimal("10.00")
    assert after.equity_usd == before.equity_usd
    gone_usd = before.holdings[0].cost_usd - after.holdings[0].cost_usd
    assert gone_usd == pytest.approx(before.holdings[0].cost_usd / 303, abs=Decimal("0.000001"))
    assert after.realised_usd - before.realised_usd == Decimal("10.00") - gone_usd
    assert after.imbalance_usd == 0


def test_a_reverse_split_of_too_few_shares_pays_the_whole_holding_out() -> None:
    after = after_split(_held(5, "2"), "AAA", 1, 10)
    assert after.holdings == ()
    assert (after.cash_usd, after.imbalance_usd) == (Decimal(100_000), Decimal(0))


def test_a_split_of_a_share_not_held_changes_nothing() -> None:
    assert after_split(_held(10), "BBB", 2, 1) == _held(10)


def test_a_dividend_is_paid_on_held_and_by_short_shares() -> None:
    assert after_dividend(_held(100), "AAA", Decimal("0.25")).dividends_usd == 25
    assert after_dividend(_held(-100), "AAA", Decimal("0.25")).dividends_usd == -25
    assert after_dividend(_held(100), "BBB", Decimal("0.25")).dividends_usd == 0


def test_a_session_start_remembers_equity_and_forgets_the_orders_of_yesterday() -> None:
    state = after_mark(after_order(_held(100), _order(5)), MONDAY, {"AAA": Decimal(11)}, 252)
    started = after_session_start(state, TUESDAY)
    assert (started.day_start_equity_usd, started.today_counts) == (Decimal(100_100), ())
    assert started.orders == state.orders


def test_the_peak_is_that_of_the_last_sessions_only() -> None:
    state = _held(100)
    peaks = []
    for price in (20, 15, 18, 12, 11):
        state = after_mark(state, MONDAY, {"AAA": Decimal(price)}, 3)
        peaks.append(int((state.peak_equity_usd - 99_000) / 100))
    assert peaks == [20, 20, 20, 18, 18]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=40), st.integers(1, 10))
def test_the_peak_is_the_greatest_equity_of_the_window(prices: list[int], peak_sessions: int) -> None:
    state, equities = _held(100), [Decimal(100_000)]
    for price in prices:
        state = after_mark(state, MONDAY, {"AAA": Decimal(price)}, peak_sessions)
        equities.append(state.equity_usd)
        assert state.peak_equity_usd == max(equities[-peak_sessions:])


def test_a_fall_leaves_the_peak_where_it_was() -> None:
    up = after_mark(_held(100), MONDAY, {"AAA": Decimal(20)}, 252)
    down = after_mark(up, MONDAY, {"AAA": Decimal(5)}, 252)
    assert (up.peak_equity_usd, down.peak_equity_usd) == (Decimal(101_000), Decimal(101_000))
    assert down.equity_usd == Decimal(99_500)


def test_a_mark_without_a_price_keeps_the_last_one() -> None:
    assert after_mark(_held(100), MONDAY, {}, 252).equity_usd == Decimal(100_000)


def test_orders_of_the_same_symbol_and_side_are_counted() -> None:
    state = after_order(after_order(_opened(), _order(5, key="a")), _order(7, key="b"))
    assert state.same_orders_today_count("AAA", 5) == 2
    assert (state.same_orders_today_count("AAA", -5), state.same_orders_today_count("BBB", 5)) == (0, 0)


def test_the_kill_switch_stays_as_it_was_set_across_sessions() -> None:
    engaged = after_kill_switch(_opened(), is_engaged=True)
    assert after_session_start(engaged, TUESDAY).kill_switch_is_engaged
    assert not after_kill_switch(engaged, is_engaged=False).kill_switch_is_engaged


def test_decided_sessions_are_remembered() -> None:
    planned = after_plan(_opened(), MONDAY, b"\x01")
    assert (planned.decided_on, planned.plan_trace) == (MONDAY, b"\x01")


@pytest.mark.parametrize("cash", ["0", "-5", "NaN"])
def test_an_account_opens_with_cash(cash: str) -> None:
    with pytest.raises(DataError, match=f"account demo cannot open with {cash} USD"):
        opened_account("demo", Decimal(cash))


@pytest.mark.parametrize("day", [MONDAY, date(2004, 12, 31)])
def test_a_session_cannot_start_twice_or_go_back(day: date) -> None:
    with pytest.raises(DataError, match=f"is in session 2005-01-03 already and cannot start {day}"):
        after_session_start(_opened(), day)


def test_an_order_for_no_shares_is_refused() -> None:
    with pytest.raises(DataError, match="order 'k1' of AAA is for no shares"):
        after_order(_opened(), _order(0))


def test_a_key_can_be_pending_once() -> None:
    with pytest.raises(DataError, match="order 'k1' of AAA is pending already"):
        after_order(after_order(_opened(), _order(5)), _order(6))


@pytest.mark.parametrize("shares", [0, 101, -1])
def test_a_fill_that_does_not_fit_its_order_is_refused(shares: int) -> None:
    with pytest.raises(DataError, match=f"fill of {shares} does not fit order 'k1' with 100 shares left"):
        after_fill(after_order(_opened(), _order(100)), Fill("k1", shares, Decimal(10), Decimal(0)))


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_a_fill_without_a_positive_price_is_refused(price: str) -> None:
    with pytest.raises(DataError, match=f"fill of order 'k1' at {price}"):
        after_fill(after_order(_opened(), _order(100)), Fill("k1", 5, Decimal(price), Decimal(0)))


def test_a_fill_of_an_unknown_order_is_refused() -> None:
    with pytest.raises(DataError, match="account demo has no pending order 'zz'"):
        after_fill(_opened(), Fill("zz", 5, Decimal(10), Decimal(0)))


@pytest.mark.parametrize("terms", [(0, 1), (2, 0), (-2, 1)])
def test_a_split_ratio_is_positive(terms: tuple[int, int]) -> None:
    with pytest.raises(DataError, match=f"split of AAA into {terms[0]} for {terms[1]} is none"):
        after_split(_held(5), "AAA", *terms)


@pytest.mark.parametrize("dividend", ["-0.1", "NaN"])
def test_a_dividend_is_not_negative(dividend: str) -> None:
    with pytest.raises(DataError, match=f"dividend of {dividend} USD on AAA is none"):
        after_dividend(_held(5), "AAA", Decimal(dividend))


def test_bytes_that_hold_no_account_are_refused() -> None:
    with pytest.raises(DataError, match=r"stored bytes are no account state: .* restore the account from the log"):
        account_from_bytes(encode({"holdings": (), "orders": (), "balance": 5}))
