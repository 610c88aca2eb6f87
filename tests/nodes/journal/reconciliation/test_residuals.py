"""Positions and balances against what breaks explain of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from nodes.journal.reconciliation.residuals import residuals
from nodes.vocabulary.statements import Break, Cause, Side, Statement, Terms, Tolerances

ON = date(2013, 1, 7)
TERMS = Terms(known_symbols=frozenset({"AAPL"}))


def _statement(shares: int, cash: str) -> Statement:
    return Statement("demo", ON, ON, (), (("AAPL", Decimal(shares)),), (("USD", Decimal(cash)),))


def _break(cause: Cause, shares: int, cash: str) -> Break:
    return Break(
        cause,
        ON,
        "AAPL",
        "USD",
        shares=(("AAPL", Decimal(shares)),),
        cash=(("USD", Decimal(cash)),),
        side=Side.STATEMENT,
    )


def test_what_breaks_explain_is_no_break_again() -> None:
    fill = _break(Cause.MISSING_FILL, 100, "-1001.00")
    found = residuals(_statement(200, "99.00"), _statement(100, "1100.00"), [fill], (), TERMS)
    assert found.breaks == (fill,)
    assert found.positions is not None
    assert [(line.explained, line.unexplained) for line in found.positions] == [(Decimal(100), Decimal(0))]


def test_rounding_is_a_break_of_its_own_unless_it_is_tolerated() -> None:
    rounding = (("USD", Decimal("0.02")),)
    stated, booked = _statement(100, "1100.02"), _statement(100, "1100.00")
    assert [each.cause for each in residuals(stated, booked, [], rounding, TERMS).breaks] == [Cause.ROUNDING]
    tolerant = Terms(tolerances=Tolerances(amount=Decimal("0.02")), known_symbols=TERMS.known_symbols)
    assert residuals(stated, booked, [], rounding, tolerant).breaks == ()


def test_a_duplicate_counts_where_position_and_balance_count_it() -> None:
    twice = _break(Cause.DUPLICATE, 100, "-1001.00")
    counted = residuals(_statement(200, "99.00"), _statement(100, "1100.00"), [twice], (), TERMS)
    assert counted.breaks == (twice,)
    printed = residuals(_statement(100, "1100.00"), _statement(100, "1100.00"), [twice], (), TERMS)
    assert [(each.cause, each.shares, each.cash) for each in printed.breaks] == [(Cause.DUPLICATE, (), ())]
