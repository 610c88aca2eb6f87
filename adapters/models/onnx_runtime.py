"""Serving a model: ONNX bytes and the names of its columns, run on one thread.

A scorer takes only what it was declared for. One row and many rows give the same bits: see the tests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adapters.models.drawing import INPUT, NAMES, OUTPUT, SEPARATOR
from adapters.models.libraries import model_library
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError, EdgeError

_DOUBLE = "tensor(double)"


class Scorer:
    """One model in memory. Safe to call from several threads.

    Attributes:
        digest: SHA-256 of the model's bytes, as `sha256:` and 64 hexadecimal digits.
        names: its features, in the order of its columns.
    """

    def __init__(self, model: bytes, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.digest = f"sha256:{hashlib.sha256(model).hexdigest()}"
        self._faults = _faults()
        self._session = self._opened(model)
        self._outputs = [OUTPUT]
        self._check_declaration()

    def scores(self, rows: Array, names: Sequence[str]) -> Array:
        """The prediction for each row; NaN where the model has none.

        Args:
            rows: one a sample, NaN where a feature is absent.
            names: of the columns, which must be those of the model in its order.

        Raises:
            DataError: the columns are not those of the model, or the rows are no table of numbers.
            EdgeError: the runtime fails.
        """
        if tuple(names) != self.names:
            raise DataError(self._mismatch(tuple(names)))
        return self._scored(rows)

    def score(self, features: Mapping[str, float]) -> float:
        """The prediction for one row, its features by name in any order.

        Raises:
            DataError: a feature is missing, or one is given that the model does not know.
        """
        if len(features) != len(self.names) or features.keys() != set(self.names):
            raise DataError(self._mismatch(tuple(features)))
        return float(self._scored(np.array([[features[name] for name in self.names]], np.float64))[0])

    def _scored(self, rows: Array) -> Array:
        if rows.ndim != 2 or rows.shape[1] != len(self.names) or rows.dtype != np.float64:  # noqa: PLR2004
            message = (
                f"rows of shape {rows.shape} and type {rows.dtype} meet model {self.digest} of {len(self.names)} "
                f"features; give a table of 64-bit floats with that many columns"
            )
            raise DataError(message)
        try:
            found: Array = self._session.run(self._outputs, {INPUT: rows})[0]
        except self._faults as error:
            message = f"onnxruntime failed on {len(rows)} rows of model {self.digest}: {error}; check memory"
            raise EdgeError(message) from error
        return found

    def _opened(self, model: bytes) -> Any:  # noqa: ANN401  # a session of onnxruntime
        library = model_library("onnxruntime")
        options = library.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 4
        try:
            return library.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except self._faults as error:
            message = f"{len(model):,} bytes with digest {self.digest} are no model that onnxruntime runs: {error}; "
            raise DataError(message + "load the bytes that the registry names") from error

    def _check_declaration(self) -> None:
        """Raises DataError unless the model reads these features and predicts one number a row."""
        taken, given = self._session.get_inputs(), self._session.get_outputs()
        found = [(value.name, value.type, len(value.shape)) for value in (*taken, *given)]
        if found != [(INPUT, _DOUBLE, 2), (OUTPUT, _DOUBLE, 1)]:
            message = f"model {self.digest} runs from and to {found}; load one that takes {INPUT} and gives {OUTPUT}"
            raise DataError(message)
        if taken[0].shape[1] != len(self.names) or len(set(self.names)) != len(self.names):
            message = f"model {self.digest} reads {taken[0].shape[1]} features; declare as many different names, "
            raise DataError(message + f"which were {', '.join(self.names)}")
        written = self._session.get_modelmeta().custom_metadata_map.get(NAMES)
        if written is not None and tuple(written.split(SEPARATOR)) != self.names:
            raise DataError(f"{self._mismatch(tuple(written.split(SEPARATOR)))}, as its own bytes say")

    def _mismatch(self, names: tuple[str, ...]) -> str:
        """What is wrong with columns that are not those of the model."""
        missing = [name for name in self.names if name not in names]
        unknown = [name for name in names if name not in self.names]
        place = f"for model {self.digest}"
        if missing:
            return f"features {', '.join(missing)} are missing {place}; give each, NaN where it is absent"
        if unknown:
            return f"features {', '.join(unknown)} are unknown {place}; leave them out"
        if len(names) != len(self.names):
            return f"features {', '.join(names)} name one twice {place}; give each once"
        first = next(at for at, name in enumerate(names) if name != self.names[at])
        return f"column {first} is {names[first]} {place}; put {self.names[first]} there"


class ServedModel:
    """The scorer that serves now, and a way to swap it while requests run.

    A request takes the scorer once and keeps it until its end, so that a swap loses none and mixes none.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer

    @property
    def scorer(self) -> Scorer:
        """The scorer for one request: ask once, and use what was given for all of it."""
        return self._scorer

    def swap(self, scorer: Scorer) -> Scorer:
        """Serve another model from the next request on; the one before is given back.

        The new model scores one row first, so that no request pays for what a runtime does the first time.
        """
        scorer.scores(np.full((1, len(scorer.names)), np.nan), scorer.names)
        before, self._scorer = self._scorer, scorer
        return before


def _faults() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: its exceptions share no root of their own."""
    state = vars(model_library("onnxruntime.capi.onnxruntime_pybind11_state"))
    return tuple(kind for kind in state.values() if isinstance(kind, type) and issubclass(kind, Exception))
