"""The trainers by the names that policies call them."""

from __future__ import annotations

from collections.abc import Callable

from adapters.models.forest import RandomForest
from adapters.models.light_gbm import LightGbm
from adapters.models.linear import Linear
from adapters.models.rows import Kind
from adapters.models.xg_boost import XgBoost
from dataflows.research.ports import Trainer
from nodes.vocabulary.errors import DataError

_MADE: dict[str, Callable[[Kind], Trainer]] = {
    "random-forest": RandomForest,
    "lightgbm": LightGbm,
    "xgboost": XgBoost,
    "linear": Linear,
}
TRAINERS = tuple(sorted(_MADE))
"""Every name."""


def trainer(name: str, kind: Kind) -> Trainer:
    """The trainer of a name, for classes or for values. Raises DataError for a name that there is not."""
    if name not in _MADE:
        message = f"there is no trainer {name!r}; name one of {', '.join(TRAINERS)}"
        raise DataError(message)
    return _MADE[name](kind)
