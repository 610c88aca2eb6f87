"""Which line of a statement and which movement of the books are one.

In passes, each over what the ones before it left: the same reference, then the same content, then content that parts in
one thing (the day, the price, the quantity, the sign, the symbol, the currency). Within a pass the nearest is taken, in
the order of the statement, so that the same two sides always match alike. What parts is then a break with a cause,
instead of something missing on both sides.

Where both sides use the same references, two trades with different ones are never one; of anything else each side has
ids of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from nodes.vocabulary.statements import OF_SHARES, TRADES, ZERO, Movement, MovementKind, Terms

Key: TypeAlias = tuple[object, ...] | None
"""What two movements of a pass share; None of a movement that the pass is not about."""


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of two sides, by place in each.

    Attributes:
        pairs: statement and books.
        stated_only: lines of the statement without a counterpart.
        booked_only: movements of the books without one.
    """

    pairs: tuple[tuple[int, int], ...]
    stated_only: tuple[int, ...]
    booked_only: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Pass:
    """One way to match: a key of either side, and how far two of one key are apart; None when they are not one."""

    stated_key: Callable[[Movement], Key]
    booked_key: Callable[[Movement], Key]
    distance: Callable[[Movement, Movement, Terms], Decimal | None]


def matched(stated: Sequence[Movement], booked: Sequence[Movement], terms: Terms) -> Matching:
    """The two sides, matched."""
    left, right = dict(enumerate(stated)), dict(enumerate(booked))
    pairs: list[tuple[int, int]] = []
    for each in _PASSES:
        found = _passed(each, left, right, terms)
        for stated_place, booked_place in found:
            del left[stated_place], right[booked_place]
        pairs += found
    return Matching(tuple(sorted(pairs)), tuple(left), tuple(right))


def parted(movements: Sequence[Movement]) -> tuple[tuple[Movement, ...], tuple[Movement, ...]]:
    """Movements, and those among them that repeat the reference of an earlier one."""
    seen: set[tuple[MovementKind, str]] = set()
    first: list[Movement] = []
    again: list[Movement] = []
    for movement in movements:
        name = (movement.kind, movement.reference)
        (again if movement.reference and name in seen else first).append(movement)
        seen.add(name)
    return tuple(first), tuple(again)


def content(movement: Movement) -> Movement:
    """What a movement says, wherever it stood."""
    return replace(movement, place="")


def _passed(each: _Pass, left: dict[int, Movement], right: dict[int, Movement], terms: Terms) -> list[tuple[int, int]]:
    buckets: dict[Key, dict[int, Movement]] = {}
    for place, movement in right.items():
        key = each.booked_key(movement)
        if key is not None:
            buckets.setdefault(key, {})[place] = movement
    found = []
    for place, movement in left.items():
        bucket = buckets.get(each.stated_key(movement)) or {}
        nearest = _nearest(each, movement, bucket.items(), terms)
        if nearest is not None:
            found.append((place, nearest))
            del bucket[nearest]
    return found


def _nearest(each: _Pass, stated: Movement, bucket: Iterable[tuple[int, Movement]], terms: Terms) -> int | None:
    apart = terms.form.shares_references and stated.reference and stated.kind is MovementKind.TRADE
    found: tuple[Decimal, int] | None = None
    for place, booked in bucket:
        if apart and booked.reference and booked.reference != stated.reference:
            continue
        distance = each.distance(stated, booked, terms)
        if distance is not None and (found is None or (distance, place) < found):
            found = distance, place
    return None if found is None else found[1]


def _same(_stated: Movement, _booked: Movement, _terms: Terms) -> Decimal | None:
    return ZERO


def _days(stated: Movement, booked: Movement, terms: Terms) -> Decimal | None:
    days = abs((stated.on - booked.on).days)
    return Decimal(days) if days <= terms.tolerances.timing_days else None


def _price_distance(stated: Movement, booked: Movement, terms: Terms) -> Decimal | None:
    if stated.price is None or booked.price is None:
        return ZERO
    apart = abs(stated.price - booked.price)
    return apart if apart <= terms.tolerances.near_frac * abs(booked.price) else None


def _size_distance(stated: Movement, booked: Movement, _terms: Terms) -> Decimal | None:
    return abs((_size(stated) or ZERO) - (_size(booked) or ZERO))


def _size(movement: Movement) -> Decimal | None:
    """What tells movements of its kind apart: quantity or amount."""
    return movement.quantity if movement.kind in OF_SHARES else movement.amount


def _symbol(movement: Movement) -> str:
    """The symbol where it tells movements apart: of a charge, many brokers name none."""
    return movement.symbol if movement.kind in OF_SHARES or movement.kind is MovementKind.DIVIDEND else ""


def _reference(movement: Movement) -> Key:
    return (movement.kind, movement.reference) if movement.reference else None


def _whole(movement: Movement) -> Key:
    return (*_told(movement), movement.on, _symbol(movement), movement.fee, movement.amount, movement.order)


def _told(movement: Movement) -> tuple[object, ...]:
    """Kind, currency, size and price."""
    price = movement.price if movement.kind in TRADES else None
    return (movement.kind, movement.currency, _size(movement), price)


def _exact(movement: Movement) -> Key:
    return (*_told(movement), movement.on, _symbol(movement))


def _any_day(movement: Movement) -> Key:
    return (*_told(movement), _symbol(movement))


def _any_price(movement: Movement) -> Key:
    if movement.kind not in TRADES:
        return None
    return (movement.kind, movement.currency, movement.on, _symbol(movement), movement.quantity)


def _any_size(movement: Movement) -> Key:
    size = _size(movement)
    price = movement.price if movement.kind in TRADES else None
    return (movement.kind, movement.currency, movement.on, _symbol(movement), price, None if size is None else size > 0)


def _turned(movement: Movement) -> Key:
    size = _size(movement)
    if not size:
        return None
    price = movement.price if movement.kind in TRADES else None
    return (movement.kind, movement.currency, -size, price, movement.on, _symbol(movement))


def _signed(movement: Movement) -> Key:
    return (movement.kind, movement.currency, _size(movement), *_told(movement)[3:], movement.on, _symbol(movement))


def _any_symbol(movement: Movement) -> Key:
    is_told = movement.price is not None or movement.kind not in TRADES
    return (*_told(movement), movement.on) if is_told else None


def _any_currency(movement: Movement) -> Key:
    return (movement.kind, _size(movement), movement.price, movement.on, _symbol(movement))


_PASSES = (
    _Pass(_reference, _reference, _same),
    _Pass(_whole, _whole, _same),
    _Pass(_exact, _exact, _same),
    _Pass(_any_day, _any_day, _days),
    _Pass(_any_price, _any_price, _price_distance),
    _Pass(_any_size, _any_size, _size_distance),
    _Pass(_turned, _signed, _same),
    _Pass(_any_symbol, _any_symbol, _same),
    _Pass(_any_currency, _any_currency, _same),
)
