"""An order, its route and its market for tests of simulated fills."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from nodes.kernels.fees import FeeSchedule
from nodes.kernels.fills import FillChance, FillTerms, LimitOrder, SessionBar, SessionMarket
from nodes.kernels.routing.venues import VenueTerms
from nodes.kernels.simulator.routed import AUCTION, TAKE, ChildOrder
from nodes.vocabulary.trading import NS_PER_S

OPEN_NS = 1_000_000 * NS_PER_S
CLOSE_NS = OPEN_NS + 23_400 * NS_PER_S
TERMS = FillTerms(
    max_fill_participation_frac=0.01,
    impact_coefficient=0.0,
    fees=FeeSchedule(Decimal("0.005"), Decimal("1.00"), 0.01, 0.0000278),
    venue_fee_frac=1.0,
    auction_fee_usd=Decimal("0.0015"),
    unlisted_fee_usd=Decimal("0.0030"),
    auction_volume_frac=1.0,
    max_auction_participation_frac=1.0,
    auction_spread_frac=1.0,
    queue_ahead_frac=0.01,
    latency_p5_ms=0.0,
    latency_p95_ms=0.0,
    spread_frac=1.0,
    halt_rate_frac=0.0,
)
"""All of an order fits into the opening auction, nothing moves a price, and every message comes at once."""
CALM = FillChance(0.5, 0.0, 0.5)
BAR = SessionBar(100.0, 102.0, 98.0, 101.0, 1_000_000)
"""Goes from 100 up to 102, down to 98 and back to 101, a quarter of the session each."""
_PROTECTED = (True,)
SHEETS = (
    VenueTerms("A", *_PROTECTED, 3_000, -2_000, 250_000, 10.0, 0.5, 0.1),
    VenueTerms("B", *_PROTECTED, 2_000, -1_000, 650_000, 10.0, 0.25, 0.1),
)


def routed(shares: int, limit: str, *parts: tuple[str, int, str], spread_bps: float = 40.0) -> LimitOrder:
    """An order for IBM with the parts of its route, c0, c1 and so on: venue, shares, how."""
    children = [ChildOrder(f"c{place}", *part) for place, part in enumerate(parts)]
    rest = ChildOrder("rest", "DAY", 0, TAKE)
    return LimitOrder("IBM", shares, Decimal(limit), spread_bps, 0.02, tuple(children), rest)


def auctioned(shares: int, limit: str) -> LimitOrder:
    """An order that goes into the opening auction whole."""
    return routed(shares, limit, ("OPEN", abs(shares), AUCTION))


def market(bar: SessionBar | None = BAR, chance: FillChance = CALM, **terms: Any) -> SessionMarket:
    """A session of the bar, under terms with some changed."""
    changed = replace(TERMS, **terms)
    return SessionMarket(bar, changed, chance, OPEN_NS, CLOSE_NS, SHEETS)
