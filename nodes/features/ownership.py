"""Who holds the shares: institutions by their quarterly filings, insiders by their forms; usable once filed."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.holdings import insider_steps, insider_trade_steps, institutional_steps
from nodes.kernels.panels import change_over
from nodes.kernels.ratios import ratio_column
from nodes.kernels.split_basis import split_rows
from nodes.kernels.standing import AMOUNT, amount_standing, at_rows
from nodes.vocabulary.units import (
    CountColumn,
    DateColumn,
    Days,
    FracColumn,
    InstantColumn,
    Panel,
    Segments,
    Sessions,
    SharesColumn,
    SymbolColumn,
)


def institutional_holding_frac(
    ownership_13f: Panel,
    outstanding_shares: SharesColumn,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    bar_on: DateColumn,
    split_ratio: FracColumn,
    holding_life_days: Days,
) -> FracColumn:
    """Share of the company that institutions hold, by the newest 13F of each that was known.

    Formula: shares in the standing filings, in the shares of the bar's day / outstanding shares
    Unit: fraction. Missing: null where no standing filing names the share, and where the shares outstanding are not
    known.
    Source: Gompers and Metrick (2001), Quarterly J. Economics 116(1); lag by 17 CFR 240.13f-1.
    """
    splits = split_rows(symbol, bar_on, split_ratio)
    held = at_rows(institutional_steps(ownership_13f, splits, holding_life_days), {"symbol": symbol}, closed_at)
    return FracColumn(ratio_column(amount_standing(held), outstanding_shares))


def institutions_count(
    ownership_13f: Panel,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    bar_on: DateColumn,
    split_ratio: FracColumn,
    holding_life_days: Days,
) -> CountColumn:
    """How many institutions hold the share, by the newest 13F of each that was known.

    Formula: filers whose standing filing names the share
    Unit: filers. Missing: null until a filing names the share.
    Source: Chen, Hong and Stein (2002), J. Financial Economics 66(2): breadth of ownership.
    """
    splits = split_rows(symbol, bar_on, split_ratio)
    steps = institutional_steps(ownership_13f, splits, holding_life_days)
    return CountColumn(at_rows(steps, {"symbol": symbol}, closed_at)["count"])


def institutional_change_frac(
    institutional_holding_frac: FracColumn, segments: Segments, holding_change_sessions: Sessions
) -> FracColumn:
    """By how much the institutions' share of the company moved.

    Formula: institutional holding - that of holding_change_sessions bars before
    Unit: fraction of the company. Missing: null where either is.
    Source: Nofsinger and Sias (1999), J. Finance 54(6).
    """
    return FracColumn(column(change_over(array(institutional_holding_frac), segments, holding_change_sessions)))


def insider_net_buying_frac(
    insider_holdings: Panel,
    outstanding_shares: SharesColumn,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    segments: Segments,
    insider_sessions: Sessions,
) -> FracColumn:
    """Shares that insiders bought on the open market, less those sold, as a share of the company.

    Formula: (bought - sold, of forms known in the last insider_sessions bars) / outstanding shares
    Unit: fraction of the company. Missing: null until a form with trades is known, and until the window is full.
    Source: Lakonishok and Lee (2001), Review of Financial Studies 14(1): purchases and sales only, no grants.
    """
    so_far = at_rows(insider_trade_steps(insider_holdings), {"symbol": symbol}, closed_at)[AMOUNT]
    net = column(change_over(array(so_far), segments, insider_sessions))
    return FracColumn(ratio_column(net, outstanding_shares))


def insider_holding_frac(
    insider_holdings: Panel,
    outstanding_shares: SharesColumn,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    bar_on: DateColumn,
    split_ratio: FracColumn,
    insider_life_days: Days,
) -> FracColumn:
    """Share of the company that insiders own, by the newest form of each that was known.

    Formula: shares owned after the standing forms, in the shares of the bar's day / outstanding shares
    Unit: fraction. Missing: null where no form stands, and where the shares outstanding are not known.
    Source: Morck, Shleifer and Vishny (1988), J. Financial Economics 20: ownership by insiders.
    """
    splits = split_rows(symbol, bar_on, split_ratio)
    owned = at_rows(insider_steps(insider_holdings, splits, insider_life_days), {"symbol": symbol}, closed_at)
    return FracColumn(ratio_column(amount_standing(owned), outstanding_shares))
