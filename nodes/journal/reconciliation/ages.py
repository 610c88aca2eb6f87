"""The name of a break, by which it is known again the next day, and how old it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.statements import Break, Movement

_ID_DIGITS = 16


def break_ids(account_id: str, breaks: Sequence[Break]) -> tuple[str, ...]:
    """The names of breaks: what they say makes them, never where a file told it; of equal ones each has its own."""
    seen: Counter[bytes] = Counter()
    names = []
    for each in breaks:
        told = encode({"account_id": account_id, **_content(each)})
        seen[told] += 1
        names.append(f"brk-{digest('break', told, encode(seen[told])).hex()[:_ID_DIGITS]}")
    return tuple(names)


def _content(found: Break) -> dict[str, Any]:
    booked = None if found.booked is None else found.booked.place
    amounts = None if found.stated is not None or found.booked is not None else (found.shares, found.cash)
    return {
        "cause": found.cause.value,
        "on": found.on,
        "symbol": found.symbol,
        "currency": found.currency,
        "stated": _told(found.stated),
        "booked": booked,
        "amounts": amounts,
    }


def _told(movement: Movement | None) -> tuple[Any, ...] | None:
    """What a line says, apart from where it stood."""
    if movement is None:
        return None
    numbers = (movement.quantity, movement.price, movement.fee, movement.amount, movement.fx_rate)
    plain = tuple(None if number is None else number.normalize() for number in numbers)
    return (movement.kind.value, movement.on, movement.symbol, *plain, movement.currency, movement.reference)


def age_days(first_seen_on: date, today: date) -> int:
    """How many calendar days a break is old."""
    return max((today - first_seen_on).days, 0)


def age_class(days: int, bounds: Sequence[int]) -> str:
    """The class of an age: up to each of the bounds, in turn, or older than the last."""
    low = 0
    for bound in bounds:
        if days <= bound:
            return f"{low}-{bound}" if low != bound else f"{bound}"
        low = bound + 1
    return f"over {bounds[-1]}"
