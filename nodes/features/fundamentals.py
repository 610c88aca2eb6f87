"""What a company owns, owes and earns, as its filings had said it when each bar closed."""

from __future__ import annotations

from nodes.kernels.arrays import array, column, whole_column
from nodes.kernels.known import days_since_known, known_rows, known_values
from nodes.kernels.ratios import growth_column, ratio_column
from nodes.kernels.split_basis import factors_since
from nodes.kernels.statements import balances, share_counts, trailing_years, year_pairs
from nodes.vocabulary.units import (
    DateColumn,
    DaysColumn,
    FracColumn,
    InstantColumn,
    Panel,
    Segments,
    SharesColumn,
    SymbolColumn,
    UsdColumn,
)


def total_assets_usd(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> UsdColumn:
    """Total assets of the newest balance sheet.

    Formula: us-gaap Assets, newest period, newest revision known at the close
    Unit: USD. Missing: null until a balance sheet is known.
    Source: SEC companyfacts; as-of rule of DESIGN section 4.
    """
    return UsdColumn(known_values(balances(fundamentals, "assets"), symbol, closed_at))


def book_equity_usd(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> UsdColumn:
    """Stockholders' equity of the newest balance sheet.

    Formula: us-gaap StockholdersEquity, newest period, newest revision known at the close
    Unit: USD. Missing: null until a balance sheet is known.
    Source: SEC companyfacts; as-of rule of DESIGN section 4.
    """
    return UsdColumn(known_values(balances(fundamentals, "equity"), symbol, closed_at))


def total_liabilities_usd(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> UsdColumn:
    """Total liabilities of the newest balance sheet that states them.

    Formula: us-gaap Liabilities, newest period, newest revision known at the close
    Unit: USD. Missing: null until one is known; some companies never state the total.
    Source: SEC companyfacts; as-of rule of DESIGN section 4.
    """
    return UsdColumn(known_values(balances(fundamentals, "liabilities"), symbol, closed_at))


def outstanding_shares(
    fundamentals: Panel,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    bar_on: DateColumn,
    split_ratio: FracColumn,
    segments: Segments,
) -> SharesColumn:
    """Shares outstanding in the shares of the bar's day: a split since the count was taken multiplies it.

    Formula: newest count known at the close * product of the split ratios between the day that it counts in and the
    bar's: its own day on a cover, the filing's in statements
    Unit: shares. Missing: null until a count is known, and where it is older than the symbol's first bar.
    Source: SEC companyfacts, dei EntityCommonStockSharesOutstanding, else CommonStockSharesOutstanding.
    """
    known = known_rows(share_counts(fundamentals), symbol, closed_at, ["value", "basis_at"])
    factors = factors_since(known["basis_at"], symbol, bar_on, split_ratio, segments)
    return SharesColumn(whole_column(array(known["value"]) * factors))


def sales_ttm_usd(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> UsdColumn:
    """Sales of the trailing twelve months.

    Formula: last year + this year's part - the same part of last year, each as known at the close
    Unit: USD. Missing: null until the three are known.
    Source: SEC companyfacts, us-gaap Revenues or the concepts that filers use for it.
    """
    return UsdColumn(known_values(trailing_years(fundamentals, "sales"), symbol, closed_at))


def cost_of_sales_ttm_usd(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> UsdColumn:
    """Cost of what was sold in the trailing twelve months.

    Formula: last year + this year's part - the same part of last year, each as known at the close
    Unit: USD. Missing: null until the three are known.
    Source: SEC companyfacts, us-gaap CostOfRevenue or CostOfGoodsAndServicesSold.
    """
    return UsdColumn(known_values(trailing_years(fundamentals, "cost_of_sales"), symbol, closed_at))


def net_income_ttm_usd(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> UsdColumn:
    """Net income of the trailing twelve months.

    Formula: last year + this year's part - the same part of last year, each as known at the close
    Unit: USD. Missing: null until the three are known.
    Source: SEC companyfacts, us-gaap NetIncomeLoss.
    """
    return UsdColumn(known_values(trailing_years(fundamentals, "net_income"), symbol, closed_at))


def operating_cash_flow_ttm_usd(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> UsdColumn:
    """Cash flow from operations of the trailing twelve months.

    Formula: last year + this year's part - the same part of last year, each as known at the close
    Unit: USD. Missing: null until the three are known.
    Source: SEC companyfacts, us-gaap NetCashProvidedByUsedInOperatingActivities.
    """
    return UsdColumn(known_values(trailing_years(fundamentals, "operating_cash_flow"), symbol, closed_at))


def market_cap_usd(close_usd: UsdColumn, outstanding_shares: SharesColumn) -> UsdColumn:
    """Worth of all shares at the close.

    Formula: close * outstanding shares, both of the bar's day
    Unit: USD. Missing: null where either is.
    Source: Fama and French (1992), J. Finance 47(2), section I: market equity.
    """
    return UsdColumn(column(array(close_usd) * array(outstanding_shares)))


def book_to_market_frac(book_equity_usd: UsdColumn, market_cap_usd: UsdColumn) -> FracColumn:
    """Book equity for each dollar of market equity.

    Formula: equity / market cap
    Unit: fraction. Missing: null where either is.
    Source: Fama and French (1992), J. Finance 47(2), here with the newest equity known and not that of December.
    """
    return FracColumn(ratio_column(book_equity_usd, market_cap_usd))


def earnings_yield_frac(net_income_ttm_usd: UsdColumn, market_cap_usd: UsdColumn) -> FracColumn:
    """A year's earnings for each dollar of market equity.

    Formula: net income of twelve months / market cap
    Unit: fraction. Missing: null where either is.
    Source: Basu (1977), J. Finance 32(3).
    """
    return FracColumn(ratio_column(net_income_ttm_usd, market_cap_usd))


def sales_yield_frac(sales_ttm_usd: UsdColumn, market_cap_usd: UsdColumn) -> FracColumn:
    """A year's sales for each dollar of market equity.

    Formula: sales of twelve months / market cap
    Unit: fraction. Missing: null where either is.
    Source: Barbee, Mukherji and Raines (1996), Financial Analysts Journal 52(2).
    """
    return FracColumn(ratio_column(sales_ttm_usd, market_cap_usd))


def cash_flow_yield_frac(operating_cash_flow_ttm_usd: UsdColumn, market_cap_usd: UsdColumn) -> FracColumn:
    """A year's operating cash flow for each dollar of market equity.

    Formula: operating cash flow of twelve months / market cap
    Unit: fraction. Missing: null where either is.
    Source: Lakonishok, Shleifer and Vishny (1994), J. Finance 49(5), with cash flow as filed.
    """
    return FracColumn(ratio_column(operating_cash_flow_ttm_usd, market_cap_usd))


def gross_profitability_frac(
    sales_ttm_usd: UsdColumn, cost_of_sales_ttm_usd: UsdColumn, total_assets_usd: UsdColumn
) -> FracColumn:
    """A year's gross profit for each dollar of assets.

    Formula: (sales - cost of sales, of twelve months) / total assets
    Unit: fraction. Missing: null where one of them is.
    Source: Novy-Marx (2013), J. Financial Economics 108(1).
    """
    return FracColumn(ratio_column(sales_ttm_usd - cost_of_sales_ttm_usd, total_assets_usd))


def return_on_equity_frac(net_income_ttm_usd: UsdColumn, book_equity_usd: UsdColumn) -> FracColumn:
    """A year's earnings for each dollar of book equity.

    Formula: net income of twelve months / equity
    Unit: fraction. Missing: null where either is, or equity is not positive.
    Source: Haugen and Baker (1996), J. Financial Economics 41(3).
    """
    return FracColumn(ratio_column(net_income_ttm_usd, book_equity_usd))


def accruals_frac(
    net_income_ttm_usd: UsdColumn, operating_cash_flow_ttm_usd: UsdColumn, total_assets_usd: UsdColumn
) -> FracColumn:
    """Earnings that did not come in as cash, for each dollar of assets.

    Formula: (net income - operating cash flow, of twelve months) / total assets
    Unit: fraction. Missing: null where one of them is.
    Source: Sloan (1996), The Accounting Review 71(3), by cash flow as in Hribar and Collins (2002).
    """
    return FracColumn(ratio_column(net_income_ttm_usd - operating_cash_flow_ttm_usd, total_assets_usd))


def leverage_frac(total_liabilities_usd: UsdColumn, total_assets_usd: UsdColumn) -> FracColumn:
    """What is owed for each dollar that is owned.

    Formula: total liabilities / total assets
    Unit: fraction. Missing: null where either is.
    Source: Bhandari (1988), J. Finance 43(2), by book values.
    """
    return FracColumn(ratio_column(total_liabilities_usd, total_assets_usd))


def asset_growth_frac(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> FracColumn:
    """By how much total assets grew in a year.

    Formula: assets of the newest balance sheet / those of a year before, as restated by then, - 1
    Unit: fraction. Missing: null until both are known.
    Source: Cooper, Gulen and Schill (2008), J. Finance 63(4).
    """
    pairs = year_pairs(balances(fundamentals, "assets"))
    known = known_rows(pairs, symbol, closed_at, ["value", "value_before"])
    return FracColumn(growth_column(known["value"], known["value_before"]))


def sales_growth_frac(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> FracColumn:
    """By how much the sales of twelve months grew in a year.

    Formula: sales of twelve months / those of the twelve months before - 1, each as known at the close
    Unit: fraction. Missing: null until both are known.
    Source: Lakonishok, Shleifer and Vishny (1994), J. Finance 49(5), over one year.
    """
    pairs = year_pairs(trailing_years(fundamentals, "sales"))
    known = known_rows(pairs, symbol, closed_at, ["value", "value_before"])
    return FracColumn(growth_column(known["value"], known["value_before"]))


def net_issuance_frac(
    fundamentals: Panel,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    bar_on: DateColumn,
    split_ratio: FracColumn,
    segments: Segments,
) -> FracColumn:
    """By how much the number of shares grew in a year, splits taken out.

    Formula: newest count / the count of a year before - 1, both in the shares of the bar's day
    Unit: fraction. Missing: null until both are known, and where the panel does not reach back to the older one.
    Source: Pontiff and Woodgate (2008), J. Finance 63(2).
    """
    pairs = year_pairs(share_counts(fundamentals))
    known = known_rows(pairs, symbol, closed_at, ["value", "value_before", "basis_at", "basis_at_before"])
    now = factors_since(known["basis_at"], symbol, bar_on, split_ratio, segments)
    then = factors_since(known["basis_at_before"], symbol, bar_on, split_ratio, segments)
    return FracColumn(growth_column(column(array(known["value"]) * now), column(array(known["value_before"]) * then)))


def statement_age_days(fundamentals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> DaysColumn:
    """How long ago the newest balance sheet became known.

    Formula: whole days from known_at of the newest assets to the close
    Unit: days. Missing: null until a balance sheet is known.
    Source: DESIGN section 4: staleness of a feature.
    """
    return DaysColumn(days_since_known(balances(fundamentals, "assets"), symbol, closed_at))
