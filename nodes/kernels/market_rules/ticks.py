"""Tick sizes under rule 612 of Regulation NMS: the smallest step of a price, and who may use the half cent.

A price is quoted in whole cents from one dollar on and in hundredths of a cent under it. As amended, a share whose time
weighted quoted spread over an evaluation period was narrow is quoted in half cents. All numbers of the rule are terms;
`policies.rulebook` says which were in force when.

Prices are in 1/10,000 USD. Source of all: 17 CFR 242.612; amendment 89 FR 81620.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from nodes.vocabulary.errors import DataError

_E4_PER_USD = 10_000
_ASSIGNED_IN_MAY, _ASSIGNED_IN_NOVEMBER = 5, 11
_FIRST_QUARTER_ENDS, _THIRD_QUARTER = (3, 31), ((7, 1), (9, 30))


class TickClass(Enum):
    """Which step a share has from one dollar on.

    CENT: the usual one. HALF_CENT: its quoted spread was narrow. PILOT: it was in a test group of the tick size pilot.
    """

    CENT = "cent"
    HALF_CENT = "half-cent"
    PILOT = "pilot"


@dataclass(frozen=True, slots=True)
class TickTerms:
    """The numbers of the rule.

    Attributes:
        cent_e4: step from the threshold on.
        fine_e4: step under the threshold.
        threshold_e4: the price from which on the wider step applies.
        half_cent_e4: step of shares with a narrow spread; None while the rule knew none.
        max_narrow_spread_e4: the widest time weighted quoted spread that is narrow; None likewise.
        pilot_e4: step of the pilot's test groups; None outside the pilot.
    """

    cent_e4: int
    fine_e4: int
    threshold_e4: int
    half_cent_e4: int | None
    max_narrow_spread_e4: int | None
    pilot_e4: int | None


def tick_e4(price_e4: int | Decimal, terms: TickTerms, tick_class: TickClass = TickClass.CENT) -> int:
    """The smallest step of a price.

    Formula: fine under the threshold, else the step of the share's class; a class that the terms do not know is CENT
    Unit: 1/10,000 USD. Missing: never.
    Source: 17 CFR 242.612(a) before the amendment, (b)(2) and (c) after it.
    """
    if price_e4 < terms.threshold_e4:
        return terms.fine_e4
    if tick_class is TickClass.HALF_CENT and terms.half_cent_e4 is not None:
        return terms.half_cent_e4
    if tick_class is TickClass.PILOT and terms.pilot_e4 is not None:
        return terms.pilot_e4
    return terms.cent_e4


def is_on_tick(price_e4: int, terms: TickTerms, tick_class: TickClass = TickClass.CENT) -> bool:
    """Whether an order may be priced so: positive and a whole number of steps."""
    return price_e4 > 0 and price_e4 % tick_e4(price_e4, terms, tick_class) == 0


def price_on_tick_e4(price_e4: int, sign: int, terms: TickTerms, tick_class: TickClass = TickClass.CENT) -> int:
    """The limit on the tick that is no looser than a price: down for a purchase (sign 1), up for a sale (sign -1)."""
    step = tick_e4(price_e4, terms, tick_class)
    return price_e4 // step * step if sign > 0 else -(-price_e4 // step) * step


@dataclass(frozen=True, slots=True)
class QuotedSpread:
    """A quoted spread gathered over time; spreads of several sessions are added up.

    Attributes:
        spread_e4_ns: integral of offer minus bid over time.
        quoted_ns: how long there were both.
    """

    spread_e4_ns: int
    quoted_ns: int

    def __add__(self, other: QuotedSpread) -> QuotedSpread:
        return QuotedSpread(self.spread_e4_ns + other.spread_e4_ns, self.quoted_ns + other.quoted_ns)

    @property
    def mean_e4(self) -> Fraction | None:
        """The time weighted average quoted spread, exactly; None when there was never both a bid and an offer."""
        return Fraction(self.spread_e4_ns, self.quoted_ns) if self.quoted_ns else None


NO_SPREAD = QuotedSpread(0, 0)


def quoted_spread(quotes: Iterable[tuple[int, int | None, int | None]], opens_ns: int, closes_ns: int) -> QuotedSpread:
    """The spread of one session's best quotes, each weighted by how long it stood during regular hours.

    Formula: sum of (ask - bid) * duration over the quotes that have both sides; a quote lasts until the next
    Unit: see QuotedSpread. Missing: time without a bid or an offer does not count; locked and crossed quotes do.
    Source: 17 CFR 242.612(a)(2).

    Args:
        quotes: rows of instant, bid and offer in the order of their instants.
        opens_ns: when regular hours begin.
        closes_ns: when they end.

    Raises:
        DataError: when an instant is earlier than the one before it.
    """
    area = lasted = 0
    since_ns, spread = opens_ns, None
    for at_ns, bid_e4, ask_e4 in quotes:
        until_ns = min(max(at_ns, opens_ns), closes_ns)
        if until_ns < since_ns:
            message = f"quote at {at_ns} ns comes after one at {since_ns} ns; sort the quotes by their instants"
            raise DataError(message)
        if spread is not None:
            area, lasted = area + spread * (until_ns - since_ns), lasted + until_ns - since_ns
        since_ns, spread = until_ns, None if bid_e4 is None or ask_e4 is None else ask_e4 - bid_e4
    if spread is not None:
        area, lasted = area + spread * (closes_ns - since_ns), lasted + closes_ns - since_ns
    return QuotedSpread(area, lasted)


def tick_class_of(spread: QuotedSpread, terms: TickTerms) -> TickClass:
    """The class that an evaluation period gives a share.

    Formula: HALF_CENT when mean spread <= max_narrow_spread_e4, else CENT
    Unit: class. Missing: CENT while nothing was measured, as for a new listing.
    Source: 17 CFR 242.612(b)(2).
    """
    if terms.max_narrow_spread_e4 is None or not spread.quoted_ns:
        return TickClass.CENT
    is_narrow = spread.spread_e4_ns <= terms.max_narrow_spread_e4 * spread.quoted_ns
    return TickClass.HALF_CENT if is_narrow else TickClass.CENT


def evaluation_period(session_on: date) -> tuple[date, date]:
    """The first and last day of the period whose spreads give the ticks of a session.

    Formula: January to March for sessions of May to October; July to September for those of November to April
    Unit: days. Missing: never.
    Source: 17 CFR 242.612(a)(1) and (b)(1): operative from the first business day of May, and of November.
    """
    if _ASSIGNED_IN_MAY <= session_on.month < _ASSIGNED_IN_NOVEMBER:
        return date(session_on.year, 1, 1), date(session_on.year, *_FIRST_QUARTER_ENDS)
    year = session_on.year if session_on.month >= _ASSIGNED_IN_NOVEMBER else session_on.year - 1
    first, last = _THIRD_QUARTER
    return date(year, *first), date(year, *last)
