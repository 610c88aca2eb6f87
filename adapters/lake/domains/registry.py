"""Every domain of the lake, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adapters.lake.domains.bars import BARS_DAILY, BARS_INTRADAY, QUOTES_INTRADAY
from adapters.lake.domains.calendars import ALERTS, EARNINGS_CALENDAR, MACRO_CALENDAR
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.domains.estimates import EARNINGS_ACTUALS, ESTIMATES
from adapters.lake.domains.factors import FACTORS, MACRO
from adapters.lake.domains.feed_runs import FEED_RUNS
from adapters.lake.domains.filings import FILINGS
from adapters.lake.domains.fundamentals import FUNDAMENTALS
from adapters.lake.domains.identity import IDENTITY
from adapters.lake.domains.market_events import BORROW, FAILS, HALTS, SHORT_INTEREST
from adapters.lake.domains.options import (
    OPTION_ATM_VOLATILITY,
    OPTION_OPEN_INTEREST,
    OPTION_QUOTES,
    OPTION_TRADES,
    OPTION_VENDOR_GREEKS,
)
from adapters.lake.domains.ownership import INSIDER_HOLDINGS, OWNERSHIP_13F
from adapters.lake.domains.ratings import RATINGS
from adapters.lake.domains.texts import TEXT_SCORES, TEXTS
from adapters.lake.domains.ticks import BOOK_EVENTS, BOOK_LEVELS, QUOTES, TRADES
from adapters.lake.domains.universe import MEMBERSHIP, UNIVERSE
from adapters.lake.facts.domain import Domain

_ALL: tuple[Domain, ...] = (
    IDENTITY,
    BARS_DAILY,
    BARS_INTRADAY,
    QUOTES_INTRADAY,
    CORPORATE_ACTIONS,
    MEMBERSHIP,
    UNIVERSE,
    FACTORS,
    MACRO,
    HALTS,
    SHORT_INTEREST,
    FAILS,
    BORROW,
    TRADES,
    QUOTES,
    BOOK_EVENTS,
    BOOK_LEVELS,
    FILINGS,
    FUNDAMENTALS,
    ESTIMATES,
    EARNINGS_ACTUALS,
    RATINGS,
    OWNERSHIP_13F,
    INSIDER_HOLDINGS,
    EARNINGS_CALENDAR,
    MACRO_CALENDAR,
    ALERTS,
    OPTION_QUOTES,
    OPTION_OPEN_INTEREST,
    OPTION_TRADES,
    OPTION_ATM_VOLATILITY,
    OPTION_VENDOR_GREEKS,
    TEXTS,
    TEXT_SCORES,
    FEED_RUNS,
)

DOMAINS: Mapping[str, Domain] = MappingProxyType({domain.name: domain for domain in _ALL})
"""The domains whose tables the lake holds."""
