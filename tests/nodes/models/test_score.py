"""What a champion says of bars: through the nodes that a policy names."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
import pytest

from nodes.kernels.onnx.scoring import model_frame
from nodes.models.score import model_digest, model_score
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.units import Features, Panel, Text
from tests.nodes.kernels.onnx.models import constant_model, exported

MODEL = Panel(model_frame(constant_model(0.25, ("momentum_frac",))))


def test_the_digest_is_that_of_the_exported_bytes() -> None:
    wanted = hashlib.sha256(constant_model(0.25, ("momentum_frac",))).hexdigest()
    assert model_digest(MODEL) == f"sha256:{wanted}"


def test_a_score_is_given_for_each_row_and_none_where_the_model_has_none() -> None:
    columns = {name: pl.Series([0.5, 0.5]) for name in ("momentum", "spread", "depth", "noise", "never_there")}
    features = Features({**columns, "always_there": pl.Series([0.5, None])})
    found = model_score(Panel(model_frame(exported("linear"))), Text("sha256:0"), Text("family"), features)
    assert found.null_count() == 1
    assert found[1] is None
    assert 0.0 < found[0] < 1.0


def test_a_feature_that_the_policy_does_not_give_is_named_with_the_model() -> None:
    features = Features({"volatility_frac": pl.Series(np.zeros(2))})
    with pytest.raises(DataError, match=r"model reversal \(sha256:12\) reads momentum_frac, given are volatility_frac"):
        model_score(MODEL, Text("sha256:12"), Text("reversal"), features)
