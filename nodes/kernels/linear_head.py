"""A linear head over vectors of texts: one weight a dimension, an intercept, the logistic function."""

from __future__ import annotations

import math

import numpy as np

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError


def positive_probabilities(vectors: Array, weights: Array, intercept: float) -> Array:
    """The probability that each row is positive; a row has the same bits alone and among others.

    Formula: 1 / (1 + exp(-(vector . weights + intercept)))
    Unit: fraction. Missing: NaN where a row holds one.
    Source: Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, section 4.4.
    """
    if vectors.ndim != 2 or vectors.shape[1] != len(weights):  # noqa: PLR2004  # rows and columns
        message = f"vectors of shape {vectors.shape} meet {len(weights)} weights; use the encoder the head was made for"
        raise DataError(message)
    # fsum is exact, so its order does not matter; a matrix product would depend on how many rows there are.
    logits = [math.fsum(row * weights) + intercept for row in np.ascontiguousarray(vectors, np.float64)]
    return np.array([_logistic(logit) for logit in logits], np.float64)


def _logistic(logit: float) -> float:
    if logit >= 0.0:
        return 1.0 / (1.0 + math.exp(-logit))
    grown = math.exp(logit)
    return grown / (1.0 + grown)
