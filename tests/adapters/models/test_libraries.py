"""Libraries of models: found when installed, named when missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from adapters.models.libraries import MISSING_LIBRARY, model_library
from nodes.vocabulary.errors import EdgeError


def test_a_missing_library_is_named_with_what_installs_it() -> None:
    with pytest.raises(
        EdgeError, match=r"statsmodels.no_such_part cannot be imported .* run pip install assay-engine"
    ) as caught:
        model_library("statsmodels.no_such_part")
    assert caught.value.reason == MISSING_LIBRARY


def test_importing_the_trainers_loads_none_of_their_libraries() -> None:
    """The command line and the server import these modules and must start at once."""
    heavy = "sklearn lightgbm xgboost onnx onnxruntime optuna shap statsforecast arch numba"
    code = (
        "import adapters.models.trainers, adapters.models.onnx_runtime, sys;"
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    assert done.stdout.strip() == "[]"
