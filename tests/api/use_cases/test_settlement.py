"""A session's corporate actions, fills, expiries and valuation reach the account and the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl
import pytest

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk
from api.use_cases.fill_facts import fill_fee_usd
from api.use_cases.settlement import settled
from governance.entries import Entry, EntryKind, child_cl_ord_id, cl_ord_id
from governance.ports import Transaction
from governance.rows import OrderState, OutboundOrder
from nodes.journal.account import AccountState, after_fill, after_order
from nodes.kernels.portfolio.borrow import Loan, borrow_fee_usd
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import Fill, Holding
from nodes.vocabulary.instructions import PLAIN, Instructions
from nodes.vocabulary.orders import PendingOrder, WorkingOrders
from tests.api.use_cases.homes import desk_at, entries

BEFORE_SPLIT, SPLIT_ON, DIVIDEND_ON = date(2005, 2, 25), date(2005, 2, 28), date(2005, 2, 15)
FRIDAY_ON, MONDAY_ON = BEFORE_SPLIT, SPLIT_ON
Route: TypeAlias = tuple[tuple[str, int, int, str], ...]
WHOLE: Route = (("SIMULATED-OPEN", 100, 1_000_000, "auction"),)
"""All of an order into the auction, however many shares it has."""
SPLIT: Route = (("NASDAQ", 500, 990_000, "post"), ("NYSE", 300, 990_000, "take"), ("IEX", 200, 990_000, "take"))


@pytest.fixture
def opened(lake: Lake, tmp_path: Path) -> Iterator[OpenDesk]:
    with desk_at(tmp_path / "home", lake) as desk:
        yield desk


def _order(symbol: str, shares: int, limit: str) -> PendingOrder:
    return PendingOrder(f"key/{symbol}", b"\x05" * 32, symbol, shares, Decimal(limit), 4.0, 0.02)


def _settled(
    opened: OpenDesk, session_on: date, *orders: PendingOrder, held: str = "", route: Route = WHOLE, limit: str = ""
) -> AccountState:
    """The account after a session that began with pending orders, and 100 shares of a symbol if one is named."""
    desk = opened.desk
    asked = Instructions(limit_price_usd=Decimal(limit)) if limit else PLAIN
    content = encode({"route": route, "instructions": asked.content})

    def work(transaction: Transaction) -> AccountState:
        state = desk.account(transaction)
        if held:
            state = after_order(state, replace(_order(held, 100, "50"), order_key="held"))
            state = after_fill(state, Fill("held", 100, Decimal(50), Decimal(0)))
        for order in orders:
            state = after_order(state, order)
            cl_ord = cl_ord_id(desk.account_id, order.order_key)
            transaction.send(OutboundOrder(cl_ord, desk.account_id, order.decision_id, order.order_shares, content))
        transaction.append(Entry(EntryKind.CORRECTION, desk.store.origin, desk.clock(), desk.clock()))
        desk.save_account(transaction, state)
        return settled(desk, transaction, session_on)

    return desk.writer.submit(work).result()


def _facts(opened: OpenDesk, kind: EntryKind) -> list[dict[str, Any]]:
    return [dict(entry.facts) for entry in entries(opened.desk.store, kind)]


def test_a_split_doubles_the_holding_and_is_recorded(opened: OpenDesk) -> None:
    state = _settled(opened, SPLIT_ON, held="AAPL")
    (facts,) = _facts(opened, EntryKind.CORPORATE_ACTION)
    assert state.position_shares("AAPL") == 200
    assert (facts["action"], facts["new_shares"], facts["old_shares"]) == ("split", 2, 1)
    assert (facts["position_shares"], facts["new_position_shares"]) == (100, 200)


def test_an_order_decided_before_a_split_is_filled_in_new_shares(opened: OpenDesk) -> None:
    state = _settled(opened, SPLIT_ON, _order("AAPL", 50, "90.00"))
    (fill,) = _facts(opened, EntryKind.FILL)
    assert (fill["fill_shares"], state.position_shares("AAPL")) == (100, 100)
    assert fill["fill_price_usd"] <= Decimal("45.00")


def test_a_dividend_is_paid_in_cash_and_recorded(opened: OpenDesk) -> None:
    state = _settled(opened, DIVIDEND_ON, held="MSFT")
    (facts,) = _facts(opened, EntryKind.CORPORATE_ACTION)
    assert state.dividends_usd == Decimal("8.00")
    assert (facts["dividend_usd"], facts["cash_change_usd"]) == (Decimal("0.08"), Decimal("8.00"))


def test_an_action_of_a_share_that_the_account_does_not_hold_is_not_recorded(opened: OpenDesk) -> None:
    _settled(opened, SPLIT_ON, held="IBM")
    assert _facts(opened, EntryKind.CORPORATE_ACTION) == []


def test_a_fill_names_decision_price_and_every_cost(opened: OpenDesk) -> None:
    state = _settled(opened, BEFORE_SPLIT, _order("IBM", 200, "99.00"))
    (fill,) = _facts(opened, EntryKind.FILL)
    assert fill["decision_id"] == b"\x05" * 32
    assert fill_fee_usd(fill) == state.fees_usd > 0
    assert fill["trading_cost_usd"] > fill["impact_cost_usd"] > 0
    assert (fill["venue"], fill["liquidity"]) == ("SIMULATED-OPEN", "auction")
    assert state.orders == WorkingOrders()


def test_every_execution_of_every_part_of_a_route_is_an_entry_and_their_sums_are_the_order(opened: OpenDesk) -> None:
    """EXE-15: each part has its own ClOrdID, its venue and its fees; what a broker says twice has one ExecID."""
    state = _settled(opened, BEFORE_SPLIT, _order("IBM", 1000, "99.00"), route=SPLIT)
    fills = _facts(opened, EntryKind.FILL)
    sent_as = cl_ord_id(opened.desk.account_id, "key/IBM")
    parts = {child_cl_ord_id(sent_as, place): part for place, part in enumerate(SPLIT)}
    traded = Counter[str]()
    for fill in fills:
        traded[fill["child_cl_ord_id"]] += fill["fill_shares"]
        assert fill["venue"] == parts[fill["child_cl_ord_id"]][0]
        assert fill["cl_ord_id"] == sent_as
    assert traded == {name: part[1] for name, part in parts.items()}
    assert len({fill["exec_id"] for fill in fills}) == len(fills) > 3
    assert state.position_shares("IBM") == 1000
    assert state.fees_usd == sum(map(fill_fee_usd, fills), Decimal(0))
    paid = sum((fill["fill_shares"] * fill["fill_price_usd"] for fill in fills), Decimal(0))
    assert state.cash_usd == opened.desk.opening_cash_usd - paid - state.fees_usd


def test_an_order_that_a_split_doubled_keeps_its_route(opened: OpenDesk) -> None:
    _settled(opened, SPLIT_ON, _order("AAPL", 500, "90.00"), route=SPLIT)
    by_venue = Counter[str]()
    for fill in _facts(opened, EntryKind.FILL):
        by_venue[fill["venue"]] += fill["fill_shares"]
    assert by_venue == {"NASDAQ": 500, "NYSE": 300, "IEX": 200}


def test_an_order_without_a_route_works_through_the_session(opened: OpenDesk) -> None:
    _settled(opened, BEFORE_SPLIT, _order("IBM", 200, "99.00"), route=())
    assert {fill["venue"] for fill in _facts(opened, EntryKind.FILL)} == {"SIMULATED-DAY"}


def test_a_limit_that_is_not_reached_expires_with_its_reason(opened: OpenDesk) -> None:
    state = _settled(opened, BEFORE_SPLIT, _order("IBM", 200, "50.00"))
    (expiry,) = _facts(opened, EntryKind.EXPIRY)
    assert expiry["expired_shares"] == 200
    assert "limit 50.00 was not reached" in expiry["reason"]
    assert state.orders == WorkingOrders()
    assert state.cash_usd == opened.desk.opening_cash_usd


def test_an_order_beyond_the_cap_on_volume_is_filled_in_part_and_the_rest_expires(opened: OpenDesk) -> None:
    _settled(opened, BEFORE_SPLIT, _order("IBM", 10_000, "99.00"))
    filled = sum(fill["fill_shares"] for fill in _facts(opened, EntryKind.FILL))
    (expiry,) = _facts(opened, EntryKind.EXPIRY)
    assert filled + expiry["expired_shares"] == 10_000
    assert 0 < filled < 10_000


def test_an_order_in_a_share_without_a_bar_expires(opened: OpenDesk) -> None:
    _settled(opened, BEFORE_SPLIT, _order("FB", 10, "30.00"))
    (expiry,) = _facts(opened, EntryKind.EXPIRY)
    assert expiry["reason"] == "the symbol has no bar in this session"


def test_an_order_that_a_split_left_no_share_of_expires(opened: OpenDesk) -> None:
    lake = opened.desk.lake
    reverse = tuple(
        replace(action, new_shares=1, old_shares=100) if action.ex_on == SPLIT_ON else action for action in lake.actions
    )
    reversed_desk = replace(opened, desk=replace(opened.desk, lake=replace(lake, actions=reverse)))
    _settled(reversed_desk, SPLIT_ON, _order("AAPL", 50, "90.00"))
    (expiry,) = _facts(opened, EntryKind.EXPIRY)
    assert (expiry["expired_shares"], expiry["reason"]) == (0, "a split left no whole share of the order")


def test_an_order_that_the_simulated_market_cannot_price_expires_and_says_so(opened: OpenDesk) -> None:
    _settled(opened, BEFORE_SPLIT, replace(_order("IBM", 200, "99.00"), estimated_spread_bps=None))
    (expiry,) = _facts(opened, EntryKind.EXPIRY)
    assert "no spread and volatility to price" in expiry["reason"]


def test_a_settled_order_leaves_the_outbox(opened: OpenDesk) -> None:
    _settled(opened, BEFORE_SPLIT, _order("IBM", 200, "99.00"))
    with opened.desk.store.reader() as reader:
        assert [order.state for order in reader.outbox(OrderState.DONE)] == [OrderState.DONE]
        assert reader.outbox(OrderState.PENDING) == []


def test_the_account_is_valued_at_the_raw_close(opened: OpenDesk) -> None:
    state = _settled(opened, BEFORE_SPLIT, held="AAPL")
    close = opened.desk.lake.bars_on(BEFORE_SPLIT)["AAPL"]["close_usd"]
    assert state.holdings[0].mark_price_usd == Decimal(str(close))
    assert (state.marked_on, state.session_on) == (BEFORE_SPLIT, BEFORE_SPLIT)


def test_entries_of_a_session_are_as_of_its_close(opened: OpenDesk) -> None:
    _settled(opened, SPLIT_ON, _order("AAPL", 50, "90.00"))
    settled_entries: list[Entry] = [
        *entries(opened.desk.store, EntryKind.CORPORATE_ACTION),
        *entries(opened.desk.store, EntryKind.FILL),
    ]
    assert {entry.as_of for entry in settled_entries} == {opened.desk.lake.calendar.close(SPLIT_ON)}


def test_a_session_is_settled_once(opened: OpenDesk) -> None:
    _settled(opened, SPLIT_ON)
    with pytest.raises(DataError, match="is in session 2005-02-28 already and cannot start 2005-02-28"):
        _settled(opened, SPLIT_ON)


def test_the_splits_of_the_lake_are_as_the_panel_says(lake: Lake) -> None:
    ratio = lake.panel.filter((pl.col("symbol") == "AAPL") & (pl.col("session_on") == SPLIT_ON))["adjustment_ratio"]
    assert ratio.to_list() == [2.0]


def test_what_is_short_is_charged_for_every_night(opened: OpenDesk) -> None:
    """A year of 360 days on 102 % of the worth, in whole dollars a share; PF's borrow kernel has the source."""
    desk = opened.desk
    with desk.store.transaction() as transaction:
        state = desk.account(transaction)
        short = replace(
            state,
            holdings=(Holding("IBM", -1000, Decimal(-90_000), Decimal("90.00")),),
            cash_usd=state.cash_usd + 90_000,
            session_on=FRIDAY_ON,
            marked_on=FRIDAY_ON,
        )
        desk.save_account(transaction, short)
        after = settled(desk, transaction, MONDAY_ON)
    (charge,) = entries(desk.store, EntryKind.CHARGE)
    rate = Decimal(repr(desk.assumptions.borrow_fee_frac))
    wanted = borrow_fee_usd(Loan(1000, rate), Decimal("90.00"), 3)
    assert (charge.facts["fee_usd"], charge.facts["nights"]) == (wanted, 3)
    assert (after.fees_usd, after.imbalance_usd) == (wanted, Decimal(0))
    assert wanted > 0


