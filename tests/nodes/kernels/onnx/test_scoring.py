"""The own evaluator says what the runtime says, has the same bits alone and in a batch, and refuses the unknown."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
import pytest

from adapters.models.onnx_runtime import Scorer
from adapters.models.rows import Kind
from nodes.kernels.arrays import Array
from nodes.kernels.onnx.graph import model_graph
from nodes.kernels.onnx.scoring import feature_scores, frame_digest, graph_scores, model_bytes, model_frame
from nodes.vocabulary.errors import DataError
from tests.adapters.models.made import NAMES, rows
from tests.nodes.kernels.onnx.models import KINDS, TRAINERS, constant_model, every_row, exported

MODELS = [*((name, kind) for name in TRAINERS for kind in KINDS)]
JOINED: list[tuple[str, Kind]] = [("platt", "class"), ("isotonic", "class"), ("ensemble", "class")]


def _columns(x: Array) -> dict[str, pl.Series]:
    return {name: pl.Series(x[:, place]) for place, name in enumerate(NAMES)}


@pytest.mark.parametrize(("name", "kind"), [*MODELS, *JOINED])
def test_scores_are_those_of_the_runtime_on_training_rows_near_rows_and_extremes(name: str, kind: Kind) -> None:
    """SVC-ANL-01 to 03: the evaluator inside decisions and the runtime of services agree, absences included."""
    data, x = exported(name, kind), every_row()
    wanted = Scorer(data, NAMES).scores(x, NAMES)
    found = graph_scores(model_graph(data), x)
    assert np.array_equal(np.isnan(found), np.isnan(wanted))
    assert np.isfinite(wanted).any()
    assert np.isnan(wanted).any()
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [*TRAINERS, "platt", "isotonic", "ensemble"])
def test_a_row_has_the_same_bits_alone_and_in_any_batch(name: str) -> None:
    graph, x = model_graph(exported(name)), rows()[:23]
    together = graph_scores(graph, x)
    alone = np.concatenate([graph_scores(graph, x[at : at + 1]) for at in range(len(x))])
    odd = np.concatenate([graph_scores(graph, x[:7]), graph_scores(graph, x[7:])])
    assert together.tobytes() == alone.tobytes() == odd.tobytes()


def test_blocks_leave_no_mark_on_many_rows() -> None:
    graph, x = model_graph(exported("linear")), np.tile(rows(), (6, 1))
    assert graph_scores(graph, x).tobytes() == np.tile(graph_scores(graph, rows()), 6).tobytes()


def test_a_model_goes_into_a_frame_and_comes_out_of_it() -> None:
    data = exported("linear")
    frame = model_frame(data)
    assert model_bytes(frame) == data
    assert frame_digest(frame) == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_features_are_taken_by_name_in_any_order_and_others_left_alone() -> None:
    frame, x = model_frame(exported("lightgbm")), rows()
    turned = dict(reversed(list(_columns(x).items()))) | {"beta": pl.Series(np.zeros(len(x)))}
    assert np.array_equal(feature_scores(frame, turned, "m"), feature_scores(frame, _columns(x), "m"), equal_nan=True)


def test_a_feature_that_the_model_reads_and_nobody_gives_is_named() -> None:
    with pytest.raises(DataError, match="model family v1 reads momentum, given are spread; name them in"):
        feature_scores(model_frame(constant_model(1.0, ("momentum",))), {"spread": pl.Series([1.0])}, "family v1")


def test_no_rows_have_no_scores() -> None:
    assert graph_scores(model_graph(exported("linear")), np.zeros((0, len(NAMES)))).shape == (0,)


def test_a_model_that_predicts_no_number_a_row_is_refused() -> None:
    data = constant_model(1.0, ("momentum",)).replace(b"prediction", b"predictiom")
    with pytest.raises(DataError, match="model gives nothing for 2 rows"):
        graph_scores(model_graph(data), np.zeros((2, 1)))


def test_a_model_whose_bytes_read_a_value_that_nothing_gives_is_refused() -> None:
    data = constant_model(1.0, ("momentum",)).replace(b"\x0a\x08features", b"\x0a\x08feathers", 1)
    with pytest.raises(DataError, match="model reads value feathers before anything gives it"):
        graph_scores(model_graph(data), np.zeros((2, 1)))
