"""What a sample should weigh when a model is fitted: what it says of its own.

Source of all: Lopez de Prado (2018), Advances in Financial Machine Learning, section 4.6.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.spans import Spans, concurrency, sums_over


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
