"""The model registry: trials, versions, evidence and stages, and the triggers that keep them honest.

Written out, not taken from `adapters.sql.registry_tables`: a migration says what was true when it was written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ADDED_ONLY = ("trials", "model_versions", "model_evidence")
_CHAMPION = (
    "stage <> 'champion' OR (spa_p_frac IS NOT NULL AND dsr_frac IS NOT NULL AND pbo_frac IS NOT NULL "
    "AND n_trials IS NOT NULL AND trials_digest IS NOT NULL AND card_ref IS NOT NULL AND memo_ref IS NOT NULL)"
)
_DIGESTS = (
    "length(model_digest) = 32 AND length(artefact_digest) = 32 AND length(data_digest) = 32 "
    "AND length(code_digest) = 32 AND length(policy_digest) = 32 AND length(trials_digest) = 32"
)
_FRACTIONS = "name NOT IN ('spa_p_frac', 'dsr_frac', 'pbo_frac') OR (value >= 0 AND value <= 1)"
_STAGES = "stage IN ('candidate', 'shadow', 'challenger', 'champion', 'retired')"

_COUNTED = (
    "EXISTS (SELECT 1 FROM trials WHERE trials.family = NEW.family AND trials.number = NEW.n_trials "
    "AND trials.chain = NEW.trials_digest)"
)
_KNOWN = (
    "EXISTS (SELECT 1 FROM model_versions v WHERE v.family = NEW.family AND v.version = NEW.version "
    "AND v.n_trials = NEW.n_trials AND v.trials_digest = NEW.trials_digest)"
)
_REGISTERED = (
    "EXISTS (SELECT 1 FROM model_versions v WHERE v.family = NEW.family AND v.version = NEW.version "
    "AND v.model_digest = NEW.model_digest)"
)
_OF_VERSION = "SELECT 1 FROM model_evidence e WHERE e.family = NEW.family AND e.version = NEW.version"
_PROVEN = " AND ".join(
    f"EXISTS ({_OF_VERSION} AND e.name = '{name}' AND e.value = NEW.{name})"
    for name in ("spa_p_frac", "dsr_frac", "pbo_frac")
)
_LAWS = (
    ("model_versions", "INSERT", f"NOT ({_COUNTED})", "a model version needs the trial ledger that counted its trials"),
    ("model_stages", "INSERT", f"NOT ({_REGISTERED})", "a stage needs a registered model version"),
    ("model_stages", "UPDATE", f"NOT ({_REGISTERED})", "a stage needs a registered model version"),
    *(
        (
            "model_stages",
            event,
            f"NEW.stage = 'champion' AND NOT ({_KNOWN} AND {_COUNTED} AND {_PROVEN})",
            "a champion needs SPA, DSR, PBO and trial count as its evidence and the trial ledger have them",
        )
        for event in ("INSERT", "UPDATE")
    ),
)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _count(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    """Create the tables, then what the database refuses."""
    _create_trials()
    _create_versions()
    _create_stages()
    is_postgresql = op.get_context().dialect.name == "postgresql"
    for number, (table, event, forbidden, why) in enumerate((*_LAWS, *_never_changed())):
        for statement in (_postgresql if is_postgresql else _sqlite)(number, table, event, forbidden, why):
            op.execute(sa.text(statement))


def _create_trials() -> None:
    op.create_table(
        "trials",
        _text("family"),
        _count("number"),
        _bytes("trial_digest"),
        _text("study"),
        _bytes("settings"),
        _number("recorded_at_ns"),
        _bytes("chain"),
        sa.PrimaryKeyConstraint("family", "number"),
        sa.CheckConstraint("number >= 1", name="ck_trials_number"),
    )
    op.create_index("ux_trials_trial_digest", "trials", ["family", "trial_digest"], unique=True)


def _create_versions() -> None:
    op.create_table(
        "model_versions",
        _text("family"),
        _count("version"),
        *(_bytes(name) for name in ("model_digest", "artefact_digest", "artefact_ref", "data_digest", "code_digest")),
        *(_bytes(name) for name in ("policy_digest", "trials_digest")),
        _count("n_trials"),
        _text("features"),
        _bytes("evidence_digest"),
        _bytes("evidence_ref"),
        _number("created_at_ns"),
        _number("sequence"),
        sa.PrimaryKeyConstraint("family", "version"),
        sa.CheckConstraint("version >= 1", name="ck_model_versions_version"),
        sa.CheckConstraint("n_trials >= 1", name="ck_model_versions_n_trials"),
        sa.CheckConstraint(_DIGESTS, name="ck_model_versions_digests"),
    )
    op.create_index("ux_model_versions_model_digest", "model_versions", ["family", "model_digest"], unique=True)
    op.create_table(
        "model_evidence",
        _text("family"),
        _count("version"),
        _text("name"),
        sa.Column("value", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("family", "version", "name"),
        sa.CheckConstraint(_FRACTIONS, name="ck_model_evidence_fractions"),
    )


def _create_stages() -> None:
    op.create_table(
        "model_stages",
        _text("family"),
        _count("version"),
        _text("stage"),
        _bytes("model_digest"),
        *(sa.Column(name, sa.Double) for name in ("spa_p_frac", "dsr_frac", "pbo_frac")),
        _count("n_trials", nullable=True),
        *(_bytes(name, nullable=True) for name in ("trials_digest", "card_ref", "memo_ref")),
        _number("sequence"),
        sa.PrimaryKeyConstraint("family", "version"),
        sa.CheckConstraint(_STAGES, name="ck_model_stages_stage"),
        sa.CheckConstraint(_CHAMPION, name="ck_model_stages_champion_is_complete"),
    )
    champion = sa.text("stage = 'champion'")
    op.create_index(
        "ux_model_stages_champion",
        "model_stages",
        ["family"],
        unique=True,
        sqlite_where=champion,
        postgresql_where=champion,
    )


def _never_changed() -> list[tuple[str, str, str, str]]:
    laws = [(table, event, "1 = 1", f"rows of {table} are only ever added") for table in _ADDED_ONLY
            for event in ("UPDATE", "DELETE")]  # fmt: skip
    return [*laws, ("model_stages", "DELETE", "1 = 1", "a model version is retired, never removed")]


def _sqlite(number: int, table: str, event: str, forbidden: str, why: str) -> tuple[str, ...]:
    head = f"CREATE TRIGGER law_{number}_{table} BEFORE {event} ON {table} WHEN {forbidden}"
    return (f"{head} BEGIN SELECT RAISE(ABORT, '{why}'); END",)


def _postgresql(number: int, table: str, event: str, forbidden: str, why: str) -> tuple[str, ...]:
    """The function reads the tables of the schema that it is made in, whatever schema a connection names."""
    name = f"law_{number}_{table}"
    head = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS"
    refusal = f"IF {forbidden} THEN RAISE EXCEPTION '{why}' USING ERRCODE = 'check_violation'; END IF;"
    return (
        f"{head} $$ BEGIN {refusal} RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $$",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def downgrade() -> None:
    """Refuse: a log is not thrown away by a migration."""
    message = "a log is never dropped; go back by restoring the copy made before the upgrade"
    raise NotImplementedError(message)
