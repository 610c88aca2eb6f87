"""The cross-asset factors that are known here: unit, source, when each is true and when it became known.

Where a publication time is not on record, the law is a bound: later than the publication ever was. Late is safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from adapters.lake.instant_laws import AT_CLOSE, DATE_ONLY, Law, Rule

PERCENT = "percent"
FRACTION = "fraction"
POINTS = "points"
USD = "usd"


@dataclass(frozen=True, slots=True)
class FactorLaw:
    """What a factor is.

    Attributes:
        unit: of its value.
        event: when a day's value was true.
        known: when it could first be known.
        source: whose numbers they are.
        reason: why the lag is what it is.
    """

    unit: str
    event: Law
    known: Law
    source: str
    reason: str


_VIX_CLOSE = Law(Rule.TIME_OF_DAY, time(16, 15))
_UTC_DAY = Law(Rule.DAY_END, zone="UTC")
_SPOT_EVENT = Law(Rule.TIME_OF_DAY, time(14, 30))
_TREASURY = FactorLaw(
    FRACTION,
    Law(Rule.TIME_OF_DAY, time(15, 30)),
    DATE_ONLY,
    "US Treasury par yield curve",
    "made from quotes of about 15:30 and published that evening without a fixed time: the next opening",
)
_FACTOR_RETURN = FactorLaw(
    PERCENT,
    AT_CLOSE,
    Law(Rule.MONTH_END, lag_days=60),
    "Kenneth R. French data library",
    "a month's file appears some weeks after its end and no stamp is kept: 60 days are a bound",
)
_MONTHLY_RETURN = FactorLaw(
    PERCENT, Law(Rule.DAY_END), _FACTOR_RETURN.known, _FACTOR_RETURN.source, _FACTOR_RETURN.reason
)
_TENORS = ("1month", "3month", "6month", "1year", "2year", "3year", "5year", "7year", "10year", "20year", "30year")
_FRENCH = ("mkt_rf", "smb", "hml", "rmw", "cma", "mom", "rf")

FACTOR_LAWS: Mapping[str, FactorLaw] = {
    "vix": FactorLaw(POINTS, _VIX_CLOSE, _VIX_CLOSE, "Cboe", "the index closes at 16:15, after the shares"),
    "sp500": FactorLaw(POINTS, AT_CLOSE, AT_CLOSE, "S&P Dow Jones Indices", "the closing level is known at the close"),
    "wti": FactorLaw(
        USD,
        _SPOT_EVENT,
        Law(Rule.NEXT_OPEN, lag_days=8),
        "US Energy Information Administration, Cushing spot",
        "daily spot prices are published in weekly batches: eight days are a bound",
    ),
    "gold": FactorLaw(
        USD, _UTC_DAY, _UTC_DAY, "quotes of XAU/USD, mid of the last", "a day of quotes ends at 24:00 UTC"
    ),
    "eurusd": FactorLaw(
        USD, _UTC_DAY, _UTC_DAY, "quotes of EUR/USD, mid of the last", "a day of quotes ends at 24:00 UTC"
    ),
    "usd_broad": FactorLaw(
        POINTS,
        _SPOT_EVENT,
        Law(Rule.NEXT_OPEN, lag_days=10),
        "Federal Reserve H.10, nominal broad dollar index (FRED DTWEXBGS)",
        "published on Mondays for the week before: ten days are a bound",
    ),
    "baa_10year": FactorLaw(
        PERCENT,
        _TREASURY.event,
        Law(Rule.NEXT_OPEN, lag_days=1),
        "Moody's seasoned Baa yield less the 10-year Treasury's (FRED BAA10Y)",
        "published on the next business day without a fixed time: the opening after that day",
    ),
    "primary_credit": FactorLaw(
        PERCENT,
        Law(Rule.SESSION_OPEN),
        Law(Rule.SESSION_OPEN),
        "Federal Reserve primary credit rate (FRED PCREDIT8)",
        "announced before the day from which it is in force",
    ),
    **{f"y_{tenor}": _TREASURY for tenor in _TENORS},
    **dict.fromkeys(_FRENCH, _FACTOR_RETURN),
    **{f"{name}_{period}": _MONTHLY_RETURN for name in _FRENCH for period in ("month", "year")},
}
