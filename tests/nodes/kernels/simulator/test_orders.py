"""Venues say why they refuse an order."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from nodes.kernels.simulator.book import Book
from nodes.kernels.simulator.matching import OwnOrders
from nodes.kernels.simulator.orders import refusal, side_word
from nodes.kernels.simulator.queue import risk_averse
from nodes.kernels.simulator.terms import Session
from nodes.vocabulary.trading import Side, TimeInForce
from tests.nodes.kernels.simulator.desk import order
from tests.nodes.kernels.simulator.test_book import Nobody

SESSION = Session(open_ns=100, close_ns=200, opg_from_ns=50, cls_until_ns=190, end_ns=210)


def why(at_ns: int, **terms: Any) -> str:
    book = Book(OwnOrders(risk_averse, 0.0, 1.0, Nobody()), Counter())
    return refusal(order(**terms), "AAPL", book, 100, SESSION, at_ns)


@pytest.mark.parametrize(
    ("at_ns", "life", "is_taken"),
    [
        (49, TimeInForce.OPG, False),
        (50, TimeInForce.OPG, True),
        (99, TimeInForce.OPG, True),
        (100, TimeInForce.OPG, False),
        (189, TimeInForce.CLS, True),
        (190, TimeInForce.CLS, False),
        (99, TimeInForce.DAY, False),
        (100, TimeInForce.DAY, True),
        (199, TimeInForce.IOC, True),
        (200, TimeInForce.IOC, False),
    ],
)
def test_each_time_in_force_has_its_hours(at_ns: int, life: TimeInForce, is_taken: object) -> None:
    assert (why(at_ns, time_in_force=life) == "") is is_taken


def test_strange_symbols_contradictions_and_lateness_are_refused_in_words() -> None:
    assert why(150, symbol="MSFT") == "symbol MSFT is not AAPL"
    assert why(150, shares=-1) == "shares were -1, expected a positive number"
    late = why(150, time_in_force=TimeInForce.GTD, expires_ns=150)
    assert late == "it expired at 150, before it came at 150"
    assert [side_word(side) for side in Side] == ["buy", "sell", "sell short"]
