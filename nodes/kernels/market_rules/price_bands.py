"""The price bands of the limit up-limit down plan: how far a price may go from its reference.

The percentage depends on the share's tier and on its last close, is doubled at certain times, and is multiplied for
leveraged products. References are exact fractions, since they are means; bands are whole cents.

Prices are in 1/10,000 USD. Source: plan to address extraordinary market volatility (file 4-631), section V and
appendix A; amendment 18 (83 FR 66464) for doubling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.vocabulary.errors import DataError

_WHOLE_E4 = 10_000
_ONE_E2 = 100


@dataclass(frozen=True, slots=True)
class BandTerms:
    """The percentages of appendix A and when they are doubled.

    Attributes:
        high_over_e4: closes over this price are in the high bucket.
        middle_from_e4: closes from this price up to the high bucket are in the middle one.
        tier_1_high_e4: percentage of the high bucket for tier 1, in 1/10,000.
        tier_2_high_e4: likewise for tier 2.
        middle_e4: percentage of the middle bucket.
        low_e4: percentage of the low bucket.
        low_width_e4: widest band of the low bucket, in 1/10,000 USD.
        doubled_after_open_ns: how long after the opening bands are doubled; 0 for not at all.
        doubled_before_close_ns: how long before the close.
        tier_2_doubled_to_e4: the highest last close of a tier 2 share that is doubled at the close; None for any.
        rounding_e4: bands are rounded to this step, halves up.
    """

    high_over_e4: int
    middle_from_e4: int
    tier_1_high_e4: int
    tier_2_high_e4: int
    middle_e4: int
    low_e4: int
    low_width_e4: int
    doubled_after_open_ns: int
    doubled_before_close_ns: int
    tier_2_doubled_to_e4: int | None
    rounding_e4: int


@dataclass(frozen=True, slots=True)
class BandedShare:
    """What the plan knows of a share on a day.

    Attributes:
        tier: 1 or 2.
        prior_close_e4: close on the listing exchange of the session before, or the last sale there.
        leverage_e2: leverage of an exchange-traded product in hundredths, without its sign; 100 for everything else.
    """

    tier: int
    prior_close_e4: int
    leverage_e2: int


class Reference(NamedTuple):
    """A reference price: the sum of some prices and how many they were."""

    sum_e4: int
    n_prices: int


class Bands(NamedTuple):
    """The lowest and the highest price at which a share may trade."""

    lower_e4: int
    upper_e4: int


def checked_share(share: BandedShare) -> BandedShare:
    """The share itself. Raises DataError when its tier, close or leverage cannot be."""
    if share.tier not in (1, 2):
        message = f"tier was {share.tier}, expected 1 or 2; look the share up in the lists of the plan"
        raise DataError(message)
    if share.prior_close_e4 <= 0 or share.leverage_e2 < _ONE_E2:
        message = (
            f"last close was {share.prior_close_e4} and leverage {share.leverage_e2}, expected a positive close and at"
            f" least {_ONE_E2} hundredths; correct them"
        )
        raise DataError(message)
    return share


def is_doubled(at_ns: int, share: BandedShare, session: SessionTimes, terms: BandTerms) -> bool:
    """Whether the percentages are doubled at an instant.

    Formula: within the doubled time after the opening, or within that before the close if the share's tier is
    Unit: truth. Missing: never.
    Source: plan, section V.A.1; amendment 18.
    """
    if at_ns < session.opens_ns + terms.doubled_after_open_ns:
        return True
    if at_ns < session.closes_ns - terms.doubled_before_close_ns:
        return False
    limit_e4 = terms.tier_2_doubled_to_e4
    return share.tier == 1 or limit_e4 is None or share.prior_close_e4 <= limit_e4


def doubling_changes_ns(session: SessionTimes, terms: BandTerms) -> tuple[int, int]:
    """The instants at which doubling ends after the opening and begins before the close."""
    return session.opens_ns + terms.doubled_after_open_ns, session.closes_ns - terms.doubled_before_close_ns


def price_bands(reference: Reference, share: BandedShare, terms: BandTerms, *, doubled: bool) -> Bands:
    """The bands around a reference.

    Formula: reference -/+ width, width = reference * percentage * multiple, in the low bucket at most
        low_width * multiple; multiple = leverage, twice that when doubled; each rounded to the step, halves up
    Unit: 1/10,000 USD. Missing: never; a lower band is never under 0.
    Source: plan, section V.A.1 and appendix A; rounding to the nearest cent is recalled, not read.
    """
    percent_e4 = _percent_e4(share, terms)
    multiple_e2 = share.leverage_e2 * (2 if doubled else 1)
    scale = _WHOLE_E4 * _ONE_E2 * reference.n_prices
    middle = reference.sum_e4 * _WHOLE_E4 * _ONE_E2
    width = reference.sum_e4 * percent_e4 * multiple_e2
    if share.prior_close_e4 < terms.middle_from_e4:
        width = min(width, terms.low_width_e4 * multiple_e2 * _WHOLE_E4 * reference.n_prices)
    step = terms.rounding_e4
    lower_e4, upper_e4 = (_rounded(price, scale * step) * step for price in (middle - width, middle + width))
    return Bands(max(lower_e4, 0), upper_e4)


def has_moved(proposed: Reference, current: Reference, threshold_e4: int) -> bool:
    """Whether a proposed reference differs from the current one by the threshold or more, exactly.

    Formula: |proposed - current| / current >= threshold
    Unit: truth. Missing: never.
    Source: plan, section V.A.2: "moved by 1% or more".
    """
    there = proposed.sum_e4 * current.n_prices
    here = current.sum_e4 * proposed.n_prices
    return abs(there - here) * _WHOLE_E4 >= threshold_e4 * here


def _percent_e4(share: BandedShare, terms: BandTerms) -> int:
    if share.prior_close_e4 > terms.high_over_e4:
        return terms.tier_1_high_e4 if share.tier == 1 else terms.tier_2_high_e4
    return terms.middle_e4 if share.prior_close_e4 >= terms.middle_from_e4 else terms.low_e4


def _rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number of a fraction, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)
