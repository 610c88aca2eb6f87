"""The order nodes of the small strategy, but for one that tells by a number whether an order reduces risk."""

from __future__ import annotations

from nodes.vocabulary.units import Frac, Shares, Text, Usd, UsdPerShare


def order_notional_usd(order_shares: Shares, close_price_usd: UsdPerShare) -> Usd:
    """Value of the order."""
    return Usd(order_shares * close_price_usd)


def participation_frac(order_shares: Shares, adv_shares: Shares) -> Frac:
    """Share of an average day's volume."""
    return Frac(order_shares / adv_shares)


def participation_cap_shares(max_participation_frac: Frac, adv_shares: Shares) -> Shares:
    """Largest order within the limit."""
    return Shares(int(max_participation_frac * adv_shares))


def order_reduces_risk(order_shares: Shares) -> Frac:
    """How much the order reduces risk."""
    return Frac(float(order_shares))


def spread_word(adv_shares: Shares) -> Text:
    """A word."""
    return Text(str(adv_shares))
