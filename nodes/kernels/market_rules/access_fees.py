"""Caps on what a venue may charge for access to its protected quote: rule 610(c) of Regulation NMS.

Fees are in 1/1,000,000 USD a share, negative for a rebate, which no cap bounds; prices in 1/10,000 USD.
"""

from __future__ import annotations

from dataclasses import dataclass

_E6_PER_E4 = 100
_E6 = 1_000_000
_E4 = 10_000


@dataclass(frozen=True, slots=True)
class AccessFeeTerms:
    """The numbers of the rule.

    Attributes:
        cap_e6: the most for a quote at the threshold or above, per share.
        threshold_e4: the price from which on that cap applies.
        low_cap_ppm: the most under the threshold, in millionths of the quote's price.
    """

    cap_e6: int
    threshold_e4: int
    low_cap_ppm: int


def access_fee_cap_e6(price_e4: int, terms: AccessFeeTerms) -> int:
    """The most that a venue may charge per share, rounded down to the unit of fees.

    Formula: cap_e6 if price >= threshold else price * low_cap_ppm / 1,000,000
    Unit: 1/1,000,000 USD a share. Missing: never.
    Source: 17 CFR 242.610(c); amended by 89 FR 81620.
    """
    if price_e4 >= terms.threshold_e4:
        return terms.cap_e6
    return price_e4 * _E6_PER_E4 * terms.low_cap_ppm // _E6


def is_permitted_fee(fee_e6: int, price_e4: int, terms: AccessFeeTerms) -> bool:
    """Whether a venue may charge so much a share at a price; a rebate always."""
    return fee_e6 <= access_fee_cap_e6(price_e4, terms)


def fee_at_e6(fee_e6: int, price_e4: int) -> float:
    """What a share is charged at a price, of a fee that a price list names for shares of a dollar and more.

    Formula: fee_e6 from one dollar on; under it fee_e6 * price in USD, and nothing in place of a rebate
    Unit: 1/1,000,000 USD a share. Missing: never.
    Source: 17 CFR 242.610(c), whose cap a share is 0.3 % of the price under a dollar, and 0.1 % as amended by 89 FR
    81620, so that a fee within the one is within the other; price lists of Nasdaq and NYSE under a dollar: 0.3 % of the
    value to take, 0 to add.
    """
    if price_e4 >= _E4:
        return fee_e6
    return max(fee_e6, 0) * price_e4 / _E4


def fees_at_e6(fee_e6: int, price_e4: int, shares: int) -> int:
    """What shares are charged at a price, rounded up to the unit of fees; see `fee_at_e6`."""
    if price_e4 >= _E4:
        return shares * fee_e6
    return -(-shares * max(fee_e6, 0) * price_e4 // _E4)
