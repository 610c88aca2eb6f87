"""Whether an order for a venue keeps the market's rules: its price on the tick, within the bands, above the bid."""

from __future__ import annotations

from nodes.vocabulary.units import Flag, UsdPerShare


def price_is_on_tick(limit_price_usd: UsdPerShare, tick_price_usd: UsdPerShare) -> Flag:
    """Whether the order's limit is a whole number of ticks.

    Formula: limit_price_usd mod tick_price_usd = 0
    Unit: truth. Missing: absent when either is.
    Source: 17 CFR 242.612; the tick of a price is the kernel's, `nodes.kernels.market_rules.ticks`.
    """
    return Flag(limit_price_usd % tick_price_usd == 0)


def price_is_within_bands(
    limit_price_usd: UsdPerShare,
    lower_band_price_usd: UsdPerShare | None,
    upper_band_price_usd: UsdPerShare | None,
    bands_are_in_force: Flag,
) -> Flag | None:
    """Whether the order's limit lies within the price bands of the moment, edges included; always without bands.

    Formula: not bands_are_in_force, or lower_band_price_usd <= limit_price_usd <= upper_band_price_usd
    Unit: truth. Missing: absent when bands are in force and one is not known, or when another input is absent.
    Source: LULD plan (file 4-631), section VI.A: no quotes or trades outside the bands.
    """
    if not bands_are_in_force:
        return Flag(True)  # noqa: FBT003  # the value itself
    if lower_band_price_usd is None or upper_band_price_usd is None:
        return None
    return Flag(lower_band_price_usd <= limit_price_usd <= upper_band_price_usd)


def short_sale_passes_price_test(
    limit_price_usd: UsdPerShare,
    best_bid_price_usd: UsdPerShare | None,
    is_short_sale: Flag,
    short_sales_are_restricted: Flag,
) -> Flag | None:
    """Whether the order is no short sale, or none that is restricted, or one above the national best bid.

    Formula: not (is_short_sale and short_sales_are_restricted), or limit_price_usd > best_bid_price_usd
    Unit: truth. Missing: absent when a restricted short sale meets no known bid, or when another input is absent.
    Source: 17 CFR 242.201(b)(1).
    """
    if not (is_short_sale and short_sales_are_restricted):
        return Flag(True)  # noqa: FBT003  # the value itself
    return None if best_bid_price_usd is None else Flag(limit_price_usd > best_bid_price_usd)
