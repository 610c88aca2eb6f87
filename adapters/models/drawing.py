"""Drawing a model as an ONNX graph, operation by operation, in double precision.

Why not the converters that libraries offer: they write thresholds as 32-bit floats, so that a row that lies between a
threshold and its rounding takes another branch, and they take absences as each library happens to. Here a graph holds
what the trainer holds, to the bit, and says itself which rows it has no prediction for.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from adapters.models.libraries import model_library

INPUT = "features"
OUTPUT = "prediction"
NAMES = "feature_names"
SEPARATOR = "\n"
NEXT_TO_ZERO = float(np.float32(1e-35))
"""What is no further from zero counts as zero: the bound of LightGBM, `kZeroThreshold`."""
_OPSET = 21
_ML_OPSET = 5
_IR_VERSION = 10
_VECTOR = 8
_TREES = "ai.onnx.ml"
Value: TypeAlias = str
"""Name of a value inside a drawing."""


class Drawing:
    """One graph in the making. Values are named in the order in which they come, so equal models give equal bytes."""

    def __init__(self, n_features: int) -> None:
        self._onnx = model_library("onnx")
        self._n_features = n_features
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, values: npt.ArrayLike) -> Value:
        """Numbers that the graph carries."""
        name = f"c{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def operation(self, kind: str, *inputs: Value, domain: str = "", **attributes: object) -> Value:
        """What an operator makes of values."""
        name = f"v{len(self._nodes)}"
        node = self._onnx.helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes)
        self._nodes.append(node)
        return name

    def tree_ensemble(self, rows: Value, **attributes: npt.NDArray[Any]) -> Value:
        """The sum over trees, as operator set 5 of ai.onnx.ml has it: arrays of 64-bit floats and of bytes are tensors.

        Source: ONNX operators, ai.onnx.ml, TreeEnsemble, version 5.
        """
        told: dict[str, object] = {}
        for name, values in attributes.items():
            is_tensor = values.dtype in {np.dtype(np.float64), np.dtype(np.uint8)}
            told[name] = self._onnx.numpy_helper.from_array(values, name) if is_tensor else values.tolist()
        return self.operation("TreeEnsemble", rows, domain=_TREES, n_targets=1, aggregate_function=1, **told)

    def double(self, value: Value) -> Value:
        """A value as 64-bit floats."""
        return self.operation("Cast", value, to=self._onnx.TensorProto.DOUBLE)

    def as_single(self, value: Value) -> Value:
        """The nearest 32-bit floats, held as 64-bit floats; 0 in place of what is next to it."""
        single = self.double(self.operation("Cast", value, to=self._onnx.TensorProto.FLOAT))
        limit, zero = self.constant(np.array(NEXT_TO_ZERO)), self.constant(np.array(0.0))
        is_next = self.operation("LessOrEqual", self.operation("Abs", single), limit)
        return self.operation("Where", is_next, zero, single)

    def sigmoid(self, vector: Value) -> Value:
        """The logistic function of each number of a vector."""
        return self.by_eights("Sigmoid", vector)

    def by_eights(self, kind: str, vector: Value) -> Value:
        """A function of each number of a vector, such that its neighbours leave no mark on it.

        The runtime takes numbers by eights and the rest one by one, in another way that differs in the last bit. Eight
        copies leave no rest: a row has the same bits alone and in any batch.
        """
        column = self.operation("Unsqueeze", vector, self.constant(np.array([1], np.int64)))
        copies = self.operation("Expand", column, self.constant(np.array([1, _VECTOR], np.int64)))
        return self.operation("Gather", self.operation(kind, copies), self.constant(np.array(0, np.int64)), axis=1)

    def row_sums(self, value: Value) -> Value:
        """The sum of each row."""
        return self.operation("ReduceSum", value, self.constant(np.array([1], np.int64)), keepdims=0)

    def model(self, prediction: Value) -> bytes:
        """The finished graph, from `features` to `prediction`."""
        helper, kinds = self._onnx.helper, self._onnx.TensorProto
        self._nodes.append(helper.make_node("Identity", [prediction], [OUTPUT], name=OUTPUT))
        graph = helper.make_graph(
            self._nodes,
            "assay",
            [helper.make_tensor_value_info(INPUT, kinds.DOUBLE, ["rows", self._n_features])],
            [helper.make_tensor_value_info(OUTPUT, kinds.DOUBLE, ["rows"])],
            self._constants,
        )
        sets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_TREES, _ML_OPSET)]
        model = helper.make_model(graph, opset_imports=sets, ir_version=_IR_VERSION, producer_name="assay")
        return bytes(model.SerializeToString(deterministic=True))


def named(model: bytes, names: tuple[str, ...]) -> bytes:
    """The model with the names of its features written into it, in the order of its columns."""
    onnx = model_library("onnx")
    proto = onnx.load_model_from_string(model)
    onnx.helper.set_model_props(proto, {NAMES: SEPARATOR.join(names)})
    return bytes(proto.SerializeToString(deterministic=True))
