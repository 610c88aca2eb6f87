"""How the account has fared: its drawdown, the day's loss, its orders of the day."""

from __future__ import annotations

from nodes.kernels.ratios import shortfall
from nodes.vocabulary.units import Count, Frac, Usd


def account_drawdown_frac(equity_usd: Usd, peak_equity_usd: Usd) -> Frac | None:
    """Loss of the account from its peak.

    Formula: (peak_equity_usd - equity_usd) / peak_equity_usd
    Unit: fraction of the peak; negative above it. Missing: absent when an input is, or unless the peak is positive.
    Source: Magdon-Ismail and Atiya (2004), Risk 17(10).
    """
    return shortfall(equity_usd, peak_equity_usd)


def daily_loss_frac(equity_usd: Usd, day_start_equity_usd: Usd) -> Frac | None:
    """Loss of the account since the start of the day.

    Formula: (day_start_equity_usd - equity_usd) / day_start_equity_usd
    Unit: fraction of the start; negative for a gain. Missing: absent when an input is, or unless the start is positive.
    Source: 17 CFR 240.15c3-5(c)(1)(i), pre-set capital thresholds.
    """
    return shortfall(equity_usd, day_start_equity_usd)


def day_orders_count(orders_today_count: Count) -> Count:
    """Orders of the day with this one.

    Formula: orders_today_count + 1
    Unit: orders. Missing: absent when the count is.
    Source: FIA (2024), Best Practices for Automated Trading Risk Controls and System Safeguards, message throttles.
    """
    return Count(orders_today_count + 1)
