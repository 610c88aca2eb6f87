"""The tables of a log, in SQLAlchemy Core: the only authority for what a log holds.

One database (SQLite) or one schema (PostgreSQL, by `schema_translate_map`) holds one log, so no table repeats
the origin. Instants are whole nanoseconds UTC; digests are 32 raw bytes. The migrations in `migrations/` create
these tables; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Index, Integer, LargeBinary, MetaData, Table, Text, text


class Bytes(LargeBinary):
    """Bytes that reach the driver and come back as they are.

    LargeBinary would wrap them in memoryview on the way in, and on the way out call bytes() on whatever is
    stored: of a corrupted row that is an integer, it makes that many zeros.
    """

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> None:
        """Hand the value over as it is."""

    def result_processor(self, dialect: Dialect, coltype: Any) -> None:  # noqa: ANN401  # SQLAlchemy's signature
        """Take the value as it is."""


METADATA = MetaData()
_OF_NO_DECISION = text("decision_id IS NULL")
"""Entries of decisions come by the thousand and are found by decision: an index of random digests would have one page
written for each."""

LOG_HEAD = Table(
    "log_head",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("frontier", Bytes, nullable=False),
    Column("recorded_at_ns", BigInteger, nullable=False),
)

ENTRIES = Table(
    "entries",
    METADATA,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("entry_id", Bytes, nullable=False),
    Column("kind", Text, nullable=False),
    Column("as_of_ns", BigInteger, nullable=False),
    Column("recorded_at_ns", BigInteger, nullable=False),
    Column("decision_id", Bytes),
    Column("data", Bytes, nullable=False),
    Column("leaf_hash", Bytes, nullable=False),
    Index("ix_entries_entry_id", "entry_id", sqlite_where=_OF_NO_DECISION, postgresql_where=_OF_NO_DECISION),
    Index("ix_entries_kind", "kind", "sequence"),
    Index("ix_entries_decision_id", "decision_id", "sequence"),
)

TREE_NODES = Table(
    "tree_nodes",
    METADATA,
    Column("tile_level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", Bytes, nullable=False),
)

BODIES = Table(
    "bodies",
    METADATA,
    Column("ref", Bytes, primary_key=True),
    Column("stored", Bytes, nullable=False),
)

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("size", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("root", Bytes, nullable=False),
    Column("note", Bytes, nullable=False),
    Column("seal", Bytes, nullable=False),
)

ACTIVATIONS = Table(
    "activations",
    METADATA,
    Column("strategy", Text, primary_key=True),
    Column("policy_digest", Bytes, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("account_id", Text, primary_key=True),
    Column("content", Bytes, nullable=False),
    Column("n_parts", BigInteger, nullable=False),
    Column("chain", Bytes, nullable=False),
    Column("seal", Bytes, nullable=False),
)

ACCOUNT_PARTS = Table(
    "account_parts",
    METADATA,
    Column("account_id", Text, primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Bytes, nullable=False),
)

ANSWERS = Table(
    "answers",
    METADATA,
    Column("account_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_digest", Bytes, nullable=False),
    Column("decision_id", Bytes, nullable=False),
    Column("body", Bytes, nullable=False),
    Column("seal", Bytes, nullable=False),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("cl_ord_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("decision_id", Bytes, nullable=False),
    Column("order_shares", BigInteger, nullable=False),
    Column("order", Bytes, nullable=False),
    Column("state", Text, nullable=False),
    Column("seal", Bytes, nullable=False),
    Index("ix_outbox_state", "state"),
)
