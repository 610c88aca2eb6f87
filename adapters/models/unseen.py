"""Predictions for samples by models that did not see them: what calibrations, pools and selections may learn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adapters.models.fitted import DrawnModel
from dataflows.research.ports import FittedModel, Settings, Trainer
from dataflows.research.samples import Samples
from dataflows.research.trials import chance_seed
from nodes.kernels.arrays import Array
from nodes.kernels.splits import Split
from nodes.vocabulary.errors import DataError


def trained(trainer: Trainer, samples: Samples, settings: Settings, seed: int) -> FittedModel:
    """The model of some samples."""
    return trainer.fitted(samples.features, samples.target, samples.weights, settings, seed)


def unseen_predictions(
    trainer: Trainer, samples: Samples, splits: Sequence[Split], settings: Settings, seed: int
) -> Array:
    """For each sample what a model says that was trained on the training part of the split that tests it.

    NaN where no split tests the sample, or the model has no prediction. A later split overwrites an earlier one.
    """
    found = np.full(len(samples), np.nan)
    for place, split in enumerate(splits):
        model = trained(trainer, samples.rows(split.train), settings, chance_seed(seed, place))
        found[split.test] = model.predicted(samples.features[split.test])
    return found


def drawable(model: FittedModel) -> DrawnModel:
    """The model as one that others can be built on. Raises DataError for one that cannot draw itself."""
    if not isinstance(model, DrawnModel):
        message = f"{type(model).__name__} cannot be drawn into a larger graph; use a trainer of adapters.models"
        raise DataError(message)
    return model
