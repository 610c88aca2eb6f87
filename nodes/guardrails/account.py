"""How the account has fared: its drawdown, the day's loss, whether it may trade at all."""

from __future__ import annotations

from nodes.kernels.ratios import shortfall
from nodes.vocabulary.units import Count, Flag, Frac, Usd


def account_drawdown_frac(equity_usd: Usd, peak_equity_usd: Usd) -> Frac | None:
    """Loss of the account from its peak.

    Formula: 1 - equity_usd / peak_equity_usd
    Unit: fraction of the peak; negative above it. Missing: absent when an input is, or unless the peak is positive.
    Source: Magdon-Ismail and Atiya (2004), Risk 17(10).
    """
    return shortfall(equity_usd, peak_equity_usd)


def daily_loss_frac(equity_usd: Usd, day_start_equity_usd: Usd) -> Frac | None:
    """Loss of the account since the start of the day.

    Formula: 1 - equity_usd / day_start_equity_usd
    Unit: fraction of the start; negative for a gain. Missing: absent when an input is, or unless the start is positive.
    """
    return shortfall(equity_usd, day_start_equity_usd)


def day_orders_count(orders_today_count: Count) -> Count:
    """Orders of the day with this one.

    Formula: orders_today_count + 1
    Unit: orders. Missing: absent when the count is.
    """
    return Count(orders_today_count + 1)


def trading_is_released(kill_switch_is_engaged: Flag) -> Flag:
    """Whether nobody has stopped trading.

    Formula: not kill_switch_is_engaged
    Unit: truth value. Missing: absent when the switch's state is not known.
    """
    return Flag(not kill_switch_is_engaged)
