"""Recordings in files, whatever they are: LOBSTER's message files, or tables with the columns of market events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from adapters.market_replay.order_book import lobster_recording
from nodes.kernels.simulator.events import BookName, MarketEvents, market_events, screened
from nodes.vocabulary.errors import DataError

_OPTIONAL = ("place", "order_id", "side", "ask_e4", "ask_shares", "sequence")
_REQUIRED = ("at_ns", "kind", "price_e4", "shares")


@dataclass(frozen=True)
class Recording:
    """Events that can be replayed.

    Attributes:
        events: the events that can be true.
        counts: what was left out, by fault.
    """

    events: MarketEvents
    counts: dict[str, int]


def recording(path: Path, book: BookName) -> Recording:
    """A recording of one book.

    Args:
        path: a LOBSTER message file with its book file beside it, or a .parquet or .csv table with the columns of
            `MarketEvents`: at_ns, kind, price_e4 and shares at least, all whole numbers.
        book: which book it is.
    """
    if not path.is_file():
        raise DataError(f"{path} is no file; give a recording")
    if "_message_" in path.name:
        read = lobster_recording(path, book)
        found = screened(read.events)
        counts = {**found.counts, "unreadable": read.n_rejected, "learnt-level": read.n_learnt}
    else:
        found = screened(_table_events(path, book))
        counts = dict(found.counts)
    return Recording(found.events, {fault: count for fault, count in counts.items() if count})


def _table_events(path: Path, book: BookName) -> MarketEvents:
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    except (PolarsError, OSError) as error:
        raise DataError(f"{path.name} cannot be read: {error}; give a .parquet or .csv table") from error
    missing = [name for name in _REQUIRED if name not in frame.columns]
    strange = [name for name in frame.columns if name not in _REQUIRED + _OPTIONAL]
    not_whole = [name for name in frame.columns if not frame.schema[name].is_integer() or frame[name].null_count()]
    if missing or strange or not_whole:
        message = f"{path.name} lacks the columns {missing}, has the strange ones {strange}, not whole are {not_whole}"
        raise DataError(
            f"{message}; give whole numbers in {', '.join(_REQUIRED)}, and others of MarketEvents as needed"
        )
    return market_events((book,), {name: frame[name].to_numpy() for name in frame.columns})
