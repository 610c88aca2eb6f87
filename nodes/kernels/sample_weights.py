"""What a sample should weigh when a model is fitted: what it says of its own, and how old it is.

Source of all: Lopez de Prado (2018), Advances in Financial Machine Learning, sections 4.6 and 4.7.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.spans import Spans, concurrency, sums_over
from nodes.vocabulary.errors import DataError


def return_weights(log_returns: Array, spans: Spans, times: Index) -> Array:
    """The size of the return that each sample has to itself, scaled so that weights add up to their number.

    Formula: w_i = |sum over t in span i of r_t / c_t|, times n / sum of w
    Unit: ratio. Missing: 0 for a span that covers none of the times; a missing return counts for none.
    Source: snippet 4.10.

    Args:
        log_returns: of each time.
        spans: of the samples.
        times: of the bars, strictly increasing.
    """
    shared = np.nan_to_num(log_returns) / np.maximum(concurrency(spans, times), 1)
    weights = np.abs(np.nan_to_num(sums_over(shared, spans, times)))
    total = np.sum(weights)
    return weights * (len(weights) / total) if total > 0.0 else weights


def time_decay(uniqueness: Array, oldest_weight: float) -> Array:
    """Factors that fall in a line from 1 for the newest sample, over cumulative uniqueness instead of time.

    Formula: max(0, a + b x cumulative uniqueness), 1 at the end; at the start `oldest_weight`, or where that is
    negative, 0 over that share of the cumulative uniqueness
    Unit: ratio. Missing: a sample without uniqueness adds none.
    Source: snippet 4.11.

    Args:
        uniqueness: of each sample, oldest first.
        oldest_weight: over -1, up to 1; 1 means no decay.
    """
    if not -1.0 < oldest_weight <= 1.0:
        raise DataError(f"an oldest weight of {oldest_weight} is no decay; give one over -1 and up to 1")
    cumulative = np.cumsum(np.nan_to_num(uniqueness))
    if not len(cumulative) or cumulative[-1] <= 0.0:
        return np.zeros(len(cumulative))
    share = 1.0 - oldest_weight if oldest_weight >= 0.0 else 1.0 / (oldest_weight + 1.0)
    decayed: Array = 1.0 - share + share * (cumulative / cumulative[-1])
    return np.maximum(0.0, decayed)
