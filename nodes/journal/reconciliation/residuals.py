"""Positions and balances at a statement's end, held against the books and what the breaks of movements explain.

What is left is a break of its own: shares in a simple ratio to those of the books are a split that nobody booked,
other shares and cash came from nowhere that a movement tells. A line that a statement prints twice but counts once in
its position or balance is a duplicate in print: it then explains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from nodes.journal.reconciliation.causes import amounts
from nodes.vocabulary.statements import ZERO, Amounts, Break, Cause, Line, Statement, Terms

_MOST_PARTS = 50
"""A ratio with a larger part than this is no split that anybody declared."""


@dataclass(frozen=True, slots=True)
class Residuals:
    """The breaks with those of positions and balances, and the lines that show them."""

    breaks: tuple[Break, ...]
    positions: tuple[Line, ...] | None
    balances: tuple[Line, ...] | None


def residuals(
    stated: Statement, booked: Statement, breaks: Sequence[Break], rounding: Amounts, terms: Terms
) -> Residuals:
    """The breaks of movements, and what of positions and balances they leave unexplained.

    `rounding` is what rounding and tolerances made of the cash of matched movements, by currency.
    """
    found = [*breaks, *_roundings(rounding, stated, terms)]
    found = _without_print(found, stated, booked)
    positions = _lines(stated.positions, booked.positions, [each.shares for each in found])
    balances = _lines(stated.balances, booked.balances, [each.cash for each in found])
    more = [
        _position_break(line, stated, terms) for line in positions or () if _is_off(line, terms.tolerances.quantity)
    ]
    more += [_cash_break(line, stated) for line in balances or () if _is_off(line, terms.tolerances.amount)]
    return Residuals((*found, *more), positions, balances)


def _is_off(line: Line, tolerance: Decimal) -> bool:
    return abs(line.unexplained) > tolerance


def _roundings(rounding: Amounts, stated: Statement, terms: Terms) -> Iterable[Break]:
    for currency, amount in rounding:
        if abs(amount) > terms.tolerances.amount:
            yield Break(Cause.ROUNDING, stated.until, "", currency, cash=((currency, amount),))


def _lines(stated: Amounts | None, booked: Amounts | None, explained: Iterable[Amounts]) -> tuple[Line, ...] | None:
    if stated is None or booked is None:
        return None
    told, held = dict(stated), dict(booked)
    moved = dict(amounts(part for parts in explained for part in parts))
    names = sorted(told.keys() | held.keys() | moved.keys())
    return tuple(Line(name, told.get(name, ZERO), held.get(name, ZERO), moved.get(name, ZERO)) for name in names)


def _position_break(line: Line, stated: Statement, terms: Terms) -> Break:
    cause = Cause.POSITION
    if line.name not in terms.known_symbols:
        cause = Cause.UNKNOWN_SYMBOL
    elif _is_split(line):
        cause = Cause.MISSING_SPLIT
    return Break(
        cause=cause,
        on=stated.until,
        symbol=line.name,
        currency="",
        shares=((line.name, line.unexplained),),
        detail=(f"{line.stated:f}", f"{line.booked:f}"),
    )


def _is_split(line: Line) -> bool:
    """Whether the shares stated are those of the books in a ratio of small whole numbers."""
    held = line.booked + line.explained
    if not held or line.stated / held <= 0:
        return False
    ratio = Fraction(line.stated) / Fraction(held)
    return max(ratio.numerator, ratio.denominator) <= _MOST_PARTS


def _cash_break(line: Line, stated: Statement) -> Break:
    return Break(
        cause=Cause.CASH_ONLY,
        on=stated.until,
        symbol="",
        currency=line.name,
        cash=((line.name, line.unexplained),),
        detail=(f"{line.stated:f}", f"{line.booked:f}"),
    )


def _without_print(breaks: list[Break], stated: Statement, booked: Statement) -> list[Break]:
    """The breaks, those duplicates of the statement without effect that its own positions and balances do not count."""
    duplicates = [each for each in breaks if each.cause is Cause.DUPLICATE]
    if not duplicates:
        return breaks
    uncounted_shares = _uncounted(
        _lines(stated.positions, booked.positions, [each.shares for each in breaks]),
        amounts(part for each in duplicates for part in each.shares),
    )
    uncounted_cash = _uncounted(
        _lines(stated.balances, booked.balances, [each.cash for each in breaks]),
        amounts(part for each in duplicates for part in each.cash),
    )
    return [
        replace(
            each,
            shares=tuple(part for part in each.shares if part[0] not in uncounted_shares),
            cash=tuple(part for part in each.cash if part[0] not in uncounted_cash),
        )
        if each.cause is Cause.DUPLICATE
        else each
        for each in breaks
    ]


def _uncounted(lines: tuple[Line, ...] | None, printed: Amounts) -> frozenset[str]:
    """Names of which exactly what duplicates print is left unexplained."""
    sums = dict(printed)
    off = [line for line in lines or () if line.unexplained]
    return frozenset(line.name for line in off if line.unexplained == -sums.get(line.name, ZERO))
