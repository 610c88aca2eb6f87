"""Model versions for the tests of the registry: small, of fixed content, on the real store."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.models import ModelContent, ModelRow, Stage, StageRow
from governance.ports import LogStore
from governance.registration import Act, Coronation, crowned, moved, registered
from governance.trial_ledger import TrialLedger
from nodes.vocabulary.canonical import digest
from tests.governance.examples import NOON, ORIGIN

FAMILY = "meta-label"
GOOD = {"spa_p_frac": 0.01, "dsr_frac": 0.97, "pbo_frac": 0.05}


def act(seconds: int = 0, principal: str = "ada", why: str = "the research says so") -> Act:
    """Someone does something at noon, or some seconds later."""
    return Act(ORIGIN, principal, NOON + timedelta(seconds=seconds), why)


def noon() -> datetime:
    """A clock that stands."""
    return NOON


def tried(store: LogStore, n_trials: int = 3, family: str = FAMILY) -> None:
    """Bring a family's ledger to a number of trials."""
    TrialLedger(store, family, noon).all_recorded("study", [{"depth": depth} for depth in range(n_trials)])


def content(n_trials: int = 3, evidence: dict[str, float] | None = None, artefact: bytes = b"onnx") -> ModelContent:
    """A model that was judged by some trials."""
    digests = {name: digest(name) for name in ("data_digest", "code_digest", "policy_digest")}
    figures = GOOD if evidence is None else evidence
    return ModelContent(FAMILY, artefact, **digests, features=("momentum_frac", "beta_frac"), evidence=figures,
                        n_trials=n_trials, details={"trainer": "forest"})  # fmt: skip


def model(store: LogStore, number: int = 1, evidence: dict[str, float] | None = None) -> ModelRow:
    """A registered version that differs from others by its number; the ledger is filled first."""
    tried(store)
    with store.transaction() as transaction:
        return registered(transaction, content(3, evidence, b"onnx %d" % number), act())


def stage(store: LogStore, of: ModelRow) -> StageRow:
    """How far a version has come."""
    with store.reader() as reader:
        return next(row for row in reader.registry.stages() if row.name == of.name)


def advanced(store: LogStore, of: ModelRow, *stages: Stage) -> StageRow:
    """A version moved through some stages."""
    for each in stages:
        with store.transaction() as transaction:
            before = transaction.registry.stage(of.family, of.version)
            assert before is not None
            moved(transaction, before, each, act())
    return stage(store, of)


def champion(store: LogStore, of: ModelRow, *, is_rollback: bool = False) -> StageRow:
    """A version made champion, with papers of a line each."""
    with store.transaction() as transaction:
        card, memo = transaction.put_body(b"card of %d" % of.version), transaction.put_body(b"memo of %d" % of.version)
        dethroned = transaction.registry.champion(of.family)
        return crowned(transaction, Coronation(of, GOOD, card, memo, dethroned, is_rollback), act())
