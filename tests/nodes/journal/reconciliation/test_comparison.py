"""Reconciliation of whole statements: what was planted is found with its cause, and nothing else."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.journal.reconciliation.comparison import reconciliation
from nodes.vocabulary.statements import Break, Cause, Form, Grouping, Movement, MovementKind, Statement, Terms
from tests.nodes.journal.reconciliation.planted import KNOWN, SINCE, UNTIL, movements, planted, statement

TERMS = Terms(known_symbols=KNOWN)
SHARED = Terms(form=Form(shares_references=True), known_symbols=KNOWN)


def _place(found: Break) -> str:
    movement = found.booked or found.stated
    return "" if movement is None else movement.place


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), n_breaks=st.integers(0, 14), has_references=st.booleans())
def test_every_planted_break_is_found_with_its_cause_and_nothing_else(
    seed: int, n_breaks: int, *, has_references: bool
) -> None:
    """JRN-01: every planted break found; the difference of shares and cash is theirs to the last digit."""
    chance = random.Random(seed)
    told, kept, expected = planted(chance, movements(chance, 24, has_references=has_references), n_breaks)
    chance.shuffle(told)
    terms = SHARED if has_references else TERMS
    found = reconciliation(statement(told), statement(kept), terms)
    assert Counter((each.cause, _place(each)) for each in found.breaks) == Counter(
        (each.cause, each.place) for each in expected
    )
    assert all(not line.unexplained for line in (*(found.positions or ()), *(found.balances or ())))
    assert found.is_clean == (not expected)


@settings(max_examples=25)
@given(
    st.integers(0, 2**32),
    st.builds(
        Form,
        grouping=st.sampled_from(Grouping),
        fees_are_apart=st.booleans(),
        price_decimals=st.sampled_from([None, 2, 4]),
        amount_decimals=st.just(2),
    ),
)
def test_a_statement_in_another_form_is_no_break(seed: int, form: Form) -> None:
    """JRN-01: grouped lines, fees of their own and rounded prices tell the same facts."""
    chance = random.Random(seed)
    booked = movements(chance, 24, has_references=False)
    told = _in_another_form(booked, form)
    found = reconciliation(statement(told), statement(booked), Terms(form=form, known_symbols=KNOWN))
    assert {each.cause for each in found.breaks} <= {Cause.ROUNDING}
    assert all(not line.unexplained for line in (*(found.positions or ()), *(found.balances or ())))


def _in_another_form(booked: tuple[Movement, ...], form: Form) -> list[Movement]:
    """The same by other means than the code under test: sums by day in plain loops."""
    trades = [each for each in booked if each.kind is MovementKind.TRADE]
    others = [each for each in booked if each.kind is not MovementKind.TRADE]
    groups: dict[object, list[Movement]] = {}
    for number, each in enumerate(trades):
        is_day = form.grouping is Grouping.DAY
        groups.setdefault((each.on, each.symbol, (each.quantity or 0) > 0) if is_day else number, []).append(each)
    lines = []
    for group in groups.values():
        quantity = sum((each.quantity or Decimal(0)) for each in group)
        value = sum((each.quantity or Decimal(0)) * (each.price or Decimal(0)) for each in group)
        fee = sum((each.fee or Decimal(0)) for each in group)
        price = _rounded(Decimal(value / quantity), form.price_decimals)
        amount = _rounded(Decimal(-value if form.fees_are_apart else -value - fee), 2)
        told_fee = None if form.fees_are_apart else Decimal(fee)
        lines.append(replace(group[0], quantity=Decimal(quantity), price=price, fee=told_fee, amount=amount))
    fees: dict[object, Decimal] = {}
    if form.fees_are_apart:
        for each in trades:
            fees[each.on] = fees.get(each.on, Decimal(0)) + (each.fee or 0)
    charges = [Movement(MovementKind.FEE, on, amount=-fee) for on, fee in fees.items()]  # type: ignore[arg-type]
    plain = [_as_printed(each, form) for each in others]
    return [*lines, *plain, *charges]


def _as_printed(movement: Movement, form: Form) -> Movement:
    return replace(movement, amount=_rounded(movement.amount, 2), price=_rounded(movement.price, form.price_decimals))


def _rounded(value: Decimal | None, decimals: int | None) -> Decimal | None:
    if value is None or decimals is None:
        return value
    scaled = abs(value).scaleb(decimals) + Decimal("0.5")
    return (scaled // 1).scaleb(-decimals).copy_sign(value)


def _trade(**changed: object) -> Movement:
    plain = Movement(
        MovementKind.TRADE, SINCE, "AAPL", Decimal(100), Decimal("10.00"), Decimal("1.00"), Decimal(-1001), place="1"
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def _causes(stated: Statement, booked: Statement, terms: Terms = TERMS) -> list[Cause]:
    return [each.cause for each in reconciliation(stated, booked, terms).breaks]


def test_a_trade_that_the_books_have_a_day_after_the_end_is_timing_and_explains_the_position() -> None:
    told = _trade(on=UNTIL)
    late = _trade(on=UNTIL + timedelta(days=1))
    booked = replace(statement([]), movements=(late,))
    found = reconciliation(statement([told]), booked, TERMS)
    assert [each.cause for each in found.breaks] == [Cause.TIMING]
    assert found.breaks[0].shares == (("AAPL", Decimal(100)),)
    assert found.breaks[0].cash == (("USD", Decimal(-1001)),)


def test_what_the_books_have_outside_of_the_days_of_a_statement_is_no_break() -> None:
    booked = replace(statement([]), movements=(_trade(on=UNTIL + timedelta(days=2)),))
    found = reconciliation(statement([]), booked, TERMS)
    assert (found.is_clean, found.n_booked) == (True, 0)


def test_positions_in_a_simple_ratio_are_a_split_that_nobody_booked() -> None:
    booked = replace(statement([]), positions=(("AAPL", Decimal(100)),))
    stated = replace(booked, positions=(("AAPL", Decimal(700)),))
    assert _causes(stated, booked) == [Cause.MISSING_SPLIT]


@pytest.mark.parametrize(
    ("positions", "cause"),
    [
        ((("AAPL", Decimal(101)),), Cause.POSITION),
        ((("AAPL", Decimal(-100)),), Cause.POSITION),
        ((("AAPL", Decimal(100)), ("ZZZ", Decimal(5))), Cause.UNKNOWN_SYMBOL),
        ((), Cause.POSITION),
    ],
)
def test_positions_that_nothing_explains_are_breaks(positions: tuple[tuple[str, Decimal], ...], cause: Cause) -> None:
    booked = replace(statement([]), positions=(("AAPL", Decimal(100)),))
    assert _causes(replace(booked, positions=positions), booked) == [cause]


def test_cash_that_nothing_explains_is_a_break() -> None:
    stated = replace(statement([]), balances=(("EUR", Decimal(1_000_000)), ("USD", Decimal("1000000.01"))))
    found = reconciliation(stated, statement([]), TERMS)
    assert [(each.cause, each.cash) for each in found.breaks] == [(Cause.CASH_ONLY, (("USD", Decimal("0.01")),))]


def test_what_a_statement_does_not_tell_is_not_compared() -> None:
    stated = replace(statement([]), positions=None, balances=None)
    found = reconciliation(stated, statement([]), TERMS)
    assert (found.is_clean, found.positions, found.balances) == (True, None, None)


def test_a_line_printed_twice_that_the_balance_counts_once_explains_nothing() -> None:
    twice = replace(statement([_trade()]), movements=(_trade(), _trade(place="2")))
    found = reconciliation(twice, statement([_trade()]), TERMS)
    assert [(each.cause, each.shares, each.cash) for each in found.breaks] == [(Cause.DUPLICATE, (), ())]


def test_a_fill_that_the_books_have_twice_is_a_double_booking() -> None:
    booked = statement([_trade(), _trade(place="2")])
    found = reconciliation(statement([_trade()]), booked, TERMS)
    assert [(each.cause, each.shares) for each in found.breaks] == [(Cause.DOUBLE_BOOKING, (("AAPL", Decimal(-100)),))]


def test_prices_that_are_far_apart_are_two_trades() -> None:
    stated, booked = statement([_trade(price=Decimal(20), amount=Decimal(-2001))]), statement([_trade()])
    assert sorted(each.value for each in _causes(stated, booked)) == ["missing-fill", "unconfirmed"]


def test_trades_of_different_executions_are_never_one_where_both_sides_share_references() -> None:
    stated, booked = statement([_trade(reference="a")]), statement([_trade(reference="b")])
    assert sorted(each.value for each in _causes(stated, booked, SHARED)) == ["missing-fill", "unconfirmed"]
    assert _causes(stated, booked) == []


def test_a_pair_that_parts_in_several_things_has_a_break_of_each() -> None:
    told = _trade(reference="a", price=Decimal("10.50"), fee=Decimal("1.25"), amount=Decimal("-1051.25"))
    found = reconciliation(statement([told]), statement([_trade(reference="a")]), SHARED)
    assert [(each.cause, each.cash) for each in found.breaks] == [
        (Cause.WRONG_FEE, (("USD", Decimal("-0.25")),)),
        (Cause.WRONG_PRICE, (("USD", Decimal("-50.00")),)),
    ]


def test_a_dividend_converted_at_another_rate_is_a_wrong_rate() -> None:
    paid = Movement(MovementKind.DIVIDEND, SINCE, "AAPL", amount=Decimal("11.00"), fx_rate=Decimal("1.10"))
    booked = replace(paid, amount=Decimal("11.10"), fx_rate=Decimal("1.11"))
    found = reconciliation(statement([paid]), statement([booked]), TERMS)
    assert [(each.cause, each.cash, each.detail) for each in found.breaks] == [
        (Cause.WRONG_RATE, (("USD", Decimal("-0.10")),), ("1.10", "1.11"))
    ]


def test_an_amount_in_another_currency_is_a_wrong_rate() -> None:
    paid = Movement(MovementKind.DIVIDEND, SINCE, "AAPL", amount=Decimal("11.00"))
    found = reconciliation(statement([replace(paid, currency="EUR")]), statement([paid]), TERMS)
    assert [(each.cause, each.cash) for each in found.breaks] == [
        (Cause.WRONG_RATE, (("EUR", Decimal("11.00")), ("USD", Decimal("-11.00"))))
    ]


def test_tolerances_of_the_policy_let_small_differences_pass() -> None:
    tolerances = replace(TERMS.tolerances, price=Decimal("0.01"), amount=Decimal("1.00"))
    told = _trade(price=Decimal("10.01"), amount=Decimal("-1002.00"))
    stated = replace(statement([told]), balances=None)
    assert _causes(stated, statement([_trade()]), replace(TERMS, tolerances=tolerances)) == []
    assert _causes(stated, statement([_trade()])) == [Cause.WRONG_PRICE]
