"""The columns of the panel, lifted into their units, and where each symbol's rows are.

The panel holds raw prices, sorted by symbol and session. A price that is not positive and finite is missing here.
"""

from __future__ import annotations

from nodes.kernels.arrays import array, column, positive
from nodes.kernels.panels import block_starts, on_dates
from nodes.vocabulary.units import (
    DateColumn,
    FracColumn,
    Panel,
    Segments,
    SharesColumn,
    SymbolColumn,
    SymbolRow,
    UsdColumn,
)


def symbol(panel: Panel) -> SymbolColumn:
    """Symbol of each bar.

    Unit: text. Missing: never.
    """
    return SymbolColumn(panel["symbol"])


def bar_on(panel: Panel) -> DateColumn:
    """Session of each bar.

    Unit: date. Missing: never.
    """
    return DateColumn(panel["session_on"])


def segments(symbol: SymbolColumn, bar_on: DateColumn) -> Segments:
    """First row of each symbol's block, then the height of the panel.

    Unit: rows. Missing: absent, and with it all that stands on the panel, when the panel is not sorted by symbol and
    session or holds a bar twice.
    """
    return Segments(block_starts(symbol, bar_on))


def symbols(symbol: SymbolColumn, segments: Segments) -> SymbolRow:
    """The symbols of the panel, one row each, in its order.

    Unit: text. Missing: never.
    """
    return SymbolRow(symbol.gather(segments[:-1]))


def open_usd(panel: Panel) -> UsdColumn:
    """Opening price, raw.

    Unit: USD per share. Missing: null where it is missing, not finite or not positive.
    """
    return UsdColumn(column(positive(array(panel["open_usd"]))))


def high_usd(panel: Panel) -> UsdColumn:
    """Highest price of the session, raw.

    Unit: USD per share. Missing: null where it is missing, not finite or not positive.
    """
    return UsdColumn(column(positive(array(panel["high_usd"]))))


def low_usd(panel: Panel) -> UsdColumn:
    """Lowest price of the session, raw.

    Unit: USD per share. Missing: null where it is missing, not finite or not positive.
    """
    return UsdColumn(column(positive(array(panel["low_usd"]))))


def close_usd(panel: Panel) -> UsdColumn:
    """Closing price, raw.

    Unit: USD per share. Missing: null where it is missing, not finite or not positive.
    """
    return UsdColumn(column(positive(array(panel["close_usd"]))))


def volume_shares(panel: Panel) -> SharesColumn:
    """Shares traded in the session, raw; zero is a value: nothing traded.

    Unit: shares. Missing: null where the bar has none.
    """
    return SharesColumn(panel["volume_shares"])


def adjustment_ratio(panel: Panel) -> FracColumn:
    """Factor that turns the price return of the session into the total return: 2.0 on the day of a 2:1 split, else 1.0.

    Unit: ratio. Missing: null where it is missing, not finite or not positive.
    Source: CRSP, Data Descriptions Guide, price adjustment factors.
    """
    return FracColumn(column(positive(array(panel["adjustment_ratio"]))))


def index_close_usd(index_panel: Panel, bar_on: DateColumn) -> UsdColumn:
    """Level of the index on the session of each bar.

    Unit: index points. Missing: null where the index has no level on that session.
    """
    levels = positive(array(index_panel["close_usd"]))
    return UsdColumn(column(on_dates(levels, index_panel["session_on"], bar_on)))
