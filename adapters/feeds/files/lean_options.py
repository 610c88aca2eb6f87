"""LEAN's folders of options: zips of one table a contract, the contract in the table's name.

`option/usa/minute/aapl/20140606_quote_american.zip` holds tables like
`20140606_aapl_minute_quote_american_call_6450000_20140621.csv`; prices and strikes are whole numbers of a
ten-thousandth of a dollar, times milliseconds since midnight in New York, or dates in daily files. Layout:
Data/option/readme.md of QuantConnect/Lean.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from adapters.feeds.files.archives import zipped_tables
from adapters.feeds.files.lean_identity import SOURCE
from adapters.feeds.files.lean_layout import PRICE_DIVISOR
from adapters.feeds.files.option_contracts import Batch
from adapters.feeds.files.option_trades import option_trades
from adapters.feeds.files.options import option_open_interest, option_quotes
from adapters.feeds.files.parsed import Parsed, nothing_parsed
from adapters.feeds.files.tables import joined_rejects, no_rejects, reject
from adapters.lake.domains.options import OPTION_OPEN_INTEREST, OPTION_QUOTES, OPTION_TRADES
from adapters.lake.facts.domain import Domain
from nodes.vocabulary.errors import DataError, EdgeError

_MINUTE_S = 60
_SIDES = ("bid", "ask")
_QUOTE = tuple(f"{side}_{part}" for side in _SIDES for part in ("open", "high", "low", "close", "size"))
_PRICES = ("open", "high", "low", "close")
_TABLE = re.compile(
    r"(?:(?P<on>\d{8})_)?(?P<symbol>[^_]+)(?:_minute)?_(?P<kind>quote|trade|openinterest)_(?:american|european)"
    r"_(?P<right>call|put)_(?P<strike>\d+)_(?P<expiry>\d{8})\.csv"
)


@dataclass(frozen=True, slots=True)
class _Zipped:
    """A zip of tables, one a contract: where it is, what it is called, and what its tables hold."""

    path: Path
    name: str
    domain: Domain
    columns: tuple[str, ...]


def lean_options(root: Path, leases: pl.DataFrame) -> Iterator[Parsed]:
    """Quotes, trades and open interest in a LEAN data folder, zip by zip; one that cannot be read is quarantined.

    Args:
        root: the folder that holds `option/usa`.
        leases: which security a ticker named when.

    Raises:
        EdgeError: there is no such folder, or a file may not be read.
    """
    folder = root / "option" / "usa"
    if not folder.is_dir():
        message = f"{root} holds no option/usa; name a LEAN data folder"
        raise EdgeError(message)
    daily = sorted((folder / "daily").glob("*_quote_*.zip"))
    minutes = sorted((folder / "minute").glob("*/*_quote_*.zip"))
    interest = sorted(folder.glob("*/*/*_openinterest_*.zip")) + sorted((folder / "daily").glob("*_openinterest_*.zip"))
    for path in [*daily, *minutes]:
        yield _quotes(path, folder, leases)
    for path in interest:
        yield _interest(path, folder, leases)
    for path in sorted((folder / "minute").glob("*/*_trade_*.zip")):
        yield _trades(path, folder, leases)


def _quotes(path: Path, folder: Path, leases: pl.DataFrame) -> Parsed:
    bar_s = None if path.parent.name == "daily" else _MINUTE_S
    prices = tuple(part for part in _QUOTE if not part.endswith("size"))
    zipped = _Zipped(path, str(path.relative_to(folder)), OPTION_QUOTES, _QUOTE)
    return _parsed(zipped, lambda table, batch: option_quotes(_priced(table, prices), batch, bar_s), leases)


def _trades(path: Path, folder: Path, leases: pl.DataFrame) -> Parsed:
    zipped = _Zipped(path, str(path.relative_to(folder)), OPTION_TRADES, (*_PRICES, "volume"))
    return _parsed(zipped, lambda table, batch: option_trades(_priced(table, _PRICES), batch, _MINUTE_S), leases)


def _interest(path: Path, folder: Path, leases: pl.DataFrame) -> Parsed:
    zipped = _Zipped(path, str(path.relative_to(folder)), OPTION_OPEN_INTEREST, ("open_interest",))
    return _parsed(zipped, option_open_interest, leases)


def _priced(table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Ten-thousandths as dollars: polars multiplies with the divisor's inverse, so the quotient is rounded again."""
    return table.with_columns((pl.col(name) / PRICE_DIVISOR).round(4) for name in names)


def _parsed(zipped: _Zipped, read: Callable[[pl.DataFrame, Batch], Parsed], leases: pl.DataFrame) -> Parsed:
    try:
        table, rejected = _joined(zipped.path, zipped.name, ("time", *zipped.columns))
        if table.is_empty():
            return nothing_parsed(zipped.domain, SOURCE, rejected)
        parsed = read(table, Batch(zipped.name, SOURCE, leases))
    except (DataError, pl.exceptions.PolarsError) as error:
        return nothing_parsed(zipped.domain, SOURCE, reject(zipped.name, 0, "", "", str(error)))
    return Parsed(parsed.domain, parsed.source, parsed.facts, joined_rejects([rejected, parsed.rejected]))


def _joined(path: Path, name: str, columns: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables of a zip under each other, with the contract of each; tables that cannot be read are set aside."""
    tables, rejects = [], [no_rejects()]
    for member, text in zipped_tables(path):
        found = _TABLE.fullmatch(member)
        if found is None:
            rejects.append(reject(name, 0, "", member, "names no contract as LEAN does; rename it"))
            continue
        try:
            tables.append(_table(found, text, columns))
        except pl.exceptions.PolarsError as error:
            rejects.append(
                reject(name, 0, "", member, f"is no table of {', '.join(columns)}: {error}; download it again")
            )
    return pl.concat(tables) if tables else pl.DataFrame(), joined_rejects(rejects)


def _table(found: re.Match[str], text: bytes, columns: Sequence[str]) -> pl.DataFrame:
    """One contract's rows, with `ts` where times are milliseconds of a day and `date` where they are dates."""
    schema = dict.fromkeys(columns, pl.Float64) | {"time": pl.String}
    rows = pl.read_csv(io.BytesIO(text), has_header=False, schema=schema)
    contract = {
        "symbol": found["symbol"].upper(),
        "expiry": found["expiry"],
        "strike": int(found["strike"]) / PRICE_DIVISOR,
        "right": found["right"][0].upper(),
    }
    named = rows.with_columns(pl.lit(value).alias(key) for key, value in contract.items())
    if found["on"] is None:
        return (
            named.with_columns(_day=pl.col("time").str.to_datetime("%Y%m%d %H:%M", strict=True))
            .with_columns(date="_day", ts="_day")
            .drop("_day")
        )
    midnight = datetime.strptime(found["on"], "%Y%m%d")  # noqa: DTZ007  # wall-clock, as the files are
    passed = pl.col("time").cast(pl.Int64, strict=True) * 1_000_000
    return named.with_columns(
        date=pl.lit(midnight, pl.Datetime("us")),
        ts=(pl.lit(midnight, pl.Datetime("ns")) + passed.cast(pl.Duration("ns"))).cast(pl.Datetime("us")),
    )
