"""Where the order goes and at which limit."""

from __future__ import annotations

from nodes.kernels.prices import limit_on_tick_usd, moved_price_usd
from nodes.kernels.sizes import side
from nodes.vocabulary.identity import VenueId
from nodes.vocabulary.units import Frac, Shares, Text, UsdPerShare


def limit_offset_frac(volatility_frac: Frac, limit_volatility_ratio: float) -> Frac:
    """Distance that the limit grants the market beyond the close.

    Formula: limit_volatility_ratio * volatility_frac
    Unit: fraction of the close. Missing: absent when the volatility is.
    Source: desk choice: a limit in units of the day's usual move fills alike in calm and wild markets.
    """
    return Frac(limit_volatility_ratio * volatility_frac)


def limit_price_usd(
    close_price_usd: UsdPerShare, limit_offset_frac: Frac, proposed_order_shares: Shares
) -> UsdPerShare:
    """Worst price that the order accepts: above the close for a buy, below it for a sale.

    Formula: close_price_usd * (1 + side * limit_offset_frac), to the tick that is no looser
    Unit: USD per share. Missing: absent when an input is.
    Source: 17 CFR 242.612 for the tick.
    """
    direction = side(proposed_order_shares)
    return UsdPerShare(limit_on_tick_usd(moved_price_usd(close_price_usd, direction * limit_offset_frac), direction))


def venue(
    participation_frac: Frac,
    max_auction_participation_frac: Frac,
    auction_venue: str,
    session_venue: str,
    venue_quotes: Text | None,
) -> VenueId:
    """Where the order goes: into the opening auction while it is small there, else to be worked through the session.

    Formula: auction_venue if participation_frac <= max_auction_participation_frac and nobody quotes, else session_venue
    Unit: name of a venue, simulated while the data are daily bars. Missing: absent when the participation is.
    Source: definition; venues that quote have opened already.
    """
    is_small = participation_frac <= max_auction_participation_frac
    return VenueId(auction_venue if is_small and not venue_quotes else session_venue)
