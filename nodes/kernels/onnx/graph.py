"""An exported model as a graph of operations: read from its bytes, refused where it says more than is understood.

Only what `adapters.models.drawing` writes is read: constants as raw bytes, one input of 64-bit floats, one output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nodes.kernels.onnx.wire import fields, whole_numbers
from nodes.vocabulary.errors import DataError

Tensor: TypeAlias = npt.NDArray[Any]
INPUT, OUTPUT = "features", "prediction"
_NAMES, _SEPARATOR = "feature_names", "\n"
_TYPES: Mapping[int, str] = {1: "<f4", 2: "u1", 7: "<i8", 9: "?", 11: "<f8"}
"""Type of a tensor by its number in ONNX."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a graph.

    Attributes:
        kind: name of the operator.
        inputs: values that it takes, in order.
        output: the value that it gives.
        attributes: whole numbers, lists of them, or tensors, by name.
    """

    kind: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class ModelGraph:
    """An exported model.

    Attributes:
        names: of its features, in the order of its columns.
        constants: values that it carries, by name.
        operations: each after all that it takes.
    """

    names: tuple[str, ...]
    constants: Mapping[str, Tensor]
    operations: tuple[Operation, ...]


def model_graph(data: bytes) -> ModelGraph:
    """The graph of an exported model. Raises DataError when the bytes are none, or do not name its features.

    Source: ONNX, onnx.proto (IR version 10).
    """
    told: dict[str, str] = {}
    body = b""
    for number, value in fields(data):
        if number == 7:  # noqa: PLR2004  # ModelProto.graph
            body = _content(value)
        elif number == 14:  # noqa: PLR2004  # ModelProto.metadata_props
            entry = dict(fields(_content(value)))
            told[_text(entry.get(1, b""))] = _text(entry.get(2, b""))
    operations, constants = [], {}
    for number, value in fields(body):
        if number == 1:  # GraphProto.node
            operations.append(_operation(_content(value)))
        elif number == 5:  # noqa: PLR2004  # GraphProto.initializer
            name, tensor = _tensor(_content(value))
            constants[name] = tensor
    names = tuple(told.get(_NAMES, "").split(_SEPARATOR)) if told.get(_NAMES) else ()
    if not operations or not names:
        message = f"{len(data)} bytes hold {len(operations)} operations and the names of {len(names)} features"
        raise DataError(f"{message}; give a model that research exported")
    return ModelGraph(names, constants, tuple(operations))


def _operation(data: bytes) -> Operation:
    inputs, outputs, kind, attributes = [], [], "", {}
    for number, value in fields(data):
        if number == 1:
            inputs.append(_text(value))
        elif number == 2:  # noqa: PLR2004  # NodeProto.output
            outputs.append(_text(value))
        elif number == 4:  # noqa: PLR2004  # NodeProto.op_type
            kind = _text(value)
        elif number == 5:  # noqa: PLR2004  # NodeProto.attribute
            name, attribute = _attribute(_content(value))
            attributes[name] = attribute
    if len(outputs) != 1:
        message = f"operation {kind} gives {len(outputs)} values; give a model that research exported"
        raise DataError(message)
    return Operation(kind, tuple(inputs), outputs[0], attributes)


def _attribute(data: bytes) -> tuple[str, Any]:
    """Name and value: a whole number, a list of them, or a tensor. Others (texts, floats) are of no operator here."""
    name = ""
    value: Any = None
    numbers: list[int] = []
    for number, told in fields(data):
        if number == 1:
            name = _text(told)
        elif number == 3:  # noqa: PLR2004  # AttributeProto.i
            value = told
        elif number == 5:  # noqa: PLR2004  # AttributeProto.t
            value = _tensor(_content(told))[1]
        elif number == 8:  # noqa: PLR2004  # AttributeProto.ints
            numbers += whole_numbers(told)
    return name, numbers or value


def _tensor(data: bytes) -> tuple[str, Tensor]:
    """Name and values of a tensor. Raises DataError when it is of another type or size than its bytes."""
    shape: list[int] = []
    name, kind, raw = "", 0, b""
    for number, value in fields(data):
        if number == 1:
            shape += whole_numbers(value)
        elif number == 2 and isinstance(value, int):  # noqa: PLR2004  # TensorProto.data_type
            kind = value
        elif number == 8:  # noqa: PLR2004  # TensorProto.name
            name = _text(value)
        elif number == 9:  # noqa: PLR2004  # TensorProto.raw_data
            raw = _content(value)
    size = 1
    for length in shape:
        size *= max(length, 0)
    if kind not in _TYPES or min(shape, default=0) < 0 or len(raw) != size * np.dtype(_TYPES[kind]).itemsize:
        message = f"tensor {name} of type {kind} and shape {shape} holds {len(raw)} bytes; give an exported model"
        raise DataError(message)
    return name, np.frombuffer(raw, np.dtype(_TYPES[kind])).reshape(shape)


def _content(value: int | bytes) -> bytes:
    if isinstance(value, int):
        message = f"message holds the number {value} where a part of it was expected; give an exported model"
        raise DataError(message)
    return value


def _text(value: int | bytes) -> str:
    try:
        return _content(value).decode()
    except UnicodeDecodeError as error:
        message = f"message holds {value!r:.40} where a name was expected; give an exported model"
        raise DataError(message) from error
