"""A research run from its policy to a registered model with the gates' verdict: the steps in turn.

 1. the design                      dataflows.research.design.study_design
 2. features, samples, labels       dataflows.research.sampling.sample_table
 3. folds                           dataflows.research.fitting.study_data
 4. trials, written down            dataflows.research.trials.recorded_trials
 5. searches and fits               dataflows.research.study.done_fits
 6. out of sample, after costs      dataflows.research.outcome.study_outcome
 7. evidence                        dataflows.research.evidence.study_evidence
 8. registered, judged by the gate  registered_study

A run that was interrupted and is run again under its name fits only what it had not fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from adapters.models.tuning import optuna_search
from adapters.research.fitters import StudyFitters, fitters
from api.use_cases.gates import Judgement
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_registration import registered_and_judged, trial_ledger
from api.use_cases.studies import study_of
from dataflows.engine.plan import Plan
from dataflows.features import FeatureSnapshot
from dataflows.research.design import StudyDesign
from dataflows.research.evidence import StudyEvidence, study_evidence
from dataflows.research.fitting import StudyData, study_data
from dataflows.research.identity import samples_digest, study_code_digest
from dataflows.research.live import model_reference, reference_bytes
from dataflows.research.outcome import StudyOutcome, study_outcome
from dataflows.research.sampling import SampleTable, sample_table
from dataflows.research.study import StudyWork, done_fits
from dataflows.research.trials import KeptFits, recorded_trials
from governance.models import ModelContent, ModelRow
from governance.trial_ledger import TrialLedger
from nodes.kernels.arrays import Array

PROMOTION_GATE = "promotion"
Progress: TypeAlias = Callable[[str, int, int], None]
"""Is told what is done, how much of it and how much there is; what it raises ends the run."""


@dataclass(frozen=True)
class ResearchRequest:
    """What is asked of a research run.

    Attributes:
        policy: bytes of the research policy.
        file: its name, for faults.
        study: name of the run, under which what it fitted is kept.
        principal: who asks.
        n_workers: processes that fit.
    """

    policy: bytes
    file: str
    study: str
    principal: str
    n_workers: int = 1


@dataclass(frozen=True)
class ResearchDesk:
    """What a research run works with.

    Attributes:
        models: log, registry, gates.
        snapshot: the facts that features read.
        kept: results of fits under the name of the run.
    """

    models: ModelDesk
    snapshot: Callable[[], FeatureSnapshot]
    kept: KeptFits


@dataclass(frozen=True, eq=False)
class Research:
    """A research run, done.

    Attributes:
        study: its name.
        design: what was asked.
        table: samples and market.
        data: folds.
        outcome: of every trial and of the choice.
        evidence: what it proves.
        importances: growth of the loss without each feature, one row a tested fold.
        model: the version that was registered.
        plan: of the promotion gate.
        gate_name: family and version of its policy.
        judgement: what it says of the version.
    """

    study: str
    design: StudyDesign
    table: SampleTable
    data: StudyData
    outcome: StudyOutcome
    evidence: StudyEvidence
    importances: Array
    model: ModelRow
    plan: Plan
    gate_name: str
    judgement: Judgement


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A study whose models are fitted, before it is judged."""

    request: ResearchRequest
    design: StudyDesign
    table: SampleTable
    data: StudyData
    outcome: StudyOutcome
    importances: Array
    artefact: bytes
    data_digest: bytes
    code_digest: bytes


def research(desk: ResearchDesk, request: ResearchRequest, progress: Progress) -> Research:
    """A research run. Raises PolicyError, PlanError, DataError or EdgeError with the mend."""
    study = study_of(request.policy, request.file)
    design, plan = study.design, study.plan
    progress("samples", 0, 1)
    table = sample_table(design, plan, desk.snapshot())
    data = study_data(table.samples, design.folds)
    progress("samples", 1, 1)
    data_digest = samples_digest(table)
    ledger = trial_ledger(desk.models, design.family)
    trials = recorded_trials(ledger, request.study, design, data_digest)
    with fitters(data, request.n_workers) as working:
        work = StudyWork(design, data, trials, optuna_search, working, desk.kept)
        done = done_fits(work, lambda n_done, total: progress("fits", n_done, total))
        outcome = study_outcome(table, data, design.book, done)
        importances, artefact = _examined(working, outcome, progress)
    fitted = _Fitted(request, design, table, data, outcome, importances, artefact, data_digest, study_code_digest(plan))
    return _judged(desk.models, fitted, ledger, progress)


def registered_because(study: str) -> str:
    """Why the version of a study is registered, as its entry says it."""
    return f"research run {study}"


def _examined(working: StudyFitters, outcome: StudyOutcome, progress: Progress) -> tuple[Array, bytes]:
    """The importances in each tested fold, and the final model exported."""
    artefact = working.artefact(outcome.final.fit)
    under_way: list[Future[Array]] = [working.importances(each.fit) for each in outcome.choices]
    rows: list[Array] = []
    for each in under_way:
        progress("importances", len(rows), len(under_way))
        rows.append(each.result())
    progress("importances", len(rows), len(rows))
    return np.array(rows), artefact.result()


def _judged(models: ModelDesk, fitted: _Fitted, ledger: TrialLedger, progress: Progress) -> Research:
    progress("evidence", 0, 1)
    n_trials = ledger.state.n_trials
    evidence = study_evidence(fitted.design, fitted.outcome, n_trials)
    gate = models.gate(PROMOTION_GATE)

    request = fitted.request
    why = registered_because(request.study)
    model, judgement = registered_and_judged(models, _content(fitted, evidence), request.principal, why)
    progress("evidence", 1, 1)
    return Research(
        study=fitted.request.study,
        design=fitted.design,
        table=fitted.table,
        data=fitted.data,
        outcome=fitted.outcome,
        evidence=evidence,
        importances=fitted.importances,
        model=model,
        plan=gate.plan,
        gate_name=gate.name,
        judgement=judgement,
    )


def _content(fitted: _Fitted, evidence: StudyEvidence) -> ModelContent:
    return ModelContent(
        family=fitted.design.family,
        artefact=fitted.artefact,
        data_digest=fitted.data_digest,
        code_digest=fitted.code_digest,
        policy_digest=fitted.design.digest,
        features=fitted.design.features,
        evidence=evidence.figures,
        n_trials=evidence.n_trials,
        details=_details(fitted),
        reference=reference_bytes(model_reference(fitted.request.policy, fitted.table, fitted.outcome)),
    )


def _details(fitted: _Fitted) -> dict[str, Any]:
    samples, sessions = fitted.table.samples, fitted.table.market.sessions
    final = fitted.outcome.final.fit
    return {
        "policy": f"{fitted.design.family} v{fitted.design.version}",
        "model": final.trial.model,
        "settings": {name: str(value) for name, value in final.settings.items()},
        "label": f"{fitted.design.label.kind} over {fitted.design.label.horizon_sessions} sessions",
        "folds": f"{fitted.design.folds.kind}, {fitted.data.n_folds} tested",
        "n_samples": len(samples),
        "shares": fitted.table.market.symbols,
        "data": f"sessions from {sessions[0]} to {sessions[-1]}",
        "tested": f"sessions from {fitted.outcome.sessions[0]} to {fitted.outcome.sessions[-1]}",
        "seed": fitted.design.seed,
    }
