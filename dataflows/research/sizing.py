"""From what a model says of samples to the bets that follow: the same for a study, its report and its live record."""

from __future__ import annotations

import numpy as np

from dataflows.research.samples import Kind
from nodes.kernels.arrays import Array
from nodes.kernels.bets import bet_sizes, value_sizes


def sample_sizes(kind: Kind, predictions: Array, centre: float, spread: float, sides: Array | None) -> Array:
    """How much to bet on each sample, from -1 to 1; NaN where nothing is predicted.

    Args:
        kind: of the targets.
        predictions: probabilities of class 1, or values.
        centre: mean of the training targets.
        spread: their standard deviation.
        sides: the primary model's side of each sample; a meta-label then says how much of it to take, and never the
            opposite. None where the model itself says the side.
    """
    sizes = bet_sizes(predictions, centre) if kind == "class" else value_sizes(predictions, centre, spread)
    return sizes if sides is None else np.maximum(sizes, 0.0) * sides
