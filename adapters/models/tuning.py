"""Searches for settings by optuna: what is proposed follows from the seed and from the losses told, and nothing else.

A search fits nothing and knows no worker: whoever runs it fits what it proposes, one proposal after the other.
"""

from __future__ import annotations

import math
from typing import Any

from adapters.models.libraries import model_library
from dataflows.research.design import Choice, ModelDesign, Range, Space
from dataflows.research.ports import Setting, Settings
from nodes.vocabulary.errors import DataError

_N_RANDOM = 8
"""Proposals at random before the sampler begins to learn from losses."""


class OptunaSearch:
    """A search by the tree-structured Parzen estimator.

    Where nothing is to be searched, the one setting there is is proposed each time.

    Source: Bergstra, Bardenet, Bengio, Kegl (2011), Algorithms for hyper-parameter optimization, NeurIPS 24.
    """

    def __init__(self, space: Space, n_trials: int, seed: int) -> None:
        optuna = model_library("optuna")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=min(_N_RANDOM, max(1, n_trials // 2)))
        self._study = optuna.create_study(sampler=sampler)
        self._space = space
        self._open: Any = None

    def proposed(self) -> Settings:
        """What to try next. Raises DataError when the loss of the last proposal was not told."""
        if self._open is not None:
            message = f"settings {dict(self._open.params)} wait for their loss; tell it before you ask for the next"
            raise DataError(message)
        self._open = self._study.ask()
        return {name: _suggested(self._open, name, wanted) for name, wanted in sorted(self._space.items())}

    def told(self, loss: float) -> None:
        """The loss of what was proposed last. Raises DataError for one that is not finite, or that nobody awaits."""
        if self._open is None or not math.isfinite(loss):
            message = f"loss {loss} was told; tell one finite loss for each proposal"
            raise DataError(message)
        self._study.tell(self._open, loss)
        self._open = None


def optuna_search(model: ModelDesign, n_trials: int, seed: int) -> OptunaSearch:
    """The search of a study over one kind of model."""
    return OptunaSearch(model.space, n_trials, seed)


def _suggested(trial: Any, name: str, wanted: Range | Choice) -> Setting:  # noqa: ANN401  # a trial of optuna
    found: Setting
    if isinstance(wanted, Choice):
        found = wanted.values[0] if len(wanted.values) == 1 else trial.suggest_categorical(name, wanted.values)
    elif wanted.is_whole:
        found = trial.suggest_int(name, wanted.low, wanted.high, log=wanted.is_log)
    else:
        found = trial.suggest_float(name, wanted.low, wanted.high, log=wanted.is_log)
    return found
