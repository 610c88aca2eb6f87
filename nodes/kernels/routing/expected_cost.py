"""What an order is expected to cost at a venue, taking what is shown or posting, in parts.

All costs are in 1/1,000,000 USD against the middle of the best bid and offer, positive when they cost. Of a take: half
the spread, the fee, what the order's size does to the price, and what it costs to come again for shares that were gone
when the order arrived. Of a posted order: the spread and rebate that fills earn, less what the price goes on to lose
(adverse selection); and for shares that are not filled within the horizon, crossing the spread after all.

Sources: Cont and Kukanov (2017), Optimal order placement in limit order markets, Quantitative Finance 17(1), for the
costs of taking, posting and of what is left; Obizhaeva and Wang (2013), J. Financial Markets 16(1), for an impact that
is linear in the part of the shown size that is taken.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from nodes.kernels.market_rules.access_fees import fee_at_e6
from nodes.kernels.routing.venues import Level, VenueBook, VenueTerms
from nodes.vocabulary.trading import E4_PER_USD, E6_PER_USD

E6_PER_E4 = E6_PER_USD // E4_PER_USD
SESSION_S = 23_400.0
_SIDES = 2.0
_NS_PER_S = 1e9


class Order(NamedTuple):
    """An order to be routed.

    Attributes:
        side: 1 to buy, -1 to sell.
        shares: how many.
        limit_e4: worst price that it accepts; None without one.
        adv_shares: average daily volume of the share.
        may_post: whether shares may wait; else what cannot be taken at once is left over.
    """

    side: int
    shares: int
    limit_e4: int | None
    adv_shares: int
    may_post: bool

    def accepts(self, price_e4: int) -> bool:
        """Whether a price is within the limit."""
        return self.limit_e4 is None or self.side * (self.limit_e4 - price_e4) >= 0


class RouteParams(NamedTuple):
    """How costs are estimated; a policy says it.

    Attributes:
        horizon_s: how long posted shares may wait.
        depth_impact_frac: by how many half spreads taking all that a venue shows moves the price that it pays.
        requote_frac: by how many spreads the price is away when one has to come again.
    """

    horizon_s: float
    depth_impact_frac: float
    requote_frac: float


class Market(NamedTuple):
    """What is the same at every venue.

    Attributes:
        side: 1 to buy, -1 to sell.
        mid_e4: middle of the best bid and offer.
        far_e4: the best price that one can take.
        post_e4: the price at which one posts: the best of one's own side, below what would lock or cross the other
            side (rule 610(d)), within the order's limit; None when nobody shows a price there.
        half_e6: half the spread, at least half a tick, since markets lock and cross.
        chase_e6: what a share costs that has to come again.
        flow_shares: how many shares are expected to trade against one's side within the horizon, over all venues.
    """

    side: int
    mid_e4: float
    far_e4: int
    post_e4: int | None
    half_e6: float
    chase_e6: float
    flow_shares: float


class VenueCost(NamedTuple):
    """What the whole order would cost at one venue, in parts, in 1/1,000,000 USD.

    Attributes:
        fee_e6: fees less rebates.
        spread_e6: prices against the middle.
        impact_e6: what the order's size does to the price.
        latency_e6: coming again for what was gone on arrival.
        adverse_e6: what the price loses after posted shares are filled.
        unfilled_e6: crossing the spread for what was posted and not filled.
        fill_frac: part of the order that is expected to be filled at the first attempt.
    """

    fee_e6: float
    spread_e6: float
    impact_e6: float
    latency_e6: float
    adverse_e6: float
    unfilled_e6: float
    fill_frac: float

    @property
    def total_e6(self) -> float:
        """All parts together."""
        return self.fee_e6 + self.spread_e6 + self.impact_e6 + self.latency_e6 + self.adverse_e6 + self.unfilled_e6


def market_of(
    order: Order, books: tuple[VenueBook, ...], terms: dict[str, VenueTerms], params: RouteParams
) -> Market | None:
    """The market that books make; None when there is nothing to take and so no price to compare with."""
    side = order.side
    asks = [book.asks[0].price_e4 for book in books if book.asks]
    bids = [book.bids[0].price_e4 for book in books if book.bids]
    best_ask, best_bid = min(asks, default=None), max(bids, default=None)
    far, near = (best_ask, best_bid) if side > 0 else (best_bid, best_ask)
    if far is None:
        return None
    mid_e4 = far if near is None else (far + near) / 2.0
    half_e6 = max(side * (far - mid_e4), _tick_e4(far) / 2.0) * E6_PER_E4
    fees = [terms[book.venue].take_fee_e6 for book in books if (level := far_level(book, side)) and level[0] == far]
    chase_e6 = half_e6 * (1.0 + 2.0 * params.requote_frac) + fee_at_e6(min(fees), far)
    flow = order.adv_shares * params.horizon_s / SESSION_S / _SIDES
    return Market(side, mid_e4, far, _post_e4(order, far, near), half_e6, chase_e6, flow)


def far_level(book: VenueBook, side: int) -> Level | None:
    """What a venue shows first on the side that an order takes from."""
    levels = book.asks if side > 0 else book.bids
    return levels[0] if levels else None


def _post_e4(order: Order, far_e4: int, near_e4: int | None) -> int | None:
    if near_e4 is None:
        return None
    side, limit_e4 = order.side, order.limit_e4
    inside = far_e4 - side * _tick_e4(far_e4)
    price = min(near_e4, inside) if side > 0 else max(near_e4, inside)
    if limit_e4 is None:
        return price
    return min(price, limit_e4) if side > 0 else max(price, limit_e4)


def _tick_e4(price_e4: int) -> int:
    """A cent, and a hundredth of one under a dollar (17 CFR 242.612 as it stood through 2025)."""
    return 100 if price_e4 >= E4_PER_USD else 1


def queue_shares(book: VenueBook, market: Market) -> int:
    """Shares that stand before ours where we post."""
    levels = book.bids if market.side > 0 else book.asks
    return levels[0].shares if levels and levels[0].price_e4 == market.post_e4 else 0


def miss_frac(terms: VenueTerms) -> float:
    """Chance that what a venue shows is gone when an order arrives: 1 - exp(-fade * latency)."""
    return -math.expm1(-terms.fade_hz * terms.latency_ns / _NS_PER_S)


def take_e6(terms: VenueTerms, market: Market, params: RouteParams, price_e4: int) -> float:
    """What taking one share at a price costs, its impact apart."""
    again_e6 = miss_frac(terms) * 2.0 * params.requote_frac * market.half_e6
    return market.side * (price_e4 - market.mid_e4) * E6_PER_E4 + fee_at_e6(terms.take_fee_e6, price_e4) + again_e6


def impact_e6(market: Market, params: RouteParams, taken_shares: int, shown_shares: int) -> float:
    """What taking so many of the shown shares adds: depth_impact * half spread * taken^2 / shown."""
    return params.depth_impact_frac * market.half_e6 * taken_shares * taken_shares / shown_shares


def filled_shares(queue_shares: int, posted_shares: float, flow_shares: float) -> float:
    """Posted shares that are expected to be filled behind a queue when the flow is exponential.

    Formula: E[min((F - queue)+, posted)] = flow * exp(-queue / flow) * (1 - exp(-posted / flow))
    """
    if flow_shares <= 0.0:
        return 0.0
    return -flow_shares * math.exp(-queue_shares / flow_shares) * math.expm1(-posted_shares / flow_shares)


def post_gain_e6(terms: VenueTerms, market: Market, price_e4: int) -> float:
    """What a posted share costs that is filled: negative, since it earns the spread, unless the price runs away."""
    earned_e6 = market.side * (price_e4 - market.mid_e4) * E6_PER_E4
    return earned_e6 + fee_at_e6(terms.make_fee_e6, price_e4) + terms.adverse_frac * market.half_e6


def post_e6(terms: VenueTerms, market: Market, queue: int, posted_shares: float) -> float:
    """What posting so many shares behind a queue costs: what is filled, and what has to come again."""
    if market.post_e4 is None or not posted_shares:
        return posted_shares * market.chase_e6
    filled = filled_shares(queue, posted_shares, market.flow_shares * terms.share_frac)
    return filled * (post_gain_e6(terms, market, market.post_e4) - market.chase_e6) + posted_shares * market.chase_e6


def alone_e6(terms: VenueTerms, book: VenueBook, market: Market, order: Order, params: RouteParams) -> float:
    """All parts of `alone` together, in a third of its time."""
    taken, total = 0, 0.0
    level = far_level(book, market.side)
    if level is not None and level.price_e4 == market.far_e4 and order.accepts(level.price_e4):
        taken = min(order.shares, level.shares)
        total = taken * take_e6(terms, market, params, level.price_e4) + impact_e6(market, params, taken, level.shares)
    rest = order.shares - taken
    return total + post_e6(terms, market, queue_shares(book, market), rest) if rest else total


def alone(terms: VenueTerms, book: VenueBook, market: Market, order: Order, params: RouteParams) -> VenueCost:
    """What the whole order is expected to cost at one venue: take what it shows at the best price, post the rest.

    Another price than the best would trade through the quotes of others (rule 611), so that it is not taken.
    """
    level = far_level(book, market.side)
    is_open = level is not None and level.price_e4 == market.far_e4 and order.accepts(level.price_e4)
    taken = min(order.shares, level.shares) if level is not None and is_open else 0
    rest, missed = order.shares - taken, miss_frac(terms)
    filled, earned = 0.0, 0.0
    if market.post_e4 is not None and rest:
        filled = filled_shares(queue_shares(book, market), rest, market.flow_shares * terms.share_frac)
        earned = market.side * (market.post_e4 - market.mid_e4) * E6_PER_E4
    return VenueCost(
        fee_e6=taken * fee_at_e6(terms.take_fee_e6, market.far_e4)
        + filled * fee_at_e6(terms.make_fee_e6, market.post_e4 or market.far_e4),
        spread_e6=taken * market.side * (market.far_e4 - market.mid_e4) * E6_PER_E4 + filled * earned,
        impact_e6=impact_e6(market, params, taken, level.shares) if taken and level is not None else 0.0,
        latency_e6=taken * missed * 2.0 * params.requote_frac * market.half_e6,
        adverse_e6=filled * terms.adverse_frac * market.half_e6,
        unfilled_e6=(rest - filled) * market.chase_e6,
        fill_frac=(taken * (1.0 - missed) + filled) / order.shares,
    )
