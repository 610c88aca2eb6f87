"""Index membership with its past: one row a stay, ticker, first day, first day out.

A stay and its end are two facts: as of a day inside it nobody knows that it will end. The tickers of such lists are
often those of today: then a name that changed its ticker is found under the later one, as the list says.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from adapters.feeds.files.fields import Field, Kind, Typed, refused, typed
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import LINE, Layout, Table, file_bytes, text_table
from adapters.lake.domains.universe import MEMBERSHIP
from adapters.lake.instant_laws import Law, Rule
from nodes.vocabulary.errors import DataError

_NAMES = {
    "symbol": ("ticker", "symbol"),
    "start_on": ("start", "start_date", "start_on"),
    "end_on": ("end", "end_date", "end_on"),
}
_FIELDS = (Field("symbol"), Field("start_on", Kind.DATE), Field("end_on", Kind.DATE, is_required=False))
_OPENS = Law(Rule.SESSION_OPEN)
_TIMING = Timing(_OPENS, "start_on", _OPENS, "knows_on")


def membership(path: Path, index: str, source: str = "index-membership") -> Parsed:
    """The stays in one index. Raises DataError when columns are missing."""
    table = text_table(path.name, file_bytes(path), Layout())
    kept = typed(_named(table), _FIELDS)
    ends = pl.col("end_on") <= pl.col("start_on")
    reason = pl.when(ends).then(pl.lit("is not after the start; correct one of them")).otherwise(None)
    sound = refused(kept, path.name, "end_on", reason)
    stays = sound.rows.with_columns(index=pl.lit(index))
    begun = stays.with_columns(knows_on="start_on", end_on=pl.lit(None, pl.Date))
    ended = stays.filter(pl.col("end_on").is_not_null()).with_columns(knows_on="end_on")
    both = Typed(pl.concat([begun, ended]), sound.rejected)
    return facts_of(MEMBERSHIP, placed(both, path.name, _TIMING), path.name, source)


def _named(table: Table) -> Table:
    columns = []
    for ours, theirs in _NAMES.items():
        found = [name for name in theirs if name in table.rows.columns]
        if not found:
            message = f"{table.file} has no column {theirs[0]!r}, only {table.rows.columns[1:]}; name its columns so"
            raise DataError(message)
        columns.append(pl.col(found[0]).alias(ours))
    return Table(table.file, table.rows.select(LINE, *columns), table.rejected)
