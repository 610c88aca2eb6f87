"""Days of made-up venues that behave otherwise than the router believes: what orders cost there, share by share.

Each day every venue has its own truth: how fast quotes fade, how many shares trade against what is posted, how far the
price goes on after a fill, what taking does to the price. The router is told only estimates from other days. An order's
luck (which quotes were gone, how much traded, where the price went) is drawn once and is the same for every way of
routing it, so that ways are compared on equal luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from nodes.kernels.routing.expected_cost import (
    E6_PER_E4,
    Market,
    Order,
    RouteParams,
    filled_shares,
    impact_e6,
    market_of,
    miss_frac,
    post_gain_e6,
)
from nodes.kernels.routing.split import Part
from nodes.kernels.routing.venues import Level, VenueBook, VenueTerms
from policies.venues import shipped_venues

TICK_E4 = 100
HORIZON_S = 60.0
PATIENT_FRAC = 0.5
"""Part of the orders that may wait at a venue; the others take what is shown, and come again for what they miss."""
PARAMS = RouteParams(HORIZON_S, 0.3, 0.5)
_NS_PER_S = 1e9


@dataclass(frozen=True)
class Luck:
    """What happened to be so for one order, venue by venue.

    Attributes:
        is_gone: whether what a venue showed was gone on arrival.
        flow_shares: shares that traded there against what was posted, within the horizon.
        drift_e6: where the middle of the market went by the end of the horizon, against the order when positive.
    """

    is_gone: Mapping[str, bool]
    flow_shares: Mapping[str, float]
    drift_e6: float


class Case(NamedTuple):
    """An order, the market that it meets, the truth about it and its luck."""

    day: int
    order: Order
    books: tuple[VenueBook, ...]
    truth: Mapping[str, VenueTerms]
    params: RouteParams
    luck: Luck


def believed_terms(on_year: int = 2026) -> dict[str, VenueTerms]:
    """Fees as they are, before any estimate of the rest."""
    return {each.venue: each for each in shipped_venues().terms(date(on_year, 6, 1))}


def cases(first_day: int, n_days: int, orders_a_day: int, seed: int) -> list[Case]:
    """Orders of some days. A day's truth follows from the seed and its number."""
    found = []
    terms = believed_terms()
    for day in range(first_day, first_day + n_days):
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, day])))
        truth = {name: _true_terms(each, random) for name, each in terms.items()}
        params = RouteParams(HORIZON_S, 0.3 * random.lognormal(0.0, 0.3), 0.5 * random.lognormal(0.0, 0.2))
        found += [_case(day, truth, params, random) for _ in range(orders_a_day)]
    return found


def _true_terms(terms: VenueTerms, random: np.random.Generator) -> VenueTerms:
    """A venue as it is on one day: its fees as published, all else around a level of its own."""
    return terms._replace(
        fade_hz=terms.fade_hz * 8.0 * random.lognormal(0.0, 0.25),
        share_frac=terms.share_frac * random.lognormal(0.0, 0.15),
        adverse_frac=terms.adverse_frac * 1.6 * random.lognormal(0.0, 0.15),
    )


def _case(day: int, truth: Mapping[str, VenueTerms], params: RouteParams, random: np.random.Generator) -> Case:
    side = 1 if random.random() < 0.5 else -1
    mid_e4 = int(random.integers(200, 2_000)) * 1_000
    spread = int(random.choice((1, 1, 2, 3)))
    bid_e4 = mid_e4 - spread // 2 * TICK_E4
    ask_e4 = bid_e4 + TICK_E4 * spread
    adv = int(random.integers(1, 20)) * 1_000_000
    books = tuple(_book(name, each, (bid_e4, ask_e4), adv, random) for name, each in truth.items())
    shares = int(random.choice((100, 300, 700, 1_500, 3_000)))
    order = Order(side, shares, None, adv, may_post=bool(random.random() < PATIENT_FRAC))
    flow = adv * HORIZON_S / 23_400.0 / 2.0
    luck = Luck(
        is_gone={name: bool(random.random() < miss_frac(each)) for name, each in truth.items()},
        flow_shares={name: float(random.exponential(flow * each.share_frac)) for name, each in truth.items()},
        drift_e6=float(random.normal(0.0, 0.5)) * TICK_E4 * E6_PER_E4,
    )
    return Case(day, order, books, truth, params, luck)


