"""Made-up samples of a model for the tests of its drift."""

from __future__ import annotations

import numpy as np

from dataflows.audit.model_drift import Measure, ModelSample
from nodes.kernels.discrepancy import Permutations

MEASURE = Measure(n_bins=10, rare_frac=0.01, permutations=Permutations(99, 80, 7), max_windows=20)
NAMES = ("momentum_frac", "volatility_frac")


def sample(seed: int, n_sessions: int, shares: int = 10, shift: float = 0.0, memory: float = 0.0) -> ModelSample:
    """Two features and a prediction of them; `memory` is how much of a session's common part the next one keeps."""
    draws = np.random.default_rng(seed)
    common = np.zeros((n_sessions, 2))
    for row in range(n_sessions):
        before = common[row - 1] if row else np.zeros(2)
        common[row] = memory * before + np.sqrt(1.0 - memory**2) * draws.normal(size=2)
    own = draws.normal(size=(n_sessions, shares, 2))
    features = (common[:, None, :] * bool(memory) + own + [shift, 0.0]).reshape(-1, 2)
    predictions = 1.0 / (1.0 + np.exp(-features[:, 0] - 0.3 * draws.normal(size=len(features))))
    return ModelSample(NAMES, features, predictions, np.repeat(np.arange(n_sessions), shares))
