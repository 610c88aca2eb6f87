"""The simulated broker says the same word however often it is asked, and remembers what it was told not to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.simulated import SimulatedBroker
from nodes.kernels.fills import LimitOrder, SimulatedFill
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, OrdStatus
from nodes.vocabulary.instants import instant_from_ns
from nodes.vocabulary.instructions import Instructions
from nodes.vocabulary.trading import NS_PER_S, TimeInForce
from tests.nodes.kernels.made_fills import BAR, CLOSE_NS, market, routed

DAY = date(2013, 1, 3)
ORDER = routed(100, "110.00", ("A", 60, "take"), ("B", 40, "take"))
MARKET = market()
OTHER_MARKET = market(replace(BAR, open_usd=100.5))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[SimulatedBroker]:
    with closing(SimulatedBroker(tmp_path / "broker.db")) as opened:
        yield opened


def test_an_order_handed_over_twice_is_one_order_with_one_word(broker: SimulatedBroker) -> None:
    first = broker.handed_over([("A", 100, b"order")])
    assert broker.handed_over([("A", 100, b"order")]) == first
    assert broker.n_orders() == 1
    assert (first[0].exec_type, first[0].ord_status, first[0].leaves_shares) == (ExecType.NEW, OrdStatus.NEW, 100)


def test_an_order_survives_the_broker(tmp_path: Path) -> None:
    with closing(SimulatedBroker(tmp_path / "broker.db")) as first:
        words = first.handed_over([("A", 100, b"order")])
    with closing(SimulatedBroker(tmp_path / "broker.db")) as second:
        assert second.handed_over([("A", 100, b"order")]) == words


def test_an_order_taken_back_before_it_came_never_lives(broker: SimulatedBroker) -> None:
    (taken,) = broker.taken_back(["A"])
    (late,) = broker.handed_over([("A", 100, b"order")])
    assert (taken.ord_status, late) == (OrdStatus.CANCELED, taken)
    assert broker.executed("A", DAY, ORDER, MARKET) is None


def test_an_order_is_filled_once_a_session(broker: SimulatedBroker) -> None:
    broker.handed_over([("A", 100, b"order")])
    first = broker.executed("A", DAY, ORDER, MARKET)
    assert first is not None
    assert first.filled_shares == 100
    assert [each.venue for each in first.executions] == ["A", "B"]
    assert broker.executed("A", DAY, ORDER, OTHER_MARKET) == first


def test_an_order_that_never_came_is_not_filled(broker: SimulatedBroker) -> None:
    assert broker.executed("A", DAY, ORDER, MARKET) is None


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "broker.db").write_bytes(b"no database" * 100)
    with pytest.raises(EdgeError, match=r"broker file .*broker\.db: file is not a database; look at its disk"):
        SimulatedBroker(tmp_path / "broker.db")


NEXT_DAY = date(2013, 1, 4)
LATER = Instructions(TimeInForce.GTD, None, instant_from_ns(CLOSE_NS) + timedelta(days=5))
NEVER = replace(routed(100, "97.00", ("A", 100, "take")), instructions=LATER)
LATER_MARKET = replace(MARKET, open_ns=MARKET.open_ns + 86_400 * NS_PER_S, close_ns=MARKET.close_ns + 86_400 * NS_PER_S)


def lasting(broker: SimulatedBroker, order: LimitOrder) -> SimulatedFill:
    """What the first session made of an order that is good until later."""
    broker.handed_over([("A", order.shares, b"order")])
    fill = broker.executed("A", DAY, order, MARKET)
    assert fill is not None
    return fill


def test_an_order_that_is_good_until_later_works_in_each_session_and_can_be_taken_back_between(
    broker: SimulatedBroker,
) -> None:
    assert lasting(broker, NEVER).carried_shares == 100
    second = broker.executed("A", NEXT_DAY, NEVER, LATER_MARKET)
    assert second is not None
    assert second.carried_shares == 100
    (word,) = broker.taken_back(["A"])
    assert word.ord_status is OrdStatus.CANCELED
    again = broker.executed("A", NEXT_DAY, NEVER, LATER_MARKET)
    assert again is not None
    assert (again.expired_shares, again.carried_shares) == (100, 0)
    assert broker.executed("A", date(2013, 1, 7), NEVER, LATER_MARKET) is None


def test_an_order_that_is_over_with_its_session_cannot_be_taken_back_any_more(broker: SimulatedBroker) -> None:
    assert lasting(broker, replace(NEVER, limit_price_usd=Decimal("110.00"))).carried_shares == 0
    (word,) = broker.taken_back(["A"])
    assert word.ord_status is OrdStatus.NEW


@pytest.mark.parametrize(("limit", "status"), [("97.00", OrdStatus.NEW), ("98.05", OrdStatus.REJECTED)])
def test_an_order_that_works_on_can_be_exchanged_as_long_as_it_has_not_traded(
    broker: SimulatedBroker, limit: str, status: OrdStatus
) -> None:
    """A slice of it trades at the low, if at all; the ones before wait on."""
    order = replace(routed(9_000, limit, ("A", 9_000, "take")), instructions=LATER)
    tight = replace(MARKET, used_shares=0, terms=replace(MARKET.terms, max_fill_participation_frac=0.005))
    broker.handed_over([("A", 9_000, b"order")])
    fill = broker.executed("A", DAY, order, tight)
    assert fill is not None
    assert fill.carried_shares > 0
    (word,) = broker.exchanged([("B", 50, b"order", ("A",))])
    assert word.ord_status is status


def test_orders_of_a_symbol_share_the_cap_on_its_volume_whoever_they_are_for(broker: SimulatedBroker) -> None:
    """A hundredth of a million shares a session."""
    large = routed(7_000, "110.00", ("A", 7_000, "take"))
    broker.handed_over([(name, 7_000, b"order") for name in ("A", "B", "C")])
    fills = [broker.executed(name, DAY, large, MARKET) for name in ("A", "B", "C")]
    assert [fill.filled_shares for fill in fills if fill is not None] == [7_000, 3_000, 0]
    assert broker.executed("B", DAY, large, OTHER_MARKET) == fills[1]
    other = broker.executed("C", NEXT_DAY, large, LATER_MARKET)
    assert other is not None
    assert other.filled_shares == 7_000


def test_the_two_auctions_of_a_session_have_a_cap_each(broker: SimulatedBroker) -> None:
    opening = routed(90, "110.00", ("OPEN", 90, "auction"))
    closing = replace(opening, instructions=Instructions(TimeInForce.CLS))
    small = market(auction_volume_frac=0.01, max_auction_participation_frac=0.01)
    broker.handed_over([(name, 90, b"order") for name in ("A", "B", "C")])
    asked = (("A", opening), ("B", closing), ("C", closing))
    fills = [broker.executed(name, DAY, order, small) for name, order in asked]
    assert [fill.auction_shares for fill in fills if fill is not None] == [90, 90, 10]
