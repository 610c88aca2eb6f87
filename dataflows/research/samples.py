"""The table that research learns from: one row a sample, with what was known, what came of it, and until when.

`spans` say over which sessions a sample's label was made: whoever splits samples into training and test keeps apart
what they share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import polars as pl

from nodes.kernels.arrays import Array, Index
from nodes.kernels.spans import Spans

Kind: TypeAlias = Literal["class", "value"]


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples sorted by the start of their span, then by its end.

    Attributes:
        keys: symbol and session_on of each sample: the session at whose close its features were known.
        features: one row a sample, one column a feature; NaN where a feature is absent.
        names: of the features, column by column.
        target: class 0 or 1, or the value to predict.
        kind: which of the two.
        spans: first and last session ordinal of what made the label.
        weights: how much each sample counts; overlapping labels count less.
        returns: what holding the share over the span earned.
    """

    keys: pl.DataFrame
    features: Array
    names: tuple[str, ...]
    target: Array
    kind: Kind
    spans: Spans
    weights: Array
    returns: Array

    def __len__(self) -> int:
        return len(self.target)

    def rows(self, places: Index) -> Samples:
        """The samples at some places, which ascend."""
        return Samples(
            keys=self.keys[places],
            features=self.features[places],
            names=self.names,
            target=self.target[places],
            kind=self.kind,
            spans=Spans(self.spans.starts[places], self.spans.ends[places]),
            weights=self.weights[places],
            returns=self.returns[places],
        )