def _book(name: str, terms: VenueTerms, best: tuple[int, int], adv: int, random: np.random.Generator) -> VenueBook:
    """A venue's book: at the best price on a side or a tick or two behind it, and one level more."""
    depth = max(adv * 0.0004 * terms.share_frac, 60.0)
    sides = []
    for price, step in zip(best, (-1, 1), strict=True):
        first = price + step * TICK_E4 * int(random.choice((0, 0, 0, 1, 2)))
        sizes = [max(int(random.lognormal(np.log(depth), 0.7)) // 100 * 100, 100) for _ in range(2)]
        sides.append((Level(first, sizes[0]), Level(first + step * TICK_E4, sizes[1])))
    return VenueBook(name, *sides)


def realised_e6(case: Case, parts: Sequence[Part]) -> float:
    """What an order cost against the middle of the market when it was sent, with the luck that it had."""
    market = _market(case)
    total, left = 0.0, 0
    for part in parts:
        terms = case.truth[part.venue]
        if part.is_post:
            queue = _shown(case, part.venue, part.price_e4, -case.order.side)
            filled = min(max(int(case.luck.flow_shares[part.venue]) - queue, 0), part.shares)
            total += filled * post_gain_e6(terms, market, part.price_e4)
            left += part.shares - filled
        elif case.luck.is_gone[part.venue]:
            left += part.shares
        else:
            shown = _shown(case, part.venue, part.price_e4, case.order.side)
            total += part.shares * (case.order.side * (part.price_e4 - market.mid_e4) * E6_PER_E4 + terms.take_fee_e6)
            total += impact_e6(market, case.params, part.shares, shown)
    left += case.order.shares - sum(part.shares for part in parts)
    return total + left * (market.chase_e6 + case.luck.drift_e6)


def expected_e6(case: Case, parts: Sequence[Part]) -> float:
    """The same on average over all luck, the day's truth known."""
    market = _market(case)
    total, left = 0.0, float(case.order.shares - sum(part.shares for part in parts))
    for part in parts:
        terms = case.truth[part.venue]
        if part.is_post:
            queue = _shown(case, part.venue, part.price_e4, -case.order.side)
            filled = filled_shares(queue, part.shares, market.flow_shares * terms.share_frac)
            total += filled * post_gain_e6(terms, market, part.price_e4)
            left += part.shares - filled
            continue
        kept = 1.0 - miss_frac(terms)
        shown = _shown(case, part.venue, part.price_e4, case.order.side)
        price_e6 = case.order.side * (part.price_e4 - market.mid_e4) * E6_PER_E4 + terms.take_fee_e6
        total += kept * (part.shares * price_e6 + impact_e6(market, case.params, part.shares, shown))
        left += (1.0 - kept) * part.shares
    return total + left * market.chase_e6


def _market(case: Case) -> Market:
    found = market_of(case.order, case.books, dict(case.truth), case.params)
    assert found is not None
    return found


def _shown(case: Case, venue: str, price_e4: int, side: int) -> int:
    """Shares that a venue shows at a price, on the side that an order of that side takes from."""
    book = next(each for each in case.books if each.venue == venue)
    levels = book.asks if side > 0 else book.bids
    return next((level.shares for level in levels if level.price_e4 == price_e4), 0)


def estimated_terms(known: Sequence[Case]) -> tuple[dict[str, VenueTerms], RouteParams]:
    """What somebody who saw the fills of some days believes of the venues: rates and means, no truth.

    Quotes that were gone give the rate of fading, traded volumes the part of the volume, and prices after fills, which
    are seen with noise, the adverse selection.
    """
    terms = believed_terms()
    found = {}
    for name, each in terms.items():
        gone = np.array([case.luck.is_gone[name] for case in known])
        share = np.array(
            [case.luck.flow_shares[name] / (case.order.adv_shares * HORIZON_S / 23_400.0 / 2.0) for case in known]
        )
        noise = np.random.Generator(np.random.PCG64(np.random.SeedSequence([len(known), len(name)])))
        markouts = [case.truth[name].adverse_frac + noise.normal(0.0, 1.0) for case in known]
        rate = min(gone.mean(), 0.99)
        found[name] = each._replace(
            fade_hz=float(-np.log1p(-rate) / (each.latency_ns / _NS_PER_S)),
            share_frac=float(share.mean()),
            adverse_frac=float(np.mean(markouts)),
        )
    return found, PARAMS
