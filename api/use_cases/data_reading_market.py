"""What can be read of the market: bars, quotes, trades, books, factors, macro series, actions, names."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import polars as pl

from adapters.lake.domains.bars import BARS_DAILY, BARS_INTRADAY, PRICES, QUOTES_INTRADAY
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.domains.factors import FACTORS, MACRO
from adapters.lake.domains.identity import IDENTITY
from adapters.lake.domains.market_events import BORROW, FAILS, HALTS, SHORT_INTEREST
from adapters.lake.domains.ticks import BOOK_EVENTS, BOOK_LEVELS, QUOTES, TRADES
from adapters.lake.domains.universe import MEMBERSHIP, UNIVERSE
from adapters.lake.facts.domain import INSTANT, Domain
from adapters.lake.views.bars import Adjustment, adjusted
from adapters.lake.views.factors import macro_first_prints, macro_series
from adapters.lake.views.identity import leases
from adapters.lake.views.quotes import best_quotes
from adapters.lake.views.universe import cross_section, members
from api.use_cases.data_reading import EndOn, Reading, Says, Standpoint, StartOn, Symbol, columns, not_known, within

TAG = "market-data"
_PATH = "/market-data"
BAR_S = {"1m": 60, "1h": 3600}

On = Annotated[date | None, Says("The day on which the ticker names its security; by default the day of as_of.")]
SessionOn = Annotated[date, Says("The session, e.g. 2013-10-07.")]
Adjusted = Annotated[
    Literal["none", "splits", "all"],
    Says("What the adjusted columns are adjusted for, by what was in force as of the question."),
]
BarLength = Annotated[Literal["1m", "1h"], Says("Length of a bar.")]
Name = Annotated[str, Says("Its name.", pattern=r"^[A-Za-z0-9._-]{1,64}$")]
View = Annotated[
    Literal["as-of", "first-print", "vintages"],
    Says("Values as they stood, as they were first published, or every vintage."),
]


def security_id(at: Standpoint, symbol: str, on: date | None) -> str:
    """The security that a ticker, or an id, names on a day. Raises DataError when it names none, or two."""
    known = leases(at.store, at.as_of).filter((pl.col("symbol") == symbol) | (pl.col("security_id") == symbol))
    day = on or at.today_on
    lasts = pl.col("valid_to_on").is_null() | (pl.col("valid_to_on") >= day)
    held = known.filter((pl.col("security_id") == symbol) | ((pl.col("valid_from_on") <= day) & lasts))
    found = held["security_id"].unique().sort()
    if len(found) == 1:
        return str(found[0])
    raise not_known(f"one security that {symbol!r} names on {day} ({len(found)} are)")


def bars(  # noqa: PLR0913, PLR0917  # one argument a parameter
    at: Standpoint,
    symbol: Symbol,
    adjustment: Adjusted = "all",
    start_on: StartOn = None,
    end_on: EndOn = None,
    on: On = None,
) -> pl.DataFrame:
    """Daily bars, raw and adjusted.

    Raw prices are as they were paid. Adjusted ones are computed for this question from the splits and dividends in
    force as of it, and are never stored: asked as of another instant, they are others.
    """
    found = adjusted(at.store, security_id(at, symbol, on), at.as_of, Adjustment(adjustment))
    return found.filter(within("session_on", start_on, end_on))


def intraday_bars(  # noqa: PLR0913, PLR0917  # one argument a parameter
    at: Standpoint,
    symbol: Symbol,
    bar: BarLength = "1m",
    start_on: StartOn = None,
    end_on: EndOn = None,
    on: On = None,
) -> pl.DataFrame:
    """Bars within days, raw, extended hours included. A bar is known when it ends."""
    return _within_days(at, BARS_INTRADAY, (symbol, on), bar, within(_DAY, start_on, end_on))


def quote_bars(  # noqa: PLR0913, PLR0917  # one argument a parameter
    at: Standpoint,
    symbol: Symbol,
    bar: BarLength = "1m",
    start_on: StartOn = None,
    end_on: EndOn = None,
    on: On = None,
) -> pl.DataFrame:
    """Bars of the best bid and ask. A side without a quote is null, never zero."""
    return _within_days(at, QUOTES_INTRADAY, (symbol, on), bar, within(_DAY, start_on, end_on))


_DAY = "_day_on"


def _within_days(
    at: Standpoint, domain: Domain, named: tuple[str, date | None], bar: str, days: pl.Expr
) -> pl.DataFrame:
    own = (pl.col("security_id") == security_id(at, *named)) & (pl.col("bar_s") == BAR_S[bar])
    rows = at.store.as_of(domain, at.as_of, where=own)
    dated = rows.with_columns(pl.col("starts_at").dt.convert_time_zone("America/New_York").dt.date().alias(_DAY))
    return dated.filter(days).sort("starts_at").collect()


def trades(at: Standpoint, symbol: Symbol, session_on: SessionOn) -> pl.DataFrame:
    """Trades of a session, in the order of the tape, each with its venue and condition."""
    return _ticks(at, TRADES, symbol, session_on)


def quotes(at: Standpoint, symbol: Symbol, session_on: SessionOn) -> pl.DataFrame:
    """The best bid and ask after every change of a session; locked and crossed ones are flagged, not dropped."""
    return best_quotes(at.store, security_id(at, symbol, session_on), session_on, at.as_of)


def book(
    at: Standpoint,
    symbol: Symbol,
    session_on: SessionOn,
    levels: Annotated[int, Says("How many levels of each side.", least=1, most=50)] = 10,
) -> pl.DataFrame:
    """The order book after every event of a session: a row a level, 1 the best."""
    return _ticks(at, BOOK_LEVELS, symbol, session_on, pl.col("level") <= levels)


def book_events(at: Standpoint, symbol: Symbol, session_on: SessionOn) -> pl.DataFrame:
    """The events of an order book: orders that came, shrank, went or were executed."""
    return _ticks(at, BOOK_EVENTS, symbol, session_on)


def _ticks(at: Standpoint, domain: Domain, symbol: str, session_on: date, more: pl.Expr | None = None) -> pl.DataFrame:
    own = (pl.col("security_id") == security_id(at, symbol, session_on)) & (pl.col("session_on") == session_on)
    rows = at.store.as_of(domain, at.as_of, where=own if more is None else own & more)
    return rows.sort([name for name in ("tick_no", "level") if name in domain.keys]).collect()


def factors(at: Standpoint) -> pl.DataFrame:
    """The factors that there are: unit, first and newest period, and the newest value that was known."""
    return _listed(at, FACTORS, "factor")


def factor(at: Standpoint, factor: Name, start_on: StartOn = None, end_on: EndOn = None) -> pl.DataFrame:
    """A cross-asset factor by day, each value from when it could be known."""
    rows = at.store.as_of(FACTORS, at.as_of, where=(pl.col("factor") == factor) & within("period_on", start_on, end_on))
    return rows.sort("period_on").collect()


def macro_list(at: Standpoint) -> pl.DataFrame:
    """The macro series that there are: unit, first and newest period, and the newest value that was known."""
    return _listed(at, MACRO, "series")


def macro(
    at: Standpoint, series: Name, view: View = "as-of", start_on: StartOn = None, end_on: EndOn = None
) -> pl.DataFrame:
    """A macro series in the vintage of an instant, in its first prints, or in every vintage that was known."""
    if view == "vintages":
        found = at.store.history(MACRO, at.as_of, pl.col("series") == series).collect()
    else:
        found = (macro_series if view == "as-of" else macro_first_prints)(at.store, series, at.as_of)
    kept = found.filter(within("period_on", start_on, end_on)).sort("period_on", "known_at", maintain_order=True)
    return kept.with_columns(series=pl.lit(series))


def _listed(at: Standpoint, domain: Domain, name: str) -> pl.DataFrame:
    known = at.store.as_of(domain, at.as_of).sort("period_on")
    newest = [pl.col(each).last() for each in ("value", "unit", "known_at")]
    spans = [pl.col("period_on").first().alias("first_on"), pl.col("period_on").last().alias("last_on")]
    return (
        known.group_by(name, maintain_order=True).agg(pl.len().alias("n_periods"), *spans, *newest).sort(name).collect()
    )


def corporate_actions(at: Standpoint, symbol: Symbol, on: On = None) -> pl.DataFrame:
    """Splits, dividends, ticker changes, listings, delistings and mergers that were announced by then."""
    own = pl.col("security_id") == security_id(at, symbol, on)
    return at.store.as_of(CORPORATE_ACTIONS, at.as_of, where=own).sort("ex_on", "kind").collect()


def securities(
    at: Standpoint,
    symbol: Annotated[str | None, Says("Only of this ticker.")] = None,
    on: Annotated[date | None, Says("Only leases in force on this day.")] = None,
) -> pl.DataFrame:
    """Which security each ticker named, from which day to which: tickers change hands."""
    known = at.store.as_of(IDENTITY, at.as_of)
    own = known if symbol is None else known.filter(pl.col("symbol") == symbol)
    if on is not None:
        lasts = pl.col("valid_to_on").is_null() | (pl.col("valid_to_on") >= on)
        own = own.filter((pl.col("valid_from_on") <= on) & lasts)
    return own.sort("valid_from_on", "symbol", "security_id").collect()


def universe(at: Standpoint, session_on: SessionOn) -> pl.DataFrame:
    """Everything that traded in a session, the largest dollar volume first; names that died later included."""
    return cross_section(at.store, session_on, at.as_of)


def index_members(
    at: Standpoint, index: Name, on: Annotated[date | None, Says("The day; by default that of as_of.")] = None
) -> pl.DataFrame:
    """The members of an index on a day, by symbol."""
    return pl.DataFrame({"symbol": members(at.store, index, on or at.today_on, at.as_of)}, schema={"symbol": pl.String})


def halts(at: Standpoint, symbol: Symbol) -> pl.DataFrame:
    """Trading halts of a symbol. While nobody knew when one would end, resumed_at is null."""
    return _of_symbol(at, HALTS, symbol, "halted_at")


def short_interest(at: Standpoint, symbol: Symbol) -> pl.DataFrame:
    """Shares sold short by settlement date, from their publication on."""
    return _of_symbol(at, SHORT_INTEREST, symbol, "settled_on")


def fails(at: Standpoint, symbol: Symbol) -> pl.DataFrame:
    """Fails to deliver by settlement date, from their publication on."""
    return _of_symbol(at, FAILS, symbol, "settled_on")


def borrow(at: Standpoint, symbol: Symbol) -> pl.DataFrame:
    """What there was to borrow of a share, by day, and at what yearly rate."""
    return _of_symbol(at, BORROW, symbol, "day_on")


def _of_symbol(at: Standpoint, domain: Domain, symbol: str, by: str) -> pl.DataFrame:
    return at.store.as_of(domain, at.as_of, where=pl.col("symbol") == symbol).sort(by).collect()


_ADJUSTED = {f"adjusted_{name}": pl.Float64() for name in (*PRICES, "volume_shares")}
_BARS = {
    **BARS_DAILY.keys,
    **BARS_DAILY.values,
    "known_at": INSTANT,
    "price_factor": pl.Float64(),
    "share_factor": pl.Float64(),
    **_ADJUSTED,
}
_BEST = {
    **{name: QUOTES.schema[name] for name in ("tick_no", "event_at", "venue")},
    **{name: QUOTES.schema[name] for name in ("bid_usd", "bid_shares", "ask_usd", "ask_shares")},
    "spread_usd": pl.Float64(),
    "is_locked": pl.Boolean(),
    "is_crossed": pl.Boolean(),
}
_LIST = {
    "n_periods": pl.Int64(),
    "first_on": pl.Date(),
    "last_on": pl.Date(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "known_at": INSTANT,
}
_SERIES = {**MACRO.keys, **MACRO.values, "event_at": INSTANT, "known_at": INSTANT}
_WHOSE = (IDENTITY,)

READINGS: tuple[Reading, ...] = (
    Reading("bars", f"{_PATH}/bars/{{symbol}}", TAG, bars, _BARS, (BARS_DAILY, *_WHOSE), (CORPORATE_ACTIONS,)),
    Reading(
        "intraday-bars",
        f"{_PATH}/intraday-bars/{{symbol}}",
        TAG,
        intraday_bars,
        columns(BARS_INTRADAY),
        (BARS_INTRADAY, *_WHOSE),
    ),
    Reading(
        "quote-bars",
        f"{_PATH}/quote-bars/{{symbol}}",
        TAG,
        quote_bars,
        columns(QUOTES_INTRADAY),
        (QUOTES_INTRADAY, *_WHOSE),
    ),
    Reading("trades", f"{_PATH}/trades/{{symbol}}", TAG, trades, columns(TRADES), (TRADES, *_WHOSE)),
    Reading("quotes", f"{_PATH}/quotes/{{symbol}}", TAG, quotes, _BEST, (QUOTES, *_WHOSE)),
    Reading("book", f"{_PATH}/books/{{symbol}}", TAG, book, columns(BOOK_LEVELS), (BOOK_LEVELS, *_WHOSE)),
    Reading(
        "book-events",
        f"{_PATH}/book-events/{{symbol}}",
        TAG,
        book_events,
        columns(BOOK_EVENTS),
        (BOOK_EVENTS, *_WHOSE),
    ),
    Reading("factors", f"{_PATH}/factors", TAG, factors, {"factor": pl.String(), **_LIST}, (FACTORS,)),
    Reading("factor", f"{_PATH}/factors/{{factor}}", TAG, factor, columns(FACTORS), (FACTORS,)),
    Reading("macro-list", f"{_PATH}/macro", TAG, macro_list, {"series": pl.String(), **_LIST}, (MACRO,)),
    Reading("macro", f"{_PATH}/macro/{{series}}", TAG, macro, _SERIES, (MACRO,)),
    Reading(
        "corporate-actions",
        f"{_PATH}/corporate-actions/{{symbol}}",
        TAG,
        corporate_actions,
        columns(CORPORATE_ACTIONS),
        (CORPORATE_ACTIONS, *_WHOSE),
    ),
    Reading("securities", f"{_PATH}/securities", TAG, securities, columns(IDENTITY), (IDENTITY,)),
    Reading("universe", f"{_PATH}/universe", TAG, universe, {**UNIVERSE.keys, **UNIVERSE.values}, (UNIVERSE,)),
    Reading(
        "index-members",
        f"{_PATH}/indices/{{index}}/members",
        TAG,
        index_members,
        {"symbol": pl.String()},
        (MEMBERSHIP,),
    ),
    Reading("halts", f"{_PATH}/halts/{{symbol}}", TAG, halts, columns(HALTS), (HALTS,)),
    Reading(
        "short-interest",
        f"{_PATH}/short-interest/{{symbol}}",
        TAG,
        short_interest,
        columns(SHORT_INTEREST),
        (SHORT_INTEREST,),
    ),
    Reading("fails", f"{_PATH}/fails/{{symbol}}", TAG, fails, columns(FAILS), (FAILS,)),
    Reading("borrow", f"{_PATH}/borrow/{{symbol}}", TAG, borrow, columns(BORROW), (BORROW,)),
)
