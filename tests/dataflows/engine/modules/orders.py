"""Order nodes of a small strategy: one of each kind that the engine must handle."""

from __future__ import annotations

from nodes.vocabulary.units import Bps, Flag, Frac, Shares, Text, Usd, UsdPerShare


def order_notional_usd(order_shares: Shares, close_price_usd: UsdPerShare) -> Usd:
    """Value of the order.

    Formula: |order_shares| * close_price_usd
    Unit: USD. Missing: absent when either is.
    """
    return Usd(abs(order_shares) * close_price_usd)


def participation_frac(order_shares: Shares, adv_shares: Shares) -> Frac:
    """Share of an average day's volume."""
    return Frac(abs(order_shares) / adv_shares)


def participation_cap_shares(max_participation_frac: Frac, adv_shares: Shares) -> Shares:
    """Largest order within the limit."""
    return Shares(int(max_participation_frac * adv_shares))


def order_reduces_risk(order_shares: Shares, position_shares: Shares) -> Flag:
    """Whether the order only reduces the position."""
    return Flag(order_shares * position_shares < 0 and abs(order_shares) <= abs(position_shares))


def spread_word(spread_bps: Bps | None) -> Text:
    """What is known of the spread: a node that handles absence itself."""
    return Text("unknown" if spread_bps is None else f"{spread_bps:.1f}")
