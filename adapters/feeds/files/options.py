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

from adapters.feeds.files.fields import Typed, refused
from adapters.feeds.files.option_contracts import (
    CONTRACT_COLUMNS,
    Batch,
    contract_fault,
    contracts,
    exact_price,
    instants,
    require_columns,
    with_owner,
)
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import LINE, file_bytes, no_rejects
from adapters.lake.domains.options import CALL, OPTION_OPEN_INTEREST, OPTION_QUOTES, OPTION_VENDOR_GREEKS
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

_GREEKS = ("delta", "gamma", "vega", "theta", "rho")
_FORWARD_STRIKES = 6
_YEAR_NS = 365 * 86_400 * 1_000_000_000
_AT_EVENT = Timing(EVENT, "quoted_at", EVENT, "quoted_at")


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
    require_columns(table, batch, *CONTRACT_COLUMNS, moment, "bid_close", "ask_close", "bid_size", "ask_size")
    rows = contracts(table, moment).with_columns(
        *(exact_price(table, f"{side}_close", f"{side}_usd") for side in ("bid", "ask")),
        quoted_at=instants(table, bar_s),
    )
    sides = rows.with_columns(
        pl.when(pl.col(f"{side}_usd").is_not_null())
        .then(pl.col(f"{side}_size").cast(pl.Int64, strict=False))
        .alias(f"{side}_size")
        for side in ("bid", "ask")
    )
    sound = refused(Typed(sides, no_rejects()), batch.file, "expiry", contract_fault("quoted_at"))
    quoted = refused(sound, batch.file, "bid_usd", _quote_fault())
    return facts_of(OPTION_QUOTES, placed(with_owner(quoted, batch), batch.file, _AT_EVENT), batch.file, batch.source)


def option_open_interest(table: pl.DataFrame, batch: Batch) -> Parsed:
    """Open interest: true and known at the stated instant of the report.

    Args:
        table: contract columns, `ts` and open_interest.
        batch: its circumstances.

    Raises:
        DataError: a column is missing.
    """
    require_columns(table, batch, *CONTRACT_COLUMNS, "ts", "open_interest")
    rows = contracts(table, "ts").with_columns(
        quoted_at=instants(table, 0), open_interest=table["open_interest"].cast(pl.Int64, strict=False)
    )
    sound = refused(Typed(rows, no_rejects()), batch.file, "expiry", contract_fault("quoted_at"))
    count = pl.col("open_interest")
    fault = (
        pl.when(count.is_null())
        .then(pl.lit("states no open interest; supply it"))
        .when(count < 0)
        .then(sentence("open interest {} is below zero; correct it", count))
        .otherwise(None)
    )
    counted = refused(sound, batch.file, "open_interest", fault)
    timed = placed(with_owner(counted, batch), batch.file, _AT_EVENT)
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
    require_columns(table, batch, *CONTRACT_COLUMNS, "date", "close", "implied_volatility", *_GREEKS)
    underlying = table.filter(pl.col("strike").is_null()).select("symbol", "date", underlying_usd="close")
    of_day = table.with_row_index(LINE, 1).filter(pl.col("strike").is_not_null())
    priced = of_day.join(underlying.unique(["symbol", "date"], keep="last"), on=["symbol", "date"], how="left")
    rows = contracts(priced, "date").with_columns(
        priced[LINE].cast(pl.Int64),
        exact_price(priced, "close", "price_usd"),
        priced["underlying_usd"],
        priced["implied_volatility"].alias("implied_volatility_frac"),
        *(priced[name] for name in _GREEKS),
        session_on=_session_before(priced["date"]),
    )
    closed = rows.with_columns(closes_at=session_closes(rows["session_on"]))
    sound = refused(Typed(closed, no_rejects()), batch.file, "expiry", contract_fault("closes_at"))
    checked, summary = _checked(sound.rows, check)
    timing = Timing(AT_CLOSE, "session_on", Law(Rule.NEXT_OPEN), "session_on")
    timed = placed(with_owner(Typed(checked, sound.rejected), batch), batch.file, timing)
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


def _session_before(days: pl.Series) -> pl.Series:
    """The last session before each day."""
    return sessions_after(days.cast(pl.Datetime("ns"), strict=False).cast(pl.Date).dt.offset_by("-1d"), 0)


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
