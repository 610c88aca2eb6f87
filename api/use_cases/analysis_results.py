"""What analyses of features and models are asked, and what they come to: the words of HTTP and of jobs."""

from __future__ import annotations

import msgspec


class AnalysisAsked(msgspec.Struct, frozen=True):
    """What is asked of an analysis.

    Attributes:
        policy: text of a research policy.
        file: its name, for faults.
        model: trainer; of a recommendation none, for the policy says which models are compared.
        settings: its hyper-parameters; by default the trainer's own.
    """

    policy: str
    file: str
    model: str = ""
    settings: dict[str, float | int | str | bool] = {}


class FeatureImportance(msgspec.Struct, frozen=True):
    """How much a feature matters for unseen samples.

    Attributes:
        name: of the feature.
        permutation: growth of the loss when it is shuffled.
        permutation_low: lower end of its 95 % interval; above 0 the feature surely helps.
        permutation_high: upper end.
        shapley: mean size of its Shapley value.
        shapley_low: lower end of its 95 % interval.
        shapley_high: upper end.
    """

    name: str
    permutation: float
    permutation_low: float
    permutation_high: float
    shapley: float
    shapley_low: float
    shapley_high: float


class FeatureAnalysis(msgspec.Struct, frozen=True):
    """The features of a study, most important first.

    Attributes:
        model: that was asked.
        n_samples: samples of the study.
        n_trials: trials in the family's ledger, this one included.
        features: one each.
    """

    model: str
    n_samples: int
    n_trials: int
    features: tuple[FeatureImportance, ...]


class FoldSelection(msgspec.Struct, frozen=True):
    """What was chosen without a fold, and how it did in it.

    Attributes:
        names: chosen features.
        loss: on the tested samples.
        loss_of_all: of the model on all features.
        loss_of_none: of the mean of the training targets.
    """

    names: tuple[str, ...]
    loss: float
    loss_of_all: float
    loss_of_none: float


class FeatureSelection(msgspec.Struct, frozen=True):
    """Features, chosen.

    Attributes:
        model: that was asked.
        names: the choice on all samples.
        chosen_frac: in which share of the folds each feature was chosen.
        folds: the choice without each fold, judged in it: the only honest figures here.
        n_trials: trials in the family's ledger, these included.
    """

    model: str
    names: tuple[str, ...]
    chosen_frac: dict[str, float]
    folds: tuple[FoldSelection, ...]
    n_trials: int


class CalibrationBin(msgspec.Struct, frozen=True):
    """Samples of whose class 1 about the same was said.

    Attributes:
        said_frac: mean probability.
        came_frac: how often class 1 came.
        low_frac: lower end of its 95 % interval.
        high_frac: upper end.
        n_samples: how many.
    """

    said_frac: float
    came_frac: float
    low_frac: float
    high_frac: float
    n_samples: int


class ModelEvaluation(msgspec.Struct, frozen=True):
    """A model out of sample.

    Attributes:
        model: trainer.
        n_tested: samples that were predicted unseen.
        loss: mean log loss, or squared error.
        loss_of_none: of the mean of the training targets.
        skill_frac: how much less it loses than none; 0 is alike.
        skill_low_frac: lower end of the 95 % interval.
        skill_high_frac: upper end.
        calibration: said and come true; empty for values.
        calibration_error_frac: mean distance of said and come true; null for values.
        figures: of its returns after costs, in the words of the promotion gates.
        n_trials: trials in the family's ledger, this one included; the deflated Sharpe ratio counts them.
    """

    model: str
    n_tested: int
    loss: float
    loss_of_none: float
    skill_frac: float
    skill_low_frac: float
    skill_high_frac: float
    calibration: tuple[CalibrationBin, ...]
    calibration_error_frac: float | None
    figures: dict[str, float]
    n_trials: int


class RankedModel(msgspec.Struct, frozen=True):
    """A model among others.

    Attributes:
        model: trainer, or `none`.
        loss: mean out of sample, its settings chosen inside each training part.
        skill_frac: over none.
        skill_low_frac: lower end of the 95 % interval.
        skill_high_frac: upper end.
        best_p_frac: p-value of being among the best (model confidence set).
        may_be_best: whether the data cannot tell it from the best at 95 %.
    """

    model: str
    loss: float
    skill_frac: float
    skill_low_frac: float
    skill_high_frac: float
    best_p_frac: float
    may_be_best: bool


class ModelRecommendation(msgspec.Struct, frozen=True):
    """The models of a policy, ranked.

    Attributes:
        sentence: what to do, in words.
        recommended: models that may be the best and surely beat none; empty when there is none such.
        ranking: all models and none, the least loss first.
        n_trials: trials in the family's ledger, these included.
    """

    sentence: str
    recommended: tuple[str, ...]
    ranking: tuple[RankedModel, ...]
    n_trials: int
