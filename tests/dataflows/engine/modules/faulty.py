"""Order nodes that the compiler must refuse, each for one reason that its name says."""

from __future__ import annotations

import polars as pl

from nodes.vocabulary.units import Bps, Frac, Shares, Usd


def wrong_unit_frac(order_notional_usd: Frac) -> Frac:
    """Takes an amount of money for a fraction."""
    return order_notional_usd


def first_in_cycle_frac(second_in_cycle_frac: Frac) -> Frac:
    """Reads the second."""
    return second_in_cycle_frac


def second_in_cycle_frac(third_in_cycle_frac: Frac) -> Frac:
    """Reads the third."""
    return third_in_cycle_frac


def third_in_cycle_frac(first_in_cycle_frac: Frac) -> Frac:
    """Reads the first."""
    return first_in_cycle_frac


def orphan_frac(adv_sharse: Shares) -> Frac:
    """Reads a name that nothing provides."""
    return Frac(float(adv_sharse))


def sized_cap_shares(order_shares: Shares) -> Shares:
    """A cap that depends on the size it is to set."""
    return order_shares


def dear_bps(order_notional_usd: Usd) -> Bps:
    """Sound, to be read by rules of other units."""
    return Bps(float(order_notional_usd))


def text_frac(order_notional_usd: Usd) -> Frac:
    """Promises a fraction and returns a text."""
    return f"{order_notional_usd}"  # type: ignore[return-value]  # the fault under test


def unsummed_frac(adv_shares: Shares) -> Frac:
    """Sound here; its twin in `reducing` is not."""
    return Frac(float(pl.Series([adv_shares]).len()))
