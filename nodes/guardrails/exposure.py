"""What the account holds after the order, and the largest sizes that the limits on exposure leave.

Orders that are still pending count when they add to the order's side and not when they take from it: they may not fill.
"""

from __future__ import annotations

import math

from nodes.kernels.exposure import gross_frac, is_within, weight_frac
from nodes.kernels.sizes import largest_size, rounding, side
from nodes.vocabulary.units import Flag, Frac, Seconds, Shares, Usd, UsdPerShare


def exposed_position_shares(
    proposed_order_shares: Shares, position_shares: Shares, pending_buy_shares: Shares, pending_sell_shares: Shares
) -> Shares:
    """Position that the order adds to, pending orders of its own side counted as filled.

    Formula: position_shares + pending_buy_shares for a buy; position_shares - pending_sell_shares for a sale
    Unit: shares, negative when short. Missing: absent when an input is.
    Source: 17 CFR 240.15c3-5(c)(1)(i), read cautiously: orders on their way use up the threshold.
    """
    pending = pending_buy_shares if proposed_order_shares > 0 else -pending_sell_shares
    return Shares(position_shares + pending)


def resulting_position_shares(exposed_position_shares: Shares, order_shares: Shares) -> Shares:
    """Position after the order.

    Formula: exposed_position_shares + order_shares
    Unit: shares, negative when short. Missing: absent when an input is.
    Source: definition.
    """
    return Shares(exposed_position_shares + order_shares)


def short_sale_shares(order_shares: Shares, resulting_position_shares: Shares) -> Shares:
    """Shares of the order that would be sold without being held.

    Formula: min(-order_shares, max(0, -resulting_position_shares)) for a sale; 0 for a buy
    Unit: shares. Missing: absent when an input is.
    Source: 17 CFR 242.200(a), (b) (Regulation SHO): a sale of a security that the seller does not own.
    """
    return Shares(max(0, min(-order_shares, -resulting_position_shares)))


def wanted_borrow_shares(resulting_position_shares: Shares, position_shares: Shares) -> Shares:
    """Shares that have to be borrowed for the order and the sales before it, beyond those that are borrowed already.

    Formula: max(0, -resulting_position_shares) - max(0, -position_shares), at least 0
    Unit: shares. Missing: absent when an input is.
    Source: 17 CFR 242.203(b)(1) (Regulation SHO): a locate before each short sale; one list serves all of them.
    """
    return Shares(max(0, max(0, -resulting_position_shares) - max(0, -position_shares)))


def unlocated_short_shares(wanted_borrow_shares: Shares, available_borrow_shares: Shares | None) -> Shares | None:
    """Shares to borrow that the newest list does not show.

    Formula: max(0, wanted_borrow_shares - available_borrow_shares); 0 when none is wanted
    Unit: shares. Missing: absent when some are wanted and the share is on no list that is known.
    Source: 17 CFR 242.203(b)(1)(ii), reasonable grounds to believe that the security can be borrowed.
    """
    if not wanted_borrow_shares:
        return Shares(0)
    return None if available_borrow_shares is None else Shares(max(0, wanted_borrow_shares - available_borrow_shares))


def wanted_borrow_fee_frac(wanted_borrow_shares: Shares, borrow_fee_frac: Frac | None) -> Frac | None:
    """What borrowing for the order costs a year.

    Formula: borrow_fee_frac; 0 when nothing is to be borrowed
    Unit: fraction of the collateral, a year. Missing: absent when some are wanted and no list tells the fee.
    Source: D'Avolio (2002), The Market for Borrowing Stock, J. Financial Economics 66(2).
    """
    return borrow_fee_frac if wanted_borrow_shares else Frac(0.0)


def wanted_borrow_age_s(wanted_borrow_shares: Shares, borrow_list_age_s: Seconds | None) -> Seconds | None:
    """How old the list is that a short sale leans on.

    Formula: borrow_list_age_s; 0 when nothing is to be borrowed
    Unit: seconds. Missing: absent when some are wanted and the share is on no list that is known.
    Source: SEC Release 34-50103 (2004), section V: lists less than 24 hours old are reasonable grounds.
    """
    return borrow_list_age_s if wanted_borrow_shares else Seconds(0)


