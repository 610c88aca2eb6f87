"""Scores of an exported model, computed from its bytes alone: no runtime, no file, the same bits wherever it runs.

A decision that rests on a model archives these bytes and these sources, and is computed again from them. How fast
services answer with a runtime instead, and that both agree: `adapters.models.onnx_runtime` and its tests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, array
from nodes.kernels.derived import kept
from nodes.kernels.onnx.graph import INPUT, OUTPUT, ModelGraph, Tensor, model_graph
from nodes.kernels.onnx.operators import operator
from nodes.vocabulary.errors import DataError

BYTE = "artefact_byte"
_BLOCK_ROWS = 2048


def model_frame(artefact: bytes) -> pl.DataFrame:
    """An exported model as a frame of a snapshot: one row a byte."""
    return pl.DataFrame({BYTE: pl.Series(np.frombuffer(artefact, np.uint8), dtype=pl.UInt8)})


def model_bytes(frame: pl.DataFrame) -> bytes:
    """The exported model that a frame of a snapshot holds."""
    return frame[BYTE].to_numpy().tobytes()


@kept
def frame_digest(frame: pl.DataFrame) -> str:
    """SHA-256 of the exported model in a frame, as `sha256:` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(model_bytes(frame)).hexdigest()}"


@kept
def frame_graph(frame: pl.DataFrame) -> ModelGraph:
    """The graph of the exported model in a frame. Raises DataError when it holds none."""
    return model_graph(model_bytes(frame))


def feature_scores(frame: pl.DataFrame, features: Mapping[str, pl.Series], name: str) -> Array:
    """The model's prediction for each row of some features; NaN where it has none.

    Raises DataError when the model reads a feature that is not among them.

    Args:
        frame: holds the model.
        features: columns of one length by name; those that the model does not read are left alone.
        name: of the model, for messages.
    """
    graph = frame_graph(frame)
    missing = [each for each in graph.names if each not in features]
    if missing:
        message = f"model {name} reads {', '.join(missing)}, given are {', '.join(sorted(features)) or 'none'}"
        raise DataError(f"{message}; name them in model_feature_names")
    rows = np.column_stack([array(features[each]) for each in graph.names])
    return graph_scores(graph, rows)


def graph_scores(graph: ModelGraph, rows: Array) -> Array:
    """The prediction of a graph for each row. Raises DataError for a graph that no exporter of ours wrote."""
    blocks = [_block_scores(graph, rows[at : at + _BLOCK_ROWS]) for at in range(0, len(rows), _BLOCK_ROWS)]
    return np.concatenate(blocks) if blocks else np.empty(0)


def _block_scores(graph: ModelGraph, rows: Array) -> Array:
    values: dict[str, Tensor] = {**graph.constants, INPUT: rows}
    with np.errstate(all="ignore"):  # a number beyond 32-bit floats becomes infinite: such a row has no prediction
        for each in graph.operations:
            values[each.output] = operator(each.kind)(_taken(each.inputs, values), each.attributes)
    found = values.get(OUTPUT)
    if found is None or found.shape != (len(rows),) or found.dtype != np.float64:
        shape = "nothing" if found is None else f"{found.dtype} of shape {found.shape}"
        message = f"model gives {shape} for {len(rows)} rows; give one that predicts one 64-bit float a row"
        raise DataError(message)
    return found


def _taken(names: tuple[str, ...], values: Mapping[str, Tensor]) -> list[Tensor]:
    unknown = [name for name in names if name not in values]
    if unknown:
        message = f"model reads value {unknown[0]} before anything gives it; give a model that research exported"
        raise DataError(message)
    return [values[name] for name in names]
