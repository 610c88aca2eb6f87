"""Delta tables of facts: how a fact is laid out on disk, and how a commit wins or loses.

Delta keeps microseconds, so instants are stored as whole nanoseconds. Facts and the rows that were set aside with them
are lanes (partitions) of one table, so that one commit stores a batch, or nothing of it. A commit is made on the
version that it was computed from and on no other: of two writers one wins, and the other reads again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.schema import Field, PrimitiveType, Schema

from adapters.lake.facts.domain import Domain
from nodes.vocabulary.canonical import digest, digest_text
from nodes.vocabulary.errors import DataError, EdgeError

FACT, REJECTED = "fact", "rejected"
LANE, RECORDED = "lane", "recorded_at"
_EXTRAS: Mapping[str, pl.DataType] = {
    RECORDED: pl.Int64(),
    "reason": pl.String(),
    "row": pl.String(),
    LANE: pl.String(),
}
_DELTA_TYPES = {
    pl.String(): "string",
    pl.Int32(): "integer",
    pl.Int64(): "long",
    pl.Float64(): "double",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
}
_SEQUENCES = "facts"
_CHAIN = "chain"
_ROW_GROUP = 65_536
_WRITER = WriterProperties(compression="ZSTD", max_row_group_size=_ROW_GROUP)


@dataclass(frozen=True)
class Head:
    """Where a table stands.

    Attributes:
        version: of the table; -1 while nothing was stored.
        sequence: of its last fact; 0 while there is none.
        chain: digest over every batch that was ever stored, in their order; "" while there is none.
    """

    version: int
    sequence: int
    chain: str


NO_TABLE = Head(-1, 0, "")


def stored_schema(domain: Domain) -> Mapping[str, pl.DataType]:
    """The columns of a table on disk.

    Raises:
        DataError: a column has a type that tables do not hold.
    """
    kinds = {name: pl.Int64() if kind == pl.Datetime("ns", "UTC") else kind for name, kind in domain.schema.items()}
    for name, kind in kinds.items():
        if kind not in _DELTA_TYPES:
            message = (
                f"column {name!r} of domain {domain.name!r} was {kind}, expected one of {[*_DELTA_TYPES]}; cast it"
            )
            raise DataError(message)
    return {**kinds, **_EXTRAS}


class Table:
    """One domain's Delta table."""

    def __init__(self, uri: str, domain: Domain, options: Mapping[str, str]) -> None:
        self._uri = uri
        self.domain = domain
        self._options = dict(options)
        self._schema = stored_schema(domain)

    def opened(self) -> DeltaTable | None:
        """The table at its newest version; None while there is none.

        Raises:
            DataError: it has other columns than the domain.
        """
        try:
            table = DeltaTable(self._uri, storage_options=self._options)
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            message = f"cannot open the table of {self.domain.name!r} at {self._uri}: {error}; see to its folder"
            raise EdgeError(message) from error
        self._refuse_other_types(table)
        return table

    def created(self) -> DeltaTable:
        """The table, made where there is none."""
        found = self.opened()
        if found is not None:
            return found
        fields = [Field(name, PrimitiveType(_DELTA_TYPES[kind])) for name, kind in self._schema.items()]
        try:
            DeltaTable.create(
                self._uri,
                schema=Schema(fields),
                mode="ignore",
                partition_by=[LANE],
                name=self.domain.name,
                description=self.domain.doc,
                storage_options=self._options,
            )
        except CommitFailedError:
            pass  # another writer made it first
        except (DeltaError, OSError) as error:
            message = f"cannot make the table of {self.domain.name!r} at {self._uri}: {error}; make its folder writable"
            raise EdgeError(message) from error
        return DeltaTable(self._uri, storage_options=self._options)

    def rows(self, table: DeltaTable, lane: str) -> pl.LazyFrame:
        """The rows of a lane as they are stored; a column that the table lacks is null."""
        scan = pl.scan_delta(table).filter(pl.col(LANE) == lane)
        there = {field.name for field in table.schema().fields}
        absent = [pl.lit(None, dtype=kind).alias(name) for name, kind in self._schema.items() if name not in there]
        return scan.with_columns(absent) if absent else scan

    def committed(self, table: DeltaTable, rows: pl.DataFrame, head: Head) -> bool:
        """Adds rows on top of the version that a table was opened at; False when another commit came first.

        Args:
            table: as it was opened.
            rows: in the stored columns.
            head: what the table's head becomes.
        """
        there = {field.name for field in table.schema().fields}
        return self._won(
            lambda: write_deltalake(
                table,
                rows.select(*self._schema),
                mode="append",
                schema_mode=None if there >= set(self._schema) else "merge",
                writer_properties=_WRITER,
                commit_properties=_commit_properties(head),
            )
        )

    def rewritten(self, table: DeltaTable, rows: pl.DataFrame, lane: str) -> bool:
        """Replaces the files of a lane by others with the same rows; False when another commit came first."""
        there = {field.name for field in table.schema().fields}
        return self._won(
            lambda: write_deltalake(
                table,
                rows.select(*(name for name in self._schema if name in there)),
                mode="overwrite",
                predicate=f"{LANE} = '{lane}'",
                writer_properties=_WRITER,
                commit_properties=_commit_properties(head_of(table)),
            )
        )

    def optimized(self, table: DeltaTable) -> bool:
        """Joins small files to larger ones, in the order in which they are; False when another commit came first."""
        properties = _commit_properties(head_of(table))
        return self._won(lambda: table.optimize.compact(writer_properties=_WRITER, commit_properties=properties))

    def removed(self, table: DeltaTable, which: str, head: Head) -> bool:
        """Removes the rows of which a SQL condition holds; False when another commit came first."""
        return self._won(lambda: table.delete(which, commit_properties=_commit_properties(head)))

    def cleaned(self, table: DeltaTable, keep_hours: int) -> bool:
        """Deletes files out of use for some hours, those of lost commits too; False when another commit came first."""
        return self._won(
            lambda: table.vacuum(
                keep_hours,
                dry_run=False,
                enforce_retention_duration=False,
                full=True,
                commit_properties=_commit_properties(head_of(table)),
            )
        )

    def _won(self, commit: Callable[[], object]) -> bool:
        """Whether a commit was made; False when another one came first."""
        try:
            commit()
        except CommitFailedError:
            return False
        except (DeltaError, OSError) as error:
            message = f"cannot write the table of {self.domain.name!r} at {self._uri}: {error}; see to its disk"
            raise EdgeError(message) from error
        return True

    def _refuse_other_types(self, table: DeltaTable) -> None:
        there = {field.name: json.loads(field.type.to_json()) for field in table.schema().fields}
        changed = [
            f"{name} was {there[name]}, expected {_DELTA_TYPES[kind]}"
            for name, kind in self._schema.items()
            if name in there and there[name] != _DELTA_TYPES[kind]
        ]
        lost = [f"key {name} is missing" for name in self.domain.keys if name not in there]
        if changed or lost:
            message = (
                f"the table of {self.domain.name!r} at {self._uri} has other columns than the domain: "
                f"{'; '.join([*changed, *lost])}; give the changed domain a new name and import into it"
            )
            raise DataError(message)


def _commit_properties(head: Head) -> CommitProperties:
    """What a commit says of itself: the last sequence and the chain of digests, and that it takes no other's place."""
    return CommitProperties(
        custom_metadata={_CHAIN: head.chain},
        max_commit_retries=0,
        app_transactions=[Transaction(_SEQUENCES, head.sequence)],
    )


def head_of(table: DeltaTable) -> Head:
    """Where an opened table stands. A commit of another tool says nothing of the chain: the one before it does."""
    entries: list[dict[str, Any]] = table.history(1)
    if _CHAIN not in entries[0]:
        entries = table.history()
    chain = next((entry[_CHAIN] for entry in entries if _CHAIN in entry), "")
    return Head(table.version(), table.transaction_version(_SEQUENCES) or 0, chain)


def chained(chain: str, *parts: str | bytes) -> str:
    """The chain of digests with a change added to it."""
    raw = [part.encode() if isinstance(part, str) else part for part in (chain, *parts)]
    return digest_text(digest("lake-table", *raw))
