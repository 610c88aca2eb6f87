"""The simulated broker says the same word however often it is asked, and remembers what it was told not to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.simulated import SimulatedBroker
from nodes.kernels.fees import FeeSchedule
from nodes.kernels.fills import FillChance, FillTerms, LimitOrder, SessionBar, SessionMarket
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, OrdStatus

DAY = date(2013, 1, 3)
BAR = SessionBar(10.0, 11.0, 9.0, 10.5, 1_000_000)
OTHER_BAR = SessionBar(10.2, 11.0, 9.0, 10.5, 1_000_000)
ORDER = LimitOrder(100, Decimal("10.50"), 4.0, 0.02)
TERMS = FillTerms(
    max_fill_participation_frac=0.01,
    impact_coefficient=1.0,
    fees=FeeSchedule(
        commission_price_usd=Decimal("0.005"),
        min_commission_usd=Decimal(1),
        max_commission_frac=0.01,
        sell_fee_frac=0.0000278,
    ),
    auction_volume_frac=0.01,
    max_auction_participation_frac=0.1,
    auction_spread_frac=0.5,
    queue_ahead_frac=0.01,
    latency_p5_ms=200.0,
    latency_p95_ms=500.0,
    spread_frac=1.0,
    halt_rate_frac=0.0,
)
MARKET = SessionMarket(BAR, TERMS, FillChance(0.5, 0.0, 0.5))
OTHER_MARKET = SessionMarket(OTHER_BAR, TERMS, FillChance(0.5, 0.0, 0.5))


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
    assert broker.executed("A", DAY, ORDER, OTHER_MARKET) == first


def test_an_order_that_never_came_is_not_filled(broker: SimulatedBroker) -> None:
    assert broker.executed("A", DAY, ORDER, MARKET) is None


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "broker.db").write_bytes(b"no database" * 100)
    with pytest.raises(EdgeError, match=r"broker file .*broker\.db: file is not a database; look at its disk"):
        SimulatedBroker(tmp_path / "broker.db")
