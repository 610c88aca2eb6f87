"""The columns of the panel, lifted into their units, and where each symbol's rows are.

The panel holds raw prices, sorted by symbol and session. A price that is not positive and finite is missing here.
"""

from __future__ import annotations

from datetime import date

from nodes.kernels.arrays import array, column, positive
from nodes.kernels.panels import block_starts, known_by, on_dates
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


def segments(symbol: SymbolColumn, bar_on: DateColumn, session_on: date) -> Segments:
    """First row of each symbol's block, then the height of the panel.

    Formula: rows whose symbol differs from the row before, then the row count
    Unit: rows. Missing: absent, and with it all that stands on the panel, when the panel is not sorted by symbol and
    session, holds a bar twice, or holds one of a session after session_on.
    Source: DESIGN section 3, Determinism: kernels work over a sorted array; section 4, readers never see the future.
    """
    return Segments(block_starts(symbol, known_by(bar_on, session_on)))


def symbols(symbol: SymbolColumn, segments: Segments) -> SymbolRow:
    """The symbols of the panel, one row each, in its order.

    Formula: symbol at each block's first row
    Unit: text. Missing: never.
    Source: the snapshot's panel.
    """
    return SymbolRow(symbol.gather(segments[:-1]))


def open_usd(panel: Panel) -> UsdColumn:
    """Opening price, raw.

    Formula: open_usd of the panel where it is > 0
    Unit: USD per share. Missing: null where it is missing, not finite or not positive.
    Source: the snapshot's panel, as the feed printed it.
    """
    return UsdColumn(column(positive(array(panel["open_usd"]))))


def high_usd(panel: Panel) -> UsdColumn:
    """Highest price of the session, raw.

    Formula: high_usd of the panel where it is > 0
    Unit: USD per share. Missing: null where it is missing, not finite or not positive.
    Source: the snapshot's panel, as the feed printed it.
    """
    return UsdColumn(column(positive(array(panel["high_usd"]))))


def low_usd(panel: Panel) -> UsdColumn:
    """Lowest price of the session, raw.

    Formula: low_usd of the panel where it is > 0
    Unit: USD per share. Missing: null where it is missing, not finite or not positive.
    Source: the snapshot's panel, as the feed printed it.
    """
    return UsdColumn(column(positive(array(panel["low_usd"]))))


def close_usd(panel: Panel) -> UsdColumn:
    """Closing price, raw.

    Formula: close_usd of the panel where it is > 0
    Unit: USD per share. Missing: null where it is missing, not finite or not positive.
    Source: the snapshot's panel, as the feed printed it.
    """
    return UsdColumn(column(positive(array(panel["close_usd"]))))


def volume_shares(panel: Panel) -> SharesColumn:
    """Shares traded in the session, raw; zero is a value: nothing traded.

    Unit: shares. Missing: null where the bar has none.
    """
    return SharesColumn(panel["volume_shares"])


def adjustment_ratio(panel: Panel) -> FracColumn:
    """Factor that turns the price return of the session into the total return: 2.0 on the day of a 2:1 split, else 1.0.

    Formula: adjustment_ratio of the panel where it is > 0
    Unit: ratio. Missing: null where it is missing, not finite or not positive.
    Source: CRSP, Data Descriptions Guide, price adjustment factors.
    """
    return FracColumn(column(positive(array(panel["adjustment_ratio"]))))


def index_close_usd(index_panel: Panel, bar_on: DateColumn) -> UsdColumn:
    """Level of the index on the session of each bar.

    Formula: close_usd of the index panel on bar_on
    Unit: index points. Missing: null where the index has no level on that session.
    Source: the snapshot's index panel.
    """
    levels = positive(array(index_panel["close_usd"]))
    return UsdColumn(column(on_dates(levels, index_panel["session_on"], bar_on)))