def order_reduces_risk(
    order_shares: Shares, position_shares: Shares, pending_buy_shares: Shares, pending_sell_shares: Shares
) -> Flag:
    """Whether the order only takes a position back, also when all pending orders of its side fill before it.

    Formula: a sale of q: q <= position_shares - pending_sell_shares; a buy of q: q <= -(position_shares +
    pending_buy_shares)
    Unit: truth value. Missing: absent when an input is, and then the order counts as one that adds.
    Source: DESIGN section 3, Verdicts: against position plus pending orders.
    """
    if order_shares < 0:
        return Flag(-order_shares <= position_shares - pending_sell_shares)
    return Flag(order_shares <= -(position_shares + pending_buy_shares))


def resulting_weight_frac(
    resulting_position_shares: Shares, close_price_usd: UsdPerShare, equity_usd: Usd
) -> Frac | None:
    """Weight of the symbol after the order.

    Formula: |resulting_position_shares| * close_price_usd / equity_usd
    Unit: fraction of equity. Missing: absent when an input is, or unless equity is positive.
    Source: 15 U.S.C. 80a-5(b)(1) (Investment Company Act, diversification) measures concentration so.
    """
    return weight_frac(resulting_position_shares, close_price_usd, equity_usd)


def weight_cap_shares(
    proposed_order_shares: Shares,
    exposed_position_shares: Shares,
    close_price_usd: UsdPerShare,
    equity_usd: Usd,
    max_weight_frac: Frac,
) -> Shares:
    """Largest order of the proposed side whose resulting weight is within the limit.

    Formula: max q with |exposed_position_shares + side * q| * close_price_usd / equity_usd <= max_weight_frac
    Unit: shares. Missing: absent when an input is; 0 when no size is within the limit.
    Source: DESIGN section 3, Clip: the largest size for which the rule's own ratio holds in floating point.
    """
    direction = side(proposed_order_shares)

    def holds(size: int) -> bool:
        position = exposed_position_shares + direction * size
        return is_within(weight_frac(position, close_price_usd, equity_usd), max_weight_frac)

    equity, price = float(equity_usd), float(close_price_usd)
    room = max_weight_frac * equity / price
    error = (
        rounding(room, exposed_position_shares) if direction and room >= 1.0 and min(equity, price) > 0.0 else math.inf
    )
    return Shares(largest_size(room - direction * exposed_position_shares, holds, error, error))


def other_gross_usd(gross_exposure_usd: Usd, exposed_position_shares: Shares, close_price_usd: UsdPerShare) -> Usd:
    """Gross exposure of the account without the symbol.

    Formula: max(gross_exposure_usd - |exposed_position_shares| * close_price_usd, 0)
    Unit: USD. Missing: absent when an input is.
    Source: definition.
    """
    return Usd(max(gross_exposure_usd - abs(exposed_position_shares) * close_price_usd, Usd(close_price_usd * 0)))


def resulting_gross_frac(
    other_gross_usd: Usd, resulting_position_shares: Shares, close_price_usd: UsdPerShare, equity_usd: Usd
) -> Frac | None:
    """Gross exposure after the order.

    Formula: (other_gross_usd + |resulting_position_shares| * close_price_usd) / equity_usd
    Unit: fraction of equity. Missing: absent when an input is, or unless equity is positive.
    Source: 12 CFR 220 (Regulation T) bounds what an account owns against its equity.
    """
    return gross_frac(other_gross_usd, resulting_position_shares, close_price_usd, equity_usd)


def gross_cap_shares(
    proposed_order_shares: Shares,
    exposed_position_shares: Shares,
    other_gross_usd: Usd,
    close_price_usd: UsdPerShare,
    equity_usd: Usd,
    max_gross_frac: Frac,
) -> Shares:
    """Largest order of the proposed side whose resulting gross exposure is within the limit.

    Formula: max q with (other_gross_usd + |exposed_position_shares + side * q| * close_price_usd) / equity_usd <=
    max_gross_frac
    Unit: shares. Missing: absent when an input is; 0 when no size is within the limit.
    Source: DESIGN section 3, Clip: the largest size for which the rule's own ratio holds in floating point.
    """
    direction = side(proposed_order_shares)

    def holds(size: int) -> bool:
        position = exposed_position_shares + direction * size
        return is_within(gross_frac(other_gross_usd, position, close_price_usd, equity_usd), max_gross_frac)

    equity, price, other = float(equity_usd), float(close_price_usd), float(other_gross_usd)
    room = (max_gross_frac * equity - other) / price
    is_bound = direction and room >= 1.0 and min(equity, price) > 0.0
    error = rounding(room, other / price, exposed_position_shares) if is_bound else math.inf
    return Shares(largest_size(room - direction * exposed_position_shares, holds, error, error))
