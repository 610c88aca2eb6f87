"""Predictions for samples by models that did not see them: what calibrations, pools and selections may learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adapters.models.fitted import DrawnModel
from dataflows.research.ports import FittedModel, Settings, Trainer
from dataflows.research.samples import Samples
from dataflows.research.trials import chance_seed
from nodes.kernels.arrays import Array
from nodes.kernels.splits import Split
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True)
class Recipe:
    """One way to arrive at a model.

    Attributes:
        trainer: of the model.
        settings: hyper-parameters by name.
        seed: of all chance.
    """

    trainer: Trainer
    settings: Settings
    seed: int

    def fitted(self, samples: Samples) -> FittedModel:
        """The model of some samples."""
        return self.trainer.fitted(samples.features, samples.target, samples.weights, self.settings, self.seed)

    def at(self, place: int) -> Recipe:
        """The same with the seed of a place: of a fold, or of a member."""
        return replace(self, seed=chance_seed(self.seed, place))


def unseen_predictions(recipe: Recipe, samples: Samples, splits: Sequence[Split]) -> Array:
    """For each sample what a model says that was trained on the training part of the split that tests it.

    NaN where no split tests the sample, or the model has no prediction. A later split overwrites an earlier one.
    """
    found = np.full(len(samples), np.nan)
    for place, split in enumerate(splits):
        model = recipe.at(place).fitted(samples.rows(split.train))
        found[split.test] = model.predicted(samples.features[split.test])
    return found


def drawable(model: FittedModel) -> DrawnModel:
    """The model as one that others can be built on. Raises DataError for one that cannot draw itself."""
    if not isinstance(model, DrawnModel):
        message = f"{type(model).__name__} cannot be drawn into a larger graph; use a trainer of adapters.models"
        raise DataError(message)
    return model
