"""The tables of the journal: a projection of the log that can be thrown away and made again.

Amounts are decimal text, since SQL has no exact type that every database shares; sums are made in Python. So that no
read goes through every posting, sums are kept for each day, for each block of 64 days, and for all time.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

JOURNAL = MetaData()

JOURNAL_STATE = Table(
    "journal_state",
    JOURNAL,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

JOURNAL_ACCOUNTS = Table(
    "journal_accounts",
    JOURNAL,
    Column("account_id", Text, primary_key=True),
    Column("planned_at", BigInteger, nullable=False),
)

JOURNAL_ENTRIES = Table(
    "journal_entries",
    JOURNAL,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("log_sequence", BigInteger, nullable=False),
    Column("entry_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("as_of_ns", BigInteger, nullable=False),
    Column("recorded_at_ns", BigInteger, nullable=False),
    Column("narration", Text, nullable=False),
    Column("decision_id", LargeBinary),
    Column("cites", LargeBinary, nullable=False),
    Column("corrects", Text),
    Column("exec_id", Text),
    Column("symbol", Text),
    Column("booking", LargeBinary),
    Index("ux_journal_entries_key", "entry_key", unique=True),
    Index("ix_journal_entries_account", "account_id", "as_of_ns", "sequence"),
    Index("ix_journal_entries_symbol", "account_id", "symbol", "sequence"),
    Index("ix_journal_entries_exec", "exec_id", "account_id"),
    Index("ix_journal_entries_log", "log_sequence"),
)

JOURNAL_POSTINGS = Table(
    "journal_postings",
    JOURNAL,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("account_id", Text, nullable=False),
    Column("as_of_ns", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("commodity", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("unit_cost", Text),
    Column("cost_currency", Text),
    Column("acquired_at_ns", BigInteger),
    Column("lot", Text),
    Column("price", Text),
    Column("price_currency", Text),
    Index("ix_journal_postings_account", "account_id", "as_of_ns"),
)

JOURNAL_SUMS = Table(
    "journal_sums",
    JOURNAL,
    Column("account_id", Text, primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, primary_key=True),
    Column("commodity", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("quantity", Text, nullable=False),
    Column("weight", Text, nullable=False),
)

JOURNAL_LOTS = Table(
    "journal_lots",
    JOURNAL,
    Column("account_id", Text, primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("quantity", Text, nullable=False),
    Column("unit_cost", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("acquired_at_ns", BigInteger, nullable=False),
    Column("lot", Text, nullable=False),
)

JOURNAL_FAULTS = Table(
    "journal_faults",
    JOURNAL,
    Column("log_sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("what", Text, nullable=False),
)
