"""The study of a research policy, ready for an analysis: samples, folds, ledger, and what fits on them come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adapters.models.importance import row_losses
from adapters.models.rows import Mask
from adapters.models.trainers import trainer
from adapters.models.tuning import optuna_search
from adapters.models.unseen import Recipe
from adapters.research.fitters import fitters
from api.use_cases.analysis_results import AnalysisAsked
from api.use_cases.jobs import JobDesk
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_registration import trial_ledger
from api.use_cases.research_jobs import JobFits
from dataflows.features import FeatureSnapshot
from dataflows.research.design import StudyDesign, study_design
from dataflows.research.fitting import StudyData, study_data
from dataflows.research.identity import samples_digest
from dataflows.research.samples import Samples
from dataflows.research.sampling import SampleTable, sample_table, study_plan
from dataflows.research.study import DoneFit, StudyWork, done_fits
from dataflows.research.trials import chance_seed, recorded_trials
from governance.trial_ledger import TrialLedger
from nodes.kernels.arrays import Array
from nodes.kernels.forecasts import Skill, skill
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy


@dataclass(frozen=True)
class AnalysedStudy:
    """The study of a policy, ready for fits."""

    design: StudyDesign
    table: SampleTable
    data: StudyData
    ledger: TrialLedger
    data_digest: bytes
    job: str

    @property
    def samples(self) -> Samples:
        """What is learnt from and tested."""
        return self.table.samples

    def recipe(self, asked: AnalysisAsked) -> Recipe:
        """The model that is asked about. Raises DataError for a trainer that there is not."""
        made = trainer(asked.model, self.samples.kind)
        return Recipe(made, asked.settings, chance_seed(self.design.seed, 0))

    def record(self, kind: str, asked: AnalysisAsked, n_trials: int) -> None:
        """Count trials before they are made."""
        about = {"kind": kind, "model": asked.model, "settings": dict(asked.settings), "data_digest": self.data_digest}
        told = [{**about, "policy_digest": self.design.digest, "place": place} for place in range(n_trials)]
        self.ledger.all_recorded(self.job, told)


def analysed_study(models: ModelDesk, snapshot: FeatureSnapshot, asked: AnalysisAsked, job: str) -> AnalysedStudy:
    """The study of a policy on some facts. Raises PolicyError, PlanError or DataError with the mend."""
    design = study_design(parsed_policy(asked.policy.encode(), asked.file))
    table = sample_table(design, study_plan(design), snapshot)
    data = study_data(table.samples, design.folds)
    return AnalysedStudy(design, table, data, trial_ledger(models, design.family), samples_digest(table), job)


def recorded_fits(study: AnalysedStudy, design: StudyDesign, desk: JobDesk, n_workers: int) -> Sequence[DoneFit]:
    """The fits of a design on the folds of the study, each a recorded trial. A job that was interrupted goes on."""
    trials = recorded_trials(study.ledger, study.job, design, study.data_digest)
    with fitters(study.data, n_workers) as working:
        work = StudyWork(design, study.data, trials, optuna_search, working, JobFits(desk))
        return done_fits(work, lambda n_done, total: desk.progress("fits", n_done, total))


def chosen_predictions(study: AnalysedStudy, done: Sequence[DoneFit], model: str) -> Array:
    """What a kind of model says of each tested sample, its settings chosen by the inner losses of each fold."""
    total, count = np.zeros(len(study.samples)), np.zeros(len(study.samples))
    for fold in range(study.data.n_folds):
        own = [each for each in done if each.fit.fold == fold and each.fit.trial.model == model]
        best = min(own, key=lambda each: each.result.loss)
        test = study.data.splits[fold].test
        total[test] += best.result.predictions
        count[test] += 1.0
    return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)


def unseen_losses(study: AnalysedStudy, predictions: Array) -> tuple[Array, Array, Mask]:
    """Losses of predictions and of the mean of what was learnt from, over the samples with both; which those are."""
    centres = np.full(len(study.samples), np.nan)
    for split in study.data.splits[:-1]:
        train = study.samples.rows(split.train)
        centres[split.test] = float((train.weights * train.target).sum() / train.weights.sum())
    samples = study.samples
    losses, rival = (row_losses(samples.kind, samples.target, each) for each in (predictions, centres))
    tested = np.isfinite(losses) & np.isfinite(rival)
    if not tested.any():
        message = f"none of {len(tested)} samples was predicted unseen; use features that the training rows know"
        raise DataError(message)
    return losses[tested], rival[tested], tested


def study_skill(study: AnalysedStudy, losses: Array, rival: Array) -> Skill:
    """Skill with an interval from blocks of samples whose labels may overlap."""
    spans = study.samples.spans
    length = int((spans.ends - spans.starts).max()) + 1
    a_session = len(spans) / max(1, int(spans.starts[-1] - spans.starts[0]))
    return skill(losses, rival, max(1, round(length * a_session)), study.design.seed)
