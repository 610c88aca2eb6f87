"""Lots that become others without a trade: splits, spin-offs and mergers. The whole cost is kept or realised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from nodes.journal.ledger.lots import cost_of, scaled, spread, units_of, with_cost
from nodes.vocabulary.bookings import Merged, Renamed, SplitDone, SpunOff
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import JournalKind, Lot

_ZERO = Decimal(0)
_MILLIONTH = Decimal("0.000001")


class Reshaping(NamedTuple):
    """What becomes of the lots of a symbol.

    Attributes:
        kind: of the entry.
        text: what happened, in words.
        kept: lots of the symbol after it.
        new: lots of another symbol that come.
        gain: what it realised.
        cash: what it paid.
        currency: of gain and cash.
    """

    kind: JournalKind
    text: str
    kept: tuple[Lot, ...]
    new: tuple[Lot, ...]
    gain: Decimal
    cash: Decimal
    currency: str


def reshaped(booking: SplitDone | SpunOff | Merged | Renamed, lots: Sequence[Lot]) -> Reshaping:
    """What an event makes of the lots of its symbol. Raises DataError where it states no ratio or no fraction."""
    match booking:
        case SplitDone():
            return _split(booking, lots)
        case SpunOff():
            return _spun_off(booking, lots)
        case Merged():
            return _merged(booking, lots)
        case Renamed():
            text = f"{booking.symbol} is {booking.new_symbol}"
            new = tuple(replace(lot, symbol=booking.new_symbol) for lot in lots)
            currency = lots[0].cost.currency if lots else ""
            return Reshaping(JournalKind.SYMBOL_CHANGE, text, (), new, _ZERO, _ZERO, currency)


def _split(booking: SplitDone, lots: Sequence[Lot]) -> Reshaping:
    if booking.new_units <= 0 or booking.old_units <= 0:
        message = f"split of {booking.symbol} into {booking.new_units} for {booking.old_units} is none"
        raise DataError(f"{message}; state two positive whole numbers")
    text = f"{booking.new_units} {booking.symbol} for {booking.old_units}"
    quantity, costs = _split_units(booking, units_of(lots)), [lot.total_cost for lot in lots]
    gone = _broken_cost(booking, lots, quantity)
    parts = spread(gone, costs, _MILLIONTH) if gone else [_ZERO] * len(lots)
    left = [cost - part for cost, part in zip(costs, parts, strict=True)]
    kept = scaled(lots, quantity, left, booking.symbol) if quantity else ()
    return Reshaping(JournalKind.SPLIT, text, kept, (), booking.cash - gone, booking.cash, booking.currency)


def _split_units(booking: SplitDone, held: Decimal) -> Decimal:
    """Units after a split: whole ones where whole ones were held, the broken one cut off."""
    units = held * booking.new_units / booking.old_units
    return Decimal(int(units)) if held == int(held) else units.quantize(_MILLIONTH, ROUND_DOWN)


def _broken_cost(booking: SplitDone, lots: Sequence[Lot], quantity: Decimal) -> Decimal:
    """What the units that are cut off cost: their part of the whole where cash was paid for them, else nothing.

    Cash for a broken unit is the price of its sale. Source: Internal Revenue Service, Revenue Ruling 66-365.
    """
    if not quantity:
        return cost_of(lots)
    whole = units_of(lots) * booking.new_units
    broken = whole - quantity * booking.old_units
    return (cost_of(lots) * broken / whole).quantize(_MILLIONTH, ROUND_HALF_EVEN) if booking.cash else _ZERO


def _spun_off(booking: SpunOff, lots: Sequence[Lot]) -> Reshaping:
    _require_frac(booking.symbol, booking.cost_frac)
    _require_units(booking, lots)
    text = f"{booking.quantity} {booking.new_symbol} of {booking.symbol}"
    frac = booking.cost_frac if booking.quantity else _ZERO
    moved = [(lot.total_cost * frac).quantize(_MILLIONTH) for lot in lots]
    pairs = zip(lots, moved, strict=True)
    kept = tuple(part for lot, cost in pairs for part in with_cost(lot, lot.quantity, lot.total_cost - cost))
    new = scaled(lots, booking.quantity, moved, booking.new_symbol) if lots and booking.quantity else ()
    return Reshaping(JournalKind.SPIN_OFF, text, kept, new, booking.cash, booking.cash, booking.currency)


def _merged(booking: Merged, lots: Sequence[Lot]) -> Reshaping:
    _require_frac(booking.symbol, booking.cash_cost_frac)
    _require_units(booking, lots)
    for_units = booking.quantity and lots
    paid = [_cash_cost(lot, booking.cash_cost_frac) if for_units else lot.total_cost for lot in lots]
    left = [lot.total_cost - cost for lot, cost in zip(lots, paid, strict=True)]
    new = scaled(lots, booking.quantity, left, booking.new_symbol) if for_units else ()
    gain = booking.cash - sum(paid, _ZERO)
    text = f"{booking.symbol} for {_merged_text(booking)}"
    return Reshaping(booking.kind, text, (), new, gain, booking.cash, booking.currency)


def _cash_cost(lot: Lot, frac: Decimal) -> Decimal:
    return lot.total_cost if frac == 1 else (lot.total_cost * frac).quantize(_MILLIONTH)


def _require_frac(symbol: str, frac: Decimal) -> None:
    if not 0 <= frac <= 1:
        message = f"{frac} of the cost of {symbol} cannot go along; state a fraction from 0 to 1"
        raise DataError(message)


def _require_units(booking: SpunOff | Merged, lots: Sequence[Lot]) -> None:
    """Raises DataError for units without a name, or of another sign than those that they come for."""
    held = units_of(lots)
    if booking.quantity * held < 0 or (booking.quantity and not booking.new_symbol):
        message = f"{booking.quantity} {booking.new_symbol or 'of no symbol'} cannot come for {held} {booking.symbol}"
        raise DataError(f"{message}; name a symbol, and units of the sign that is held")


def _merged_text(booking: Merged) -> str:
    units = f"{booking.quantity} {booking.new_symbol}" if booking.quantity else ""
    cash = f"{booking.cash} {booking.currency}" if booking.cash or not units else ""
    return " and ".join(part for part in (units, cash) if part)
