"""Corporate actions, inferred from how an adjusted close moves against the raw close.

Quandl WIKI multiplies every price before an ex-date by 1 / (split ratio * (1 + dividend / close of the ex-date)). So
the ratio of one session's (adjusted / raw) to the previous session's is exactly 1 without an event, the split ratio on
a split, and 1 + D / close on a cash dividend D; that session's total return is close / previous close * ratio - 1.
(Yahoo and CRSP divide by the previous close instead: D would come out up to 5 % off, and not in whole cents.)

Only this ratio of neighbours is kept. It is then rewritten from the event it stands for (the split as a whole
fraction, D in millionths of a dollar), since its last bits still carry the rounding of later adjustments: a later
split, merged into the adjusted series, must not change one bit here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from math import inf

import polars as pl

from nodes.vocabulary.errors import DataError

_SAME = 1e-9
_SPLIT_TOLERANCE = 1e-6
_MAX_OLD_SHARES = 10
_SPLIT_FROM = 1.2
_MILLIONTH = Decimal("0.000001")


class ActionKind(Enum):
    """What happened to the share."""

    SPLIT = "split"
    DIVIDEND = "dividend"


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """One event, in force from the opening of its ex-date.

    Attributes:
        symbol: of which share.
        ex_on: first session at which the share trades without it.
        kind: split or cash dividend.
        new_shares: shares after a split for `old_shares` before; 1 on a dividend.
        old_shares: see `new_shares`.
        dividend_usd: cash a share; zero on a split.
    """

    symbol: str
    ex_on: date
    kind: ActionKind
    new_shares: int = 1
    old_shares: int = 1
    dividend_usd: Decimal = Decimal(0)

    def ratio(self, close_usd: float) -> float:
        """The total-return factor of the ex-date whose raw close is given."""
        if self.kind is ActionKind.SPLIT:
            return self.new_shares / self.old_shares
        return 1.0 + float(self.dividend_usd) / close_usd


def bars_with_ratio(bars: pl.DataFrame) -> tuple[pl.DataFrame, tuple[CorporateAction, ...]]:
    """Bars with `adjustment_ratio` instead of the adjusted close, and the events behind every ratio but 1.

    Rows are sorted by symbol, then session; a symbol's first row has ratio 1.

    Raises:
        DataError: a ratio stands for no split and no dividend.
    """
    factor = pl.col("adjusted_close_usd") / pl.col("close_usd")
    ordered = bars.sort("symbol", "session_on").with_columns(
        raw_ratio=(factor / factor.shift(1).over("symbol")).fill_null(1.0)
    )
    moved = ordered.filter((pl.col("raw_ratio") - 1.0).abs() > _SAME)
    rows = moved.select("symbol", "session_on", "raw_ratio", "close_usd").iter_rows()
    actions = tuple(_action(*row) for row in rows)
    ratios = pl.DataFrame(
        {
            "symbol": moved["symbol"],
            "session_on": moved["session_on"],
            "adjustment_ratio": pl.Series(
                [action.ratio(close) for action, close in zip(actions, moved["close_usd"], strict=True)],
                dtype=pl.Float64,
            ),
        }
    )
    joined = ordered.join(ratios, on=["symbol", "session_on"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("adjustment_ratio").fill_null(1.0)).drop(
        "raw_ratio", "adjusted_close_usd"
    ), actions


def _action(symbol: str, ex_on: date, ratio: float, close_usd: float) -> CorporateAction:
    split = _split(ratio)
    if split is not None:
        return CorporateAction(symbol, ex_on, ActionKind.SPLIT, split.numerator, split.denominator)
    if 1.0 < ratio < inf:
        dividend_usd = Decimal(repr(close_usd * (ratio - 1.0))).quantize(_MILLIONTH).normalize()
    else:
        dividend_usd = Decimal(0)
    if dividend_usd == 0:
        message = (
            f"{symbol} {ex_on}: adjusted close moves by {ratio!r} against the raw close, which is no split and no cash"
            " dividend; correct the adjusted close of that session"
        )
        raise DataError(message)
    return CorporateAction(symbol, ex_on, ActionKind.DIVIDEND, dividend_usd=dividend_usd)


def _split(ratio: float) -> Fraction | None:
    """The whole fraction that a ratio stands for, when it is far enough from 1 to be a split."""
    if not 0.0 < ratio < inf:
        return None
    larger = max(ratio, 1.0 / ratio)
    nearest = Fraction(larger).limit_denominator(_MAX_OLD_SHARES)
    if larger < _SPLIT_FROM or abs(larger / float(nearest) - 1.0) > _SPLIT_TOLERANCE:
        return None
    return nearest if ratio > 1.0 else 1 / nearest
