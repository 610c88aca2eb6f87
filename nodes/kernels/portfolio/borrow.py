"""Borrowing shares to sell them short: what a locate leaves, what a borrow costs a day, and when a recall falls due.

Money is Decimal. A fee or an availability that is not known stays unknown; nothing is borrowed for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from itertools import pairwise

from nodes.vocabulary.errors import DataError

_CENT = Decimal("0.01")
_COLLATERAL = Decimal("1.02")
_DAYS_A_YEAR = Decimal(360)
_CYCLES = ((date(2024, 5, 28), 1), (date(2017, 9, 5), 2), (date(1995, 6, 7), 3))
"""Sessions from trade to settlement, from which day on: 17 CFR 240.15c6-1 as amended (88 FR 13872; 82 FR 15564)."""


@dataclass(frozen=True, slots=True)
class Loan:
    """Shares that are borrowed.

    Attributes:
        shares: positive.
        fee_frac: of a year; negative where the lender pays, as rebates over the interest rate do.
    """

    shares: int
    fee_frac: Decimal


def short_sale_shares(order_shares: int, position_shares: int) -> int:
    """Shares of a sale that are not held: those need a locate. A buy needs none.

    Formula: max(0, min(-order, -(position + order)))
    Source: 17 CFR 242.200(a), (b) (Regulation SHO).
    """
    return max(0, min(-order_shares, -(position_shares + order_shares)))


def collateral_usd(shares: int, price_usd: Decimal) -> Decimal:
    """What a lender is given for shares: 102 % of the price, rounded up to a whole dollar a share.

    Source: Interactive Brokers, Short Sale Cost, Industry Conventions; SEC Rule 15c3-3(b)(3) asks for 100 % or more.
    """
    if shares < 0 or not (price_usd.is_finite() and price_usd > 0):
        message = f"collateral of {shares} shares at {price_usd} USD is undefined"
        raise DataError(f"{message}; give shares of 0 or more and a positive price")
    return shares * (price_usd * _COLLATERAL).to_integral_value(ROUND_CEILING)


def borrow_fee_usd(loan: Loan, price_usd: Decimal, days: int) -> Decimal:
    """What a loan costs over some calendar days at one price, in cents; negative where the lender pays.

    Formula: collateral * fee_frac * days / 360
    Source: Interactive Brokers, Short Sale Cost: a year has 360 days, and every calendar day counts.
    """
    if days < 0:
        message = f"borrow fee over {days} days is undefined"
        raise DataError(f"{message}; count days forward")
    exact = collateral_usd(loan.shares, price_usd) * loan.fee_frac * days / _DAYS_A_YEAR
    return exact.quantize(_CENT, ROUND_HALF_EVEN)


def accrued_fees_usd(loans: Sequence[Loan], prices_usd: Sequence[Decimal], days_on: Sequence[date]) -> Decimal:
    """What loans cost from the first day to the last, each night at the newest close and fee before it.

    There is a loan and a close for each day but the last; a weekend counts its nights.
    """
    if not len(days_on) - 1 == len(loans) == len(prices_usd):
        message = f"{len(loans)} loans and {len(prices_usd)} prices for {len(days_on)} days"
        raise DataError(f"{message}; give a loan and a price for each day but the last")
    nights = [(after - before).days for before, after in pairwise(days_on)]
    fees = (borrow_fee_usd(loan, price, night) for loan, price, night in zip(loans, prices_usd, nights, strict=True))
    return sum(fees, Decimal(0))


def settlement_sessions(trade_on: date) -> int:
    """Sessions from a trade to its settlement, by the rule of its day.

    Raises DataError before 1995-06-07, when the Rule took effect.
    Source: 17 CFR 240.15c6-1(a): T+3, T+2 from 2017-09-05, T+1 from 2024-05-28.
    """
    for from_on, sessions in _CYCLES:
        if trade_on >= from_on:
            return sessions
    message = f"no settlement cycle is known for {trade_on}"
    raise DataError(f"{message}; ask for a day from {_CYCLES[-1][0]} on")


def recall_due_on(recalled_on: date, sessions_after: Sequence[date]) -> date:
    """The session by which recalled shares must be back: a standard settlement after the notice.

    Later the lender may buy them in at the borrower's cost.
    Source: MSLA (SIFMA, 2017), section 6.1(b): termination on notice, effective by the standard settlement date.
    """
    count = settlement_sessions(recalled_on)
    if len(sessions_after) < count:
        message = f"recall of {recalled_on} falls due {count} sessions later, of which {len(sessions_after)} are known"
        raise DataError(f"{message}; give the sessions that follow")
    return sessions_after[count - 1]


def bought_back_shares(short_shares: int, recalled_shares: int) -> int:
    """Shares to buy back for a recall: what is recalled, at most what is short."""
    return min(max(recalled_shares, 0), max(short_shares, 0))
