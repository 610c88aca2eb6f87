"""Small made-up rows for tests of models: a planted signal, absences, ties, and rows at the edges of the numbers."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from adapters.models.rows import Kind
from adapters.models.trainers import trainer
from dataflows.research.ports import FittedModel, Settings
from dataflows.research.samples import Samples
from nodes.kernels.arrays import Array
from nodes.kernels.spans import Spans

N_ROWS = 400
NAMES = ("momentum", "spread", "depth", "never_there", "noise", "always_there")
N_FEATURES = len(NAMES)
SEED = 7
QUICK: dict[str, Settings] = {
    "random-forest": {"n_trees": 20},
    "lightgbm": {"n_trees": 20},
    "xgboost": {"n_trees": 20},
    "linear": {},
}


def rows() -> Array:
    """Features: some absent, one never there, one never absent and with many ties."""
    chance = np.random.default_rng(SEED)
    x = chance.standard_normal((N_ROWS, N_FEATURES))
    x[chance.random(x.shape) < 0.1] = np.nan
    x[:, 3] = np.nan
    x[:, 5] = np.round(chance.standard_normal(N_ROWS), 2)
    return x


def target(kind: Kind) -> Array:
    """What the first and the last feature say, and noise."""
    x, chance = rows(), np.random.default_rng(SEED + 1)
    score = np.nan_to_num(x[:, 0]) + 0.5 * x[:, 5] + 0.5 * chance.standard_normal(N_ROWS)
    return (score > 0).astype(np.float64) if kind == "class" else score


def weights() -> Array:
    """Unequal ones."""
    return np.random.default_rng(SEED + 2).uniform(0.5, 1.5, N_ROWS)


@lru_cache
def fitted(name: str, kind: Kind, seed: int = SEED) -> FittedModel:
    """A model of the rows."""
    return trainer(name, kind).fitted(rows(), target(kind), weights(), QUICK[name], seed)


def edge_rows() -> Array:
    """Rows of extremes: denormals, both ends of 32-bit floats, and what lies beyond them."""
    values = np.array(
        [0.0, -0.0, 1e-45, -1e-36, 1e-35, -1e-35, 2e-35, -2e-35, 3e38, -3e38, 3.5e38, 1e308, np.inf, -np.inf, np.nan]
    )
    chance = np.random.default_rng(SEED + 3)
    mixed = np.where(chance.random((300, N_FEATURES)) < 0.5, chance.choice(values, (300, N_FEATURES)), 1.0)
    calm = np.where(np.abs(mixed) > 3.4e38, 1.0, mixed)
    calm[:, 5] = np.nan_to_num(calm[:, 5])
    return np.vstack((np.tile(values[:, None], (1, N_FEATURES)), mixed, calm))


def near_rows() -> Array:
    """The training rows moved by less than a 32-bit float can tell, up and down."""
    x = rows()
    return np.vstack((x * (1 + 1e-9), x * (1 - 1e-9), np.nextafter(x, np.inf), np.nextafter(x, -np.inf)))


def samples(kind: Kind = "class") -> Samples:
    """The rows as samples, two a session, whose labels reach three sessions ahead."""
    starts = np.arange(N_ROWS, dtype=np.int64) // 2
    day = date(2020, 1, 1)
    keys = {"symbol": ["A", "B"] * (N_ROWS // 2), "session_on": [day + timedelta(days=at) for at in starts.tolist()]}
    spans = Spans(starts, starts + 3)
    y = target(kind)
    return Samples(pl.DataFrame(keys), rows(), NAMES, y, kind, spans, weights(), np.zeros(N_ROWS))
