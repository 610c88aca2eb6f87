"""Reading exported models: what they hold, and bytes that were damaged or made up."""

from __future__ import annotations

import random

import numpy as np
import pytest

from adapters.models.drawing import Drawing
from nodes.kernels.onnx.graph import model_graph
from nodes.kernels.onnx.scoring import graph_scores
from nodes.vocabulary.errors import DataError
from tests.adapters.models.made import NAMES
from tests.nodes.kernels.onnx.models import constant_model, exported


def test_a_model_says_its_features_constants_and_operations() -> None:
    graph = model_graph(constant_model(2.5, ("momentum", "spread")))
    assert graph.names == ("momentum", "spread")
    assert [each.kind for each in graph.operations] == ["ReduceSum", "Mul", "Add", "Identity"]
    assert 2.5 in [value.item() for value in graph.constants.values() if value.size == 1]
    assert graph.operations[-1].output == "prediction"


def test_trees_come_with_their_arrays() -> None:
    graph = model_graph(exported("lightgbm"))
    trees = next(each for each in graph.operations if each.kind == "TreeEnsemble").attributes
    assert trees["nodes_splits"].dtype == np.float64
    assert len(trees["nodes_featureids"]) == len(trees["nodes_splits"])
    assert len(trees["tree_roots"]) == 20


@pytest.mark.parametrize("data", [b"", b"\x08\x08", Drawing(1).model("features")])
def test_bytes_without_operations_or_without_names_are_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="operations and the names of 0 features; give a model that research exported"):
        model_graph(data)


def test_a_tensor_of_other_bytes_than_its_shape_says_is_refused() -> None:
    data = constant_model(2.5, ("momentum",)).replace(np.float64(2.5).tobytes(), b"", 1)
    with pytest.raises(DataError, match=r"broken|tensor|whole number|number"):
        model_graph(data)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_damaged_models_are_refused_or_predict_and_never_hang() -> None:
    """A model may come from a log that somebody wrote to: what is not understood is refused, whatever it is."""
    chance, sound = random.Random(5), exported("linear")
    refused = 0
    for _ in range(150):
        data = bytearray(sound)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            graph_scores(model_graph(bytes(data)), np.zeros((3, len(NAMES))))
        except (DataError, ValueError, IndexError, TypeError):
            refused += 1
    assert refused > 20
