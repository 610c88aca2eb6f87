"""The word that the log takes of how a broker says that an order stands."""

from __future__ import annotations

import pytest

from adapters.brokers.standing import Standing, never_came, shown, word
from nodes.vocabulary.executions import ExecType, OrdStatus


@pytest.mark.parametrize(
    ("status", "exec_type", "ord_status", "leaves"),
    [
        (OrdStatus.NEW, ExecType.NEW, OrdStatus.NEW, 60),
        (OrdStatus.PENDING_NEW, ExecType.NEW, OrdStatus.NEW, 60),
        (OrdStatus.PARTIALLY_FILLED, ExecType.NEW, OrdStatus.NEW, 60),
        (OrdStatus.PENDING_CANCEL, ExecType.NEW, OrdStatus.NEW, 60),
        (OrdStatus.FILLED, ExecType.NEW, OrdStatus.FILLED, 0),
        (OrdStatus.CANCELED, ExecType.CANCELED, OrdStatus.CANCELED, 0),
        (OrdStatus.REPLACED, ExecType.CANCELED, OrdStatus.CANCELED, 0),
        (OrdStatus.EXPIRED, ExecType.CANCELED, OrdStatus.CANCELED, 0),
        (OrdStatus.REJECTED, ExecType.REJECTED, OrdStatus.REJECTED, 0),
    ],
)
def test_every_status_has_its_word(status: OrdStatus, exec_type: ExecType, ord_status: OrdStatus, leaves: int) -> None:
    found = word(Standing("A", status, 40, 60))
    assert (found.exec_type, found.ord_status, found.leaves_shares, found.cum_shares) == (
        exec_type,
        ord_status,
        leaves,
        40,
    )


def test_an_order_that_expired_or_never_came_says_so() -> None:
    assert word(Standing("A", OrdStatus.EXPIRED)).text == "it expired"
    assert never_came("A").text == "it had not reached the broker"


@pytest.mark.parametrize(
    ("said", "expected"),
    [("a\tb\n c\x01", "a b c"), ("x" * 200, "x" * 128), ("  ", ""), ("no such\x85limit", "no such limit")],
)
def test_a_brokers_words_are_shown_in_one_line(said: str, expected: str) -> None:
    assert shown(said) == expected
