"""What research needs of a model: something that is fitted on rows, predicts rows and can be exported.

`adapters.models` implements these over the installed libraries; nothing here knows which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

from nodes.kernels.arrays import Array

Setting: TypeAlias = float | int | str | bool
Settings: TypeAlias = Mapping[str, Setting]
"""Hyper-parameters of a trainer by name."""


class FittedModel(Protocol):
    """A model after its training."""

    def predicted(self, x: Array) -> Array:
        """For each row the probability of class 1, or the value. NaN features are absent."""
        ...

    def onnx(self) -> bytes:
        """The model as ONNX, which predicts the same."""
        ...


class Trainer(Protocol):
    """A way to fit a model."""

    @property
    def name(self) -> str:
        """What policies call it."""
        ...

    def fitted(self, x: Array, y: Array, weights: Array, settings: Settings, seed: int) -> FittedModel:
        """The model of some rows: a pure function of its arguments.

        Args:
            x: features, one row a sample; NaN where absent.
            y: class 0 or 1, or the value to predict.
            weights: how much each sample counts.
            settings: hyper-parameters by name.
            seed: of all chance in the training.
        """
        ...
