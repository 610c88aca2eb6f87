"""LEAN data folders, read whole: identity first, then what the tickers' files hold.

A file that cannot be opened is one row of the quarantine, and the rest of the folder is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import polars as pl

from adapters.feeds.files.lean_bars import daily_bars, intraday_bars, quote_bars
from adapters.feeds.files.lean_identity import SOURCE, factor_file, lease_facts, map_file
from adapters.feeds.files.lean_layout import LeanFile, equity_folder, price_files
from adapters.feeds.files.lean_ticks import coarse_universe, quote_ticks, trade_ticks
from adapters.feeds.files.leases import Owned
from adapters.feeds.files.parsed import Parsed, nothing_parsed
from adapters.feeds.files.tables import no_rejects, reject
from adapters.lake.domains.bars import BARS_DAILY, BARS_INTRADAY, QUOTES_INTRADAY
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.domains.identity import IDENTITY
from adapters.lake.domains.ticks import QUOTES, TRADES
from adapters.lake.domains.universe import UNIVERSE
from adapters.lake.facts.domain import Domain
from nodes.vocabulary.errors import DataError

_Reader = Callable[[LeanFile, pl.DataFrame], tuple[Parsed, Owned]]
_READERS: dict[tuple[str, str], tuple[Domain, _Reader]] = {
    ("daily", "trade"): (BARS_DAILY, daily_bars),
    ("hour", "trade"): (BARS_INTRADAY, intraday_bars),
    ("minute", "trade"): (BARS_INTRADAY, intraday_bars),
    ("minute", "quote"): (QUOTES_INTRADAY, quote_bars),
    ("tick", "trade"): (TRADES, trade_ticks),
    ("tick", "quote"): (QUOTES, quote_ticks),
}


def lean_folder(root: Path, leases: pl.DataFrame) -> Iterator[Parsed]:
    """Everything in a LEAN data folder, file by file.

    Args:
        root: the folder, the one that holds `equity`.
        leases: those that the lake knows already; a map file of the folder overrules them.

    Raises:
        EdgeError: it is no LEAN data folder, or a file may not be read.
    """
    folder = equity_folder(root)
    known = leases
    for path in sorted((folder / "map_files").glob("*.csv")):
        try:
            read = map_file(path)
        except DataError as error:
            yield nothing_parsed(IDENTITY, SOURCE, _refused(f"map_files/{path.name}", error))
            continue
        known = _merged(known, read.leases)
        yield read.identity
        yield read.actions
    yield from _factors(folder, known)
    yield from _prices(folder, known)
    for path in sorted((folder / "fundamental" / "coarse").glob("*.csv")):
        yield _attempt(UNIVERSE, f"coarse/{path.name}", partial(coarse_universe, path))


def _refused(name: str, error: DataError) -> pl.DataFrame:
    return reject(name, 0, "", "", str(error))


def _attempt(domain: Domain, name: str, read: Callable[[], Parsed]) -> Parsed:
    try:
        return read()
    except DataError as error:
        return nothing_parsed(domain, SOURCE, _refused(name, error))


def _merged(known: pl.DataFrame, newer: pl.DataFrame) -> pl.DataFrame:
    ids = newer["security_id"].unique()
    return pl.concat([known.filter(~pl.col("security_id").is_in(ids.implode())), newer])


def _factors(folder: Path, leases: pl.DataFrame) -> Iterator[Parsed]:
    """The actions of every factor file; it bears the newest ticker of its security."""
    newest = (
        leases.sort("valid_from_on").group_by("security_id").agg(pl.col("symbol").last(), pl.col("valid_to_on").last())
    )
    holders = newest.sort(pl.col("valid_to_on").is_null(), "valid_to_on")
    owners = dict(holders.select("symbol", "security_id").iter_rows())
    for path in sorted((folder / "factor_files").glob("*.csv")):
        owner = owners.get(path.stem.upper())
        name = f"factor_files/{path.name}"
        if owner is None:
            reason = "no map file says whose factors these are; add map_files of the same name"
            yield nothing_parsed(CORPORATE_ACTIONS, SOURCE, reject(name, 0, "", path.stem, reason))
            continue
        yield _attempt(CORPORATE_ACTIONS, name, partial(factor_file, path, owner))


def _prices(folder: Path, leases: pl.DataFrame) -> Iterator[Parsed]:
    known = leases
    for file in price_files(folder):
        domain, reader = _READERS[file.resolution, file.kind]
        try:
            parsed, mine = reader(file, known)
        except DataError as error:
            yield nothing_parsed(domain, SOURCE, _refused(file.name, error))
            continue
        yield parsed
        if mine.inferred.height:
            known = pl.concat([known, mine.inferred])
            yield lease_facts(mine.inferred, file.name, SOURCE, no_rejects())
