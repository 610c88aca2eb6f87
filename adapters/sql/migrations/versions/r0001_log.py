"""The first tables of a log: head, entries, tree, bodies, checkpoints, and the working state of decisions.

Written out, not taken from `adapters.sql.tables`: a migration says what was true when it was written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_OF_NO_DECISION = sa.text("decision_id IS NULL")
_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    """Create the tables."""
    _create_tree()
    _create_evidence()
    _create_state()
    _create_answers()


def _create_tree() -> None:
    op.create_table(
        "log_head",
        _text("origin"),
        _number("size"),
        _bytes("frontier"),
        _number("recorded_at_ns"),
        sa.PrimaryKeyConstraint("origin"),
    )
    op.create_table(
        "entries",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=False),
        _bytes("entry_id"),
        _text("kind"),
        _number("as_of_ns"),
        _number("recorded_at_ns"),
        _bytes("decision_id", nullable=True),
        _bytes("data"),
        _bytes("leaf_hash"),
    )
    op.create_index(
        "ix_entries_entry_id",
        "entries",
        ["entry_id"],
        sqlite_where=_OF_NO_DECISION,
        postgresql_where=_OF_NO_DECISION,
    )
    op.create_index("ix_entries_kind", "entries", ["kind", "sequence"])
    op.create_index("ix_entries_decision_id", "entries", ["decision_id", "sequence"])
    op.create_table(
        "tree_nodes",
        sa.Column("tile_level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        _bytes("hash"),
    )


def _create_evidence() -> None:
    op.create_table("bodies", _bytes("ref"), _bytes("stored"), sa.PrimaryKeyConstraint("ref"))
    op.create_table(
        "checkpoints",
        sa.Column("size", _SEQUENCE, primary_key=True, autoincrement=False),
        _bytes("root"),
        _bytes("note"),
        _bytes("seal"),
    )


def _create_state() -> None:
    op.create_table(
        "activations",
        _text("strategy"),
        _bytes("policy_digest"),
        _number("sequence"),
        sa.PrimaryKeyConstraint("strategy"),
    )
    op.create_table(
        "accounts",
        _text("account_id"),
        _bytes("content"),
        _number("n_parts"),
        _bytes("chain"),
        _bytes("seal"),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "account_parts",
        _text("account_id"),
        _number("place"),
        _bytes("part"),
        sa.PrimaryKeyConstraint("account_id", "place"),
    )


def _create_answers() -> None:
    op.create_table(
        "answers",
        _text("account_id"),
        _text("key"),
        _bytes("request_digest"),
        _bytes("decision_id"),
        _bytes("body"),
        _bytes("seal"),
        sa.PrimaryKeyConstraint("account_id", "key"),
    )
    op.create_table(
        "outbox",
        _text("cl_ord_id"),
        _text("account_id"),
        _bytes("decision_id"),
        _number("order_shares"),
        _bytes("order"),
        _text("state"),
        _bytes("seal"),
        sa.PrimaryKeyConstraint("cl_ord_id"),
    )
    op.create_index("ix_outbox_state", "outbox", ["state"])


def downgrade() -> None:
    """Refuse: a log is not thrown away by a migration."""
    message = "a log is never dropped; go back by restoring the copy made before the upgrade"
    raise NotImplementedError(message)
