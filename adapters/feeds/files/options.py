"""Listed options from tables: quotes, open interest and a vendor's volatilities, in the columns that LEAN's data have.

A table comes from a parquet or CSV file (see `adapters.feeds.files.mapping`) or from LEAN's zips
(`adapters.feeds.files.lean_options`): symbol, expiry (YYYYMMDD, or a date), strike, right, a New York wall-clock `ts`
or a `date`, and the values. A side that is empty or zero is missing. Prices kept in single precision are read as the
ten-thousandth of a dollar that they stand for. A ticker without a lease names its underlying itself.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from adapters.feeds.files.fields import Typed, refused, utc
from adapters.feeds.files.leases import owned
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import LINE, file_bytes, no_rejects
from adapters.lake.domains.options import CALL, OPTION_OPEN_INTEREST, OPTION_QUOTES, OPTION_VENDOR_GREEKS, PUT
from adapters.lake.instant_laws import AT_CLOSE, EVENT, Law, Rule
from adapters.lake.sentences import sentence
from adapters.lake.session_instants import session_closes, sessions_after
from nodes.kernels.arrays import array, column
from nodes.kernels.options.chains import expiry_instants
from nodes.kernels.options.implied import implied_volatilities
from nodes.kernels.options.parity import implied_forwards
from nodes.kernels.options.pricing import Terms
from nodes.kernels.options.quotes import Quotes
from nodes.kernels.options.vendor import Finding, VendorSummary, vendor_findings, vendor_summary
from nodes.vocabulary.errors import DataError

_DECIMALS = 4
_CONTRACT = ("symbol", "expiry", "strike", "right")
_GREEKS = ("delta", "gamma", "vega", "theta", "rho")
_FORWARD_STRIKES = 6
_YEAR_NS = 365 * 86_400 * 1_000_000_000
_AT_EVENT = Timing(EVENT, "quoted_at", EVENT, "quoted_at")


@dataclass(frozen=True, slots=True)
class Batch:
    """What a table of options comes with.

    Attributes:
        file: its name, for the quarantine.
        source: short name of the feed.
        leases: which security a ticker named when.
    """

    file: str
    source: str
    leases: pl.DataFrame


@dataclass(frozen=True, slots=True)
class VendorCheck:
    """How a vendor's volatilities are checked against his own prices.

    Attributes:
        rate_frac: continuous interest rate a year.
        tolerance_frac: largest |ln(his / ours)| that agrees; wide enough for rate, dividends and early exercise.
        max_wrong_frac: largest share of wrong ones that leaves his column usable.
    """

    rate_frac: float
    tolerance_frac: float
    max_wrong_frac: float


@dataclass(frozen=True)
class VendorGreeks:
    """A vendor's table, flagged.

    Attributes:
        parsed: its facts, each with its finding.
        summary: what is to be said of the whole.
    """

    parsed: Parsed
    summary: VendorSummary


def option_table(path: Path) -> pl.DataFrame:
    """The table in a parquet file, or in a CSV file whose first row names its columns.

    Raises:
        EdgeError: the file cannot be read.
        DataError: it is no such table.
    """
    packed = file_bytes(path)
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(io.BytesIO(packed))
        table = pl.read_csv(io.BytesIO(packed), schema_overrides={"expiry": pl.String, "right": pl.String})
    except pl.exceptions.PolarsError as error:
        message = f"{path.name} is no table: {error}; give parquet, or CSV with a row of names"
        raise DataError(message) from error
    moments = [name for name in ("ts", "date") if table.schema.get(name) == pl.String]
    try:
        return table.with_columns(pl.col(moments).str.to_datetime())
    except pl.exceptions.PolarsError as error:
        message = f"{path.name} holds a time in {', '.join(moments)} that cannot be read: {error}"
        raise DataError(f"{message}; write them as 2014-06-06 09:30:00") from error


def option_quotes(table: pl.DataFrame, batch: Batch, bar_s: int | None) -> Parsed:
    """Closing bid and ask of each bar: true and known at the bar's end.

    Args:
        table: contract columns, bid_close, ask_close, bid_size, ask_size, and `ts` (start of the bar) or `date`.
        batch: its circumstances.
        bar_s: seconds of a bar; None for daily quotes, which are those of the session's close.

    Raises:
        DataError: a column is missing.
    """
    moment = "date" if bar_s is None else "ts"
    _require(table, batch, *_CONTRACT, moment, "bid_close", "ask_close", "bid_size", "ask_size")
    rows = _contracts(table, moment).with_columns(
        *(_price(table, f"{side}_close", f"{side}_usd") for side in ("bid", "ask")), quoted_at=_quoted_at(table, bar_s)
    )
    sides = rows.with_columns(
        pl.when(pl.col(f"{side}_usd").is_not_null()).then(pl.col(f"{side}_size").cast(pl.Int64)).alias(f"{side}_size")
        for side in ("bid", "ask")
    )
    sound = refused(Typed(sides, no_rejects()), batch.file, "expiry", _contract_fault("quoted_at"))
    quoted = refused(sound, batch.file, "bid_usd", _quote_fault())
    return facts_of(OPTION_QUOTES, placed(_with_owner(quoted, batch), batch.file, _AT_EVENT), batch.file, batch.source)


def option_open_interest(table: pl.DataFrame, batch: Batch) -> Parsed:
    """Open interest: true and known at the stated instant of the report.

    Args:
        table: contract columns, `ts` and open_interest.
        batch: its circumstances.

    Raises:
        DataError: a column is missing.
    """
    _require(table, batch, *_CONTRACT, "ts", "open_interest")
    rows = _contracts(table, "ts").with_columns(
        quoted_at=_quoted_at(table, 0), open_interest=table["open_interest"].cast(pl.Int64)
    )
    sound = refused(Typed(rows, no_rejects()), batch.file, "expiry", _contract_fault("quoted_at"))
    count = pl.col("open_interest")
    fault = (
        pl.when(count.is_null())
        .then(pl.lit("states no open interest; supply it"))
        .when(count < 0)
        .then(sentence("open interest {} is below zero; correct it", count))
        .otherwise(None)
    )
    counted = refused(sound, batch.file, "open_interest", fault)
    timed = placed(_with_owner(counted, batch), batch.file, _AT_EVENT)
    return facts_of(OPTION_OPEN_INTEREST, timed, batch.file, batch.source)


def vendor_greeks(table: pl.DataFrame, batch: Batch, check: VendorCheck) -> VendorGreeks:
    """A vendor's volatilities and Greeks, each with the finding of our own inversion of the price beside it.

    The `date` of LEAN's universe files is the session that may use them: the values are of the session before.

    Args:
        table: contract columns, date, close, implied_volatility and the Greeks; one row a day without a strike is the
            underlying's.
        batch: its circumstances.
        check: how to check.

    Raises:
        DataError: a column is missing.
    """
    _require(table, batch, *_CONTRACT, "date", "close", "implied_volatility", *_GREEKS)
    underlying = table.filter(pl.col("strike").is_null()).select("symbol", "date", underlying_usd="close")
    of_day = table.with_row_index(LINE, 1).filter(pl.col("strike").is_not_null())
    priced = of_day.join(underlying.unique(["symbol", "date"], keep="last"), on=["symbol", "date"], how="left")
    rows = _contracts(priced, "date").with_columns(
        priced[LINE].cast(pl.Int64),
        _price(priced, "close", "price_usd"),
        priced["underlying_usd"],
        priced["implied_volatility"].alias("implied_volatility_frac"),
        *(priced[name] for name in _GREEKS),
        session_on=_session_before(priced["date"]),
    )
    closed = rows.with_columns(closes_at=session_closes(rows["session_on"]))
    sound = refused(Typed(closed, no_rejects()), batch.file, "expiry", _contract_fault("closes_at"))
    checked, summary = _checked(sound.rows, check)
    timing = Timing(AT_CLOSE, "session_on", Law(Rule.NEXT_OPEN), "session_on")
    timed = placed(_with_owner(Typed(checked, sound.rejected), batch), batch.file, timing)
    return VendorGreeks(facts_of(OPTION_VENDOR_GREEKS, timed, batch.file, batch.source), summary)


def _checked(rows: pl.DataFrame, check: VendorCheck) -> tuple[pl.DataFrame, VendorSummary]:
    """The rows with our volatility and the finding.

    The forward is that of the vendor's own calls and puts: the underlying's price beside them may stand on another
    share basis, as it does in LEAN's files of days around a split.
    """
    left_ns = expiry_instants(rows["expiry_on"]).to_physical() - rows["closes_at"].to_physical()
    years, price = array(left_ns) / _YEAR_NS, array(rows["price_usd"])
    discount = np.exp(-check.rate_frac * years)
    chain = rows.select(pl.struct("symbol", "session_on", "expiry_on").rank("dense").cast(pl.Int64)).to_series()
    quotes = Quotes(chain.to_numpy(), array(rows["strike_usd"]), (rows["right"] == CALL).to_numpy(), price, price)
    forwards = implied_forwards(quotes, discount, _FORWARD_STRIKES)
    level = pl.Series(forwards.expiry, dtype=pl.Int64)
    forward = array(chain.replace_strict(level, forwards.forward_usd, default=None, return_dtype=pl.Float64))
    theirs = array(rows["implied_volatility_frac"])
    own = implied_volatilities(
        price, Terms(forward, quotes.strike_usd, years, discount, quotes.is_call)
    ).volatility_frac
    findings = vendor_findings(theirs, own, check.tolerance_frac)
    words = pl.Series([Finding(code).name.lower() for code in findings.tolist()], dtype=pl.String)
    flagged = rows.with_columns(own_volatility_frac=column(own), finding=words)
    return flagged, vendor_summary(theirs, own, findings, check.max_wrong_frac)


def _require(table: pl.DataFrame, batch: Batch, *names: str) -> None:
    missing = [name for name in names if name not in table.columns]
    if missing:
        message = f"{batch.file} has no column {', '.join(missing)}, only {', '.join(table.columns)}"
        raise DataError(f"{message}; map its columns to these names")


def _contracts(table: pl.DataFrame, moment: str) -> pl.DataFrame:
    """The contract of each row, its line and the New York day it belongs to; other columns stay."""
    expiry = table["expiry"]
    day = expiry if expiry.dtype == pl.Date else expiry.cast(pl.String).str.to_date("%Y%m%d", strict=False)
    lines = {} if LINE in table.columns else {LINE: pl.Series(range(1, table.height + 1), dtype=pl.Int64)}
    return table.with_columns(
        expiry_on=day,
        strike_usd=_exact(table["strike"]),
        right=table["right"].cast(pl.String).str.to_uppercase().str.slice(0, 1),
        traded_on=table[moment].cast(pl.Datetime("ns")).cast(pl.Date),
        **lines,
    )


def _quoted_at(table: pl.DataFrame, bar_s: int | None) -> pl.Series:
    if bar_s is None:
        return session_closes(table["date"].cast(pl.Datetime("ns")).cast(pl.Date))
    ends = table.select(utc(pl.col("ts").cast(pl.Datetime("ns")) + pl.duration(seconds=bar_s, time_unit="ns")))
    return ends.to_series()


def _session_before(days: pl.Series) -> pl.Series:
    """The last session before each day."""
    return sessions_after(days.cast(pl.Datetime("ns")).cast(pl.Date).dt.offset_by("-1d"), 0)


def _exact(values: pl.Series) -> pl.Series:
    """Numbers in double precision; those of single precision as the decimal that they were rounded from."""
    wide = values.cast(pl.Float64, strict=False).fill_nan(None)
    return wide.round(_DECIMALS) if values.dtype == pl.Float32 else wide


def _price(table: pl.DataFrame, name: str, called: str) -> pl.Series:
    """A price; zero is none."""
    price = pl.DataFrame({called: _exact(table[name])})
    return price.select(pl.when(pl.col(called) != 0.0).then(pl.col(called))).to_series()


def _contract_fault(instant: str) -> pl.Expr:
    """Why a row names no contract that can have had a price at its instant."""
    strike, right, expiry = pl.col("strike_usd"), pl.col("right"), pl.col("expiry_on")
    day = pl.col(instant).dt.convert_time_zone("America/New_York").dt.date()
    return (
        pl.when(expiry.is_null())
        .then(sentence("expiry {} is no day like 20140621; correct it", pl.col("expiry").cast(pl.String).fill_null("")))
        .when(strike.is_null() | ~(strike > 0.0) | strike.is_infinite())
        .then(sentence("strike {} is not above zero; correct it", strike.cast(pl.String).fill_null("none")))
        .when(~right.is_in([CALL, PUT]).fill_null(value=False))
        .then(sentence("right {} is neither C nor P; correct it", right.fill_null("none")))
        .when(day > expiry)
        .then(sentence("quoted on {}, after its expiry; drop the row", day.cast(pl.String)))
        .otherwise(None)
    )


def _quote_fault() -> pl.Expr:
    """Why a quote cannot be true. A crossed one can: it is flagged where chains are read."""
    bid, ask = pl.col("bid_usd"), pl.col("ask_usd")
    return (
        pl.when(bid.is_null() & ask.is_null())
        .then(pl.lit("neither side has a quote; drop the row"))
        .when((bid < 0.0).fill_null(value=False) | (ask < 0.0).fill_null(value=False))
        .then(pl.lit("a quote is below zero; correct it"))
        .when(pl.any_horizontal(bid.is_infinite(), ask.is_infinite()))
        .then(pl.lit("a quote is infinite; correct it"))
        .otherwise(None)
    )


def _with_owner(kept: Typed, batch: Batch) -> Typed:
    """Rows whose underlying is the security that their ticker named that day."""
    mine = owned(kept.rows, batch.leases, "traded_on")
    is_inferred = pl.col("security_id").is_in(mine.inferred["security_id"].implode())
    named = pl.when(is_inferred).then("symbol").otherwise("security_id")
    return Typed(mine.rows.with_columns(underlying_id=named), kept.rejected)
