"""Gains of a share in a session: paper less costs is what was made, whatever happened; lots of decisions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.attribution.gains import Cost, ShareGain, ShareSession, Trade, lots_after, share_gain

ONE, OTHER, THIRD = b"one", b"other", b"third"
QUIET = ShareSession(
    opening_shares=Decimal(100),
    opening_usd=Decimal(5000),
    split_ratio=(1, 1),
    dividend_usd=Decimal(0),
    paid_usd=Decimal(0),
    closing_usd=Decimal(5100),
    trades=(),
    charges_usd=(),
    before_usd=Decimal(50),
)
CENTS = st.integers(1, 10_000).map(lambda cents: Decimal(cents) / 100)
COST = st.integers(-500, 500).map(lambda cents: Decimal(cents) / 100)
SHARES = st.integers(-300, 300).filter(bool).map(Decimal)
TRADES = st.builds(
    Trade, st.just(ONE), SHARES, CENTS, st.lists(st.tuples(st.sampled_from(Cost), COST), max_size=4).map(tuple)
)


def trade(shares: int, price: str, decision: bytes = ONE, **costs: str) -> Trade:
    return Trade(decision, Decimal(shares), Decimal(price), tuple((Cost(k), Decimal(v)) for k, v in costs.items()))


@given(st.lists(TRADES.filter(lambda each: Cost.SLIPPAGE not in dict(each.costs_usd)), max_size=4), CENTS, CENTS)
def test_paper_less_costs_is_what_was_made(trades: list[Trade], before: Decimal, close: Decimal) -> None:
    """JRN-02: to the last digit."""
    held = 100 + sum(each.shares for each in trades)
    day = replace(QUIET, opening_usd=100 * before, closing_usd=held * close, trades=tuple(trades), before_usd=before)
    found = share_gain(day)
    assert found.paper_usd - found.cost_usd == found.gain_usd
    assert found.paper_usd == held * (close - before)
    assert found.exposure_usd == held * before


@given(st.lists(TRADES.filter(lambda each: Cost.SLIPPAGE not in dict(each.costs_usd)), min_size=1, max_size=4), CENTS)
def test_after_a_split_without_an_end_in_decimals_nothing_is_lost_either(trades: list[Trade], before: Decimal) -> None:
    """JRN-02: to the last digit, in a session in which seven shares came for one."""
    opening = Decimal(1_234_567)
    held = opening * 7 + sum(each.shares for each in trades)
    found = share_gain(
        replace(QUIET, opening_shares=opening, opening_usd=opening * before, split_ratio=(7, 1),
                closing_usd=held * 12, trades=tuple(trades), before_usd=before)
    )  # fmt: skip
    costs = sum((Fraction(amount) for _, amount in found.costs_usd), Fraction(0))
    assert Fraction(found.paper_usd) - costs == Fraction(found.gain_usd)


def test_a_session_without_trades_makes_what_the_price_made() -> None:
    found = share_gain(QUIET)
    assert found == ShareGain(Decimal(100), Decimal(100), Decimal(5000), (), 0)


def test_a_purchase_is_parted_into_what_the_fill_tells_and_slippage() -> None:
    """Bought 10 at 52 against 50 before: 20 lost on the way, of it 3 spread, 4 impact, 1 latency; 12 slipped."""
    bought = trade(10, "52", spread="3", impact="4", latency="1", commission="2")
    found = share_gain(replace(QUIET, closing_usd=Decimal(110 * 51), trades=(bought,)))
    wanted = {
        Cost.SPREAD: Decimal(3),
        Cost.IMPACT: Decimal(4),
        Cost.LATENCY: Decimal(1),
        Cost.SLIPPAGE: Decimal(12),
        Cost.COMMISSION: Decimal(2),
    }
    assert dict(found.costs_usd) == wanted
    assert found.paper_usd == Decimal(110)
    assert found.gain_usd == Decimal(88)


def test_a_sale_above_the_close_before_slips_to_the_good() -> None:
    found = share_gain(replace(QUIET, closing_usd=Decimal(0), trades=(trade(-100, "50.50", spread="5"),)))
    assert dict(found.costs_usd) == {Cost.SPREAD: Decimal(5), Cost.SLIPPAGE: Decimal(-55)}
    assert [found.paper_usd, found.gain_usd, found.exposure_usd] == [Decimal(0), Decimal(50), Decimal(0)]


def test_shares_bought_on_the_ex_date_neither_get_the_dividend_nor_slip_by_it() -> None:
    """The price begins a dollar lower: bought there, nothing slipped, and paper counts the dividend as part of it."""
    day = replace(QUIET, dividend_usd=Decimal(1), paid_usd=Decimal(100), trades=(trade(100, "49"),))
    found = share_gain(replace(day, closing_usd=Decimal(200 * 49)))
    assert found == ShareGain(Decimal(0), Decimal(0), Decimal(10_000), (), 0)


def test_a_split_makes_nothing() -> None:
    day = replace(QUIET, split_ratio=(2, 1), closing_usd=Decimal(210 * 25), trades=(trade(10, "25"),))
    found = share_gain(day)
    assert found == ShareGain(Decimal(0), Decimal(0), Decimal(5250), (), 0)


def test_a_charge_for_holding_is_a_cost() -> None:
    found = share_gain(replace(QUIET, charges_usd=((Cost.BORROW, Decimal("1.25")),)))
    assert [found.gain_usd, found.paper_usd] == [Decimal("98.75"), Decimal(100)]


def test_without_a_close_before_no_slippage_is_told() -> None:
    new = replace(QUIET, opening_shares=Decimal(0), opening_usd=Decimal(0), before_usd=None)
    found = share_gain(replace(new, closing_usd=Decimal(510), trades=(trade(10, "50", commission="2"),)))
    assert found == ShareGain(Decimal(8), Decimal(10), Decimal(0), ((Cost.COMMISSION, Decimal(2)),), 1)


@pytest.mark.parametrize(
    ("trades", "left"),
    [
        ((), ((ONE, 100), (OTHER, 50))),
        ((trade(-30, "1"),), ((ONE, 70), (OTHER, 50))),
        ((trade(-120, "1"),), ((OTHER, 30),)),
        ((trade(-150, "1"),), ()),
        ((trade(-170, "1", THIRD),), ((THIRD, -20),)),
        ((trade(10, "1", THIRD), trade(-100, "1")), ((OTHER, 50), (THIRD, 10))),
    ],
)
def test_the_oldest_decisions_are_closed_first(trades: tuple[Trade, ...], left: tuple[tuple[bytes, int], ...]) -> None:
    lots = ((ONE, Decimal(100)), (OTHER, Decimal(50)))
    assert lots_after(lots, (1, 1), trades) == tuple((decision, Decimal(shares)) for decision, shares in left)


def test_lots_split_before_the_trades_of_the_session() -> None:
    assert lots_after(((ONE, Decimal(30)),), (1, 2), (trade(-10, "1"),)) == ((ONE, Decimal(5)),)


@given(st.lists(TRADES, max_size=8))
def test_lots_come_to_what_is_held(trades: list[Trade]) -> None:
    lots = lots_after((), (1, 1), trades)
    assert sum(shares for _, shares in lots) == sum(each.shares for each in trades)
    assert len({shares > 0 for _, shares in lots}) <= 1
