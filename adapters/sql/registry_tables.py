"""The tables of the model registry, and what the database itself refuses.

Trials, versions and evidence are only ever added. A champion row is refused without a p-value of SPA, a deflated Sharpe
ratio, a probability of overfitting, a trial count and a model card, by a CHECK; and by a trigger unless they are those
of the version's own evidence rows and of the trial ledger. Triggers, not foreign keys: SQLite checks those only for
connections that ask for it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Double, Index, Integer, Table, Text, text

from adapters.sql.tables import METADATA, Bytes

SCHEMA = METADATA
"""Every table of a log, those of the registry included: whoever needs all of them takes this."""

CHAMPION_IS_COMPLETE = (
    "stage <> 'champion' OR (spa_p_frac IS NOT NULL AND dsr_frac IS NOT NULL AND pbo_frac IS NOT NULL "
    "AND n_trials IS NOT NULL AND trials_digest IS NOT NULL AND card_ref IS NOT NULL AND memo_ref IS NOT NULL)"
)
STAGE_IS_KNOWN = "stage IN ('candidate', 'shadow', 'challenger', 'champion', 'retired')"
FRACTIONS = "name NOT IN ('spa_p_frac', 'dsr_frac', 'pbo_frac') OR (value >= 0 AND value <= 1)"
DIGESTS = (
    "length(model_digest) = 32 AND length(artefact_digest) = 32 AND length(data_digest) = 32 "
    "AND length(code_digest) = 32 AND length(policy_digest) = 32 AND length(trials_digest) = 32"
)

TRIALS = Table(
    "trials",
    METADATA,
    Column("family", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("trial_digest", Bytes, nullable=False),
    Column("study", Text, nullable=False),
    Column("settings", Bytes, nullable=False),
    Column("recorded_at_ns", BigInteger, nullable=False),
    Column("chain", Bytes, nullable=False),
    CheckConstraint("number >= 1", name="ck_trials_number"),
    Index("ux_trials_trial_digest", "family", "trial_digest", unique=True),
)

MODEL_VERSIONS = Table(
    "model_versions",
    METADATA,
    Column("family", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("model_digest", Bytes, nullable=False),
    Column("artefact_digest", Bytes, nullable=False),
    Column("artefact_ref", Bytes, nullable=False),
    Column("data_digest", Bytes, nullable=False),
    Column("code_digest", Bytes, nullable=False),
    Column("policy_digest", Bytes, nullable=False),
    Column("trials_digest", Bytes, nullable=False),
    Column("n_trials", Integer, nullable=False),
    Column("features", Text, nullable=False),
    Column("evidence_digest", Bytes, nullable=False),
    Column("evidence_ref", Bytes, nullable=False),
    Column("created_at_ns", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    CheckConstraint("version >= 1", name="ck_model_versions_version"),
    CheckConstraint("n_trials >= 1", name="ck_model_versions_n_trials"),
    CheckConstraint(DIGESTS, name="ck_model_versions_digests"),
    Index("ux_model_versions_model_digest", "family", "model_digest", unique=True),
)

MODEL_EVIDENCE = Table(
    "model_evidence",
    METADATA,
    Column("family", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("value", Double, nullable=False),
    CheckConstraint(FRACTIONS, name="ck_model_evidence_fractions"),
)

MODEL_STAGES = Table(
    "model_stages",
    METADATA,
    Column("family", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("stage", Text, nullable=False),
    Column("model_digest", Bytes, nullable=False),
    Column("spa_p_frac", Double),
    Column("dsr_frac", Double),
    Column("pbo_frac", Double),
    Column("n_trials", Integer),
    Column("trials_digest", Bytes),
    Column("card_ref", Bytes),
    Column("memo_ref", Bytes),
    Column("sequence", BigInteger, nullable=False),
    CheckConstraint(STAGE_IS_KNOWN, name="ck_model_stages_stage"),
    CheckConstraint(CHAMPION_IS_COMPLETE, name="ck_model_stages_champion_is_complete"),
    Index(
        "ux_model_stages_champion",
        "family",
        unique=True,
        sqlite_where=text("stage = 'champion'"),
        postgresql_where=text("stage = 'champion'"),
    ),
)