def test_a_share_that_goes_from_the_market_is_paid_out_at_what_is_left_of_it(opened: OpenDesk) -> None:
    """Survivorship: the dead stay in the universe until they die, and what they leave is an assumption."""
    kept = opened.desk.lake.panel.filter((pl.col("symbol") != "IBM") | (pl.col("session_on") <= FRIDAY_ON))
    desk = replace(opened.desk, lake=replace(opened.desk.lake, panel=kept))
    assert desk.lake.gone_on == {"IBM": MONDAY_ON}
    with desk.store.transaction() as transaction:
        state = desk.account(transaction)
        held = replace(
            state,
            holdings=(Holding("IBM", 100, Decimal(9_000), Decimal("90.00")),),
            cash_usd=state.cash_usd - 9_000,
            session_on=FRIDAY_ON,
            marked_on=FRIDAY_ON,
        )
        desk.save_account(transaction, held)
        after = settled(desk, transaction, MONDAY_ON)
    (gone,) = [entry for entry in entries(desk.store, EntryKind.CORPORATE_ACTION) if entry.facts["symbol"] == "IBM"]
    assert (gone.facts["action"], gone.facts["cash_change_usd"]) == ("delisting", Decimal(6_300))
    assert not after.holdings
    assert (after.imbalance_usd, after.realised_usd) == (Decimal(0), Decimal(-2_700))


@pytest.mark.parametrize(("limit", "filled_shares"), [("85.00", -200), ("95.00", 0)])
def test_a_clients_own_limit_is_split_with_the_order(opened: OpenDesk, limit: str, filled_shares: int) -> None:
    """AAPL opened at 44.68 after its split two for one; the limits are of old shares, at 42.50 and 47.50."""
    _settled(opened, SPLIT_ON, _order("AAPL", -100, "80.00"), held="AAPL", limit=limit)
    assert sum(each["fill_shares"] for each in _facts(opened, EntryKind.FILL)) == filled_shares
