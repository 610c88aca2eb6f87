"""Target weights and the orders that lead to them."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column, whole_column
from nodes.kernels.panels import last_values
from nodes.kernels.portfolio.methods import portfolio_named
from nodes.kernels.trading import band_orders, placed, shares_held
from nodes.vocabulary.units import (
    FlagRow,
    Frac,
    FracMatrix,
    FracRow,
    Panel,
    Segments,
    Shares,
    SharesRow,
    SymbolRow,
    Usd,
    UsdColumn,
    UsdRow,
)


def target_weight_frac(
    return_covariance: FracMatrix,
    is_selected: FlagRow,
    portfolio_method: str,
    target_gross_frac: Frac,
    max_target_weight_frac: Frac,
) -> FracRow:
    """Weight at which the portfolio wants each symbol: the selected ones by the policy's method, the others nothing.

    Formula: for erc, w_i (C w)_i equal for all selected i under max_target_weight_frac; sum(w) = target_gross_frac;
    for equal-weight, hrp and minimum-variance, as the functions of nodes.kernels.portfolio.methods say
    Unit: fraction of equity. Missing: null where the symbol is not eligible; absent when the caps cannot be met, or
    there is no such method.
    Source: Maillard, Roncalli, Teiletche (2010), J. Portfolio Management 36(4); caps after Richard and Roncalli (2019).
    """
    chosen = is_selected.fill_null(value=False).to_numpy()
    portfolio = portfolio_named(portfolio_method)
    weights = portfolio(return_covariance[np.ix_(chosen, chosen)], target_gross_frac, max_target_weight_frac)
    row = placed(weights, chosen)
    return FracRow(column(np.where(is_selected.is_null().to_numpy(), np.nan, row)))


def last_close_usd(close_usd: UsdColumn, segments: Segments) -> UsdRow:
    """Close of each symbol's latest bar, raw.

    Formula: close_usd at the symbol's last row
    Unit: USD per share. Missing: null where that bar has none.
    Source: nodes.market.bars.close_usd.
    """
    return UsdRow(last_values(close_usd, segments))


def position_shares(positions: Panel, symbols: SymbolRow) -> SharesRow:
    """Shares that the account holds of each symbol, 0 where it holds none.

    Formula: position_shares of the holding in the symbol, else 0
    Unit: shares, negative when short. Missing: absent, all of it, when a holding is in no symbol of the panel.
    Source: the snapshot's positions.
    """
    return SharesRow(shares_held(positions, symbols))


def position_weight_frac(position_shares: SharesRow, last_close_usd: UsdRow, equity_usd: Usd) -> FracRow:
    """Weight of each holding.

    Formula: position_shares * last_close_usd / equity_usd
    Unit: fraction of equity, negative when short. Missing: null where the close is; absent unless equity is positive.
    Source: definition.
    """
    equity = float(equity_usd) if equity_usd > 0 else np.nan
    return FracRow(column(array(position_shares) * array(last_close_usd) / equity))


def target_shares(
    target_weight_frac: FracRow, last_close_usd: UsdRow, equity_usd: Usd, lot_shares: Shares
) -> SharesRow:
    """Shares at which the portfolio wants each symbol.

    Formula: target_weight_frac * equity_usd / last_close_usd, cut to whole lots
    Unit: shares. Missing: null where the weight or the close is.
    Source: definition; cut towards zero, so that the target is never overspent.
    """
    lots = array(target_weight_frac) * float(equity_usd) / array(last_close_usd) / lot_shares
    return SharesRow(whole_column(np.trunc(lots) * lot_shares))


def candidate_order_shares(
    target_shares: SharesRow,
    position_shares: SharesRow,
    target_weight_frac: FracRow,
    position_weight_frac: FracRow,
    no_trade_band_frac: Frac,
) -> SharesRow:
    """Order that would bring each symbol to its target; none while its weight is within the band around it.

    Formula: target_shares - position_shares where |target_weight_frac - position_weight_frac| > no_trade_band_frac, or
    where the target is nothing; else 0
    Unit: shares, negative to sell. Missing: null where the target or the holding's weight is: no order is proposed.
    Source: Leland (1999), Optimal Portfolio Management with Transactions Costs and Capital Gains Taxes.
    """
    distance = array(target_weight_frac) - array(position_weight_frac)
    return SharesRow(band_orders(target_shares, position_shares, distance, no_trade_band_frac))
