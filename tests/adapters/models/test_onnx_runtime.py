"""Serving: only what was declared is scored, and a swap loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from adapters.models.drawing import Drawing
from adapters.models.onnx_runtime import Scorer, ServedModel
from nodes.vocabulary.errors import DataError
from tests.adapters.models.made import NAMES, fitted, rows


def constant_model(value: float, n_features: int = 2) -> bytes:
    """A model that says one number of every row."""
    drawing = Drawing(n_features)
    nothing = drawing.operation("Mul", drawing.row_sums("features"), drawing.constant(np.array(0.0)))
    return drawing.model(drawing.operation("Add", nothing, drawing.constant(np.array(value))))


def scorer() -> Scorer:
    return Scorer(fitted("linear", "class").onnx(), NAMES)


def test_one_row_by_name_is_the_row_by_place() -> None:
    found, row = scorer(), rows()[0]
    by_name = dict(reversed(list(zip(NAMES, row.tolist(), strict=True))))
    assert found.score(by_name) == found.scores(row[None], NAMES)[0]


def test_the_digest_is_that_of_the_bytes() -> None:
    assert Scorer(constant_model(1.0), "ab").digest != Scorer(constant_model(2.0), "ab").digest
    assert Scorer(constant_model(1.0), "ab").digest == Scorer(constant_model(1.0), "ab").digest


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (NAMES[1:], "features momentum are missing for model sha256:"),
        ((*NAMES, "beta"), "features beta are unknown for model"),
        ((*NAMES[:-1], "beta"), "features always_there are missing for model"),
        ((NAMES[1], NAMES[0], *NAMES[2:]), "column 0 is spread for model .*; put momentum there"),
        ((*NAMES, "noise"), "name one twice"),
    ],
)
def test_columns_that_are_not_those_of_the_model_are_refused(names: Sequence[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        scorer().scores(np.zeros((2, len(names))), names)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (dict.fromkeys(NAMES[1:], 0.0), "features momentum are missing"),
        (dict.fromkeys((*NAMES, "beta"), 0.0), "features beta are unknown"),
    ],
)
def test_a_row_by_name_with_other_features_is_refused(features: dict[str, float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        scorer().score(features)


@pytest.mark.parametrize("given", [np.zeros(6), np.zeros((2, 5)), np.zeros((2, 6), np.float32), np.zeros((2, 3, 6))])
def test_rows_of_another_shape_or_type_are_refused(given: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"rows of shape .* meet model sha256:\w+ of 6 features"):
        scorer().scores(given, NAMES)


def test_no_rows_have_no_scores() -> None:
    assert scorer().scores(np.zeros((0, 6)), NAMES).shape == (0,)


def test_bytes_that_are_no_model_are_refused() -> None:
    with pytest.raises(DataError, match=r"5 bytes with digest sha256:.* are no model that onnxruntime runs"):
        Scorer(b"hello", NAMES)


@pytest.mark.parametrize("names", [("a",), ("a", "a"), ("a", "b", "c")])
def test_a_declaration_of_other_columns_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="reads 2 features; declare as many different names"):
        Scorer(constant_model(1.0), names)


def test_a_swap_under_load_answers_each_request_by_one_model() -> None:
    """INF-04: a request keeps the model that it began with; none fails and none waits."""
    served = ServedModel(Scorer(constant_model(0.0), "ab"))
    others = [Scorer(constant_model(float(value)), "ab") for value in (1, 2, 3)]

    def request(_: int) -> bool:
        current = served.scorer
        halves = [set(current.scores(np.zeros((5, 2)), "ab").tolist()) for _ in range(2)]
        return halves[0] == halves[1] and len(halves[0]) == 1

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(request, at) for at in range(400)]
        for scorer_after in others:
            served.swap(scorer_after)
        assert all(answer.result() for answer in answers)
    assert served.scorer is others[-1]


def test_a_swap_gives_back_the_model_before() -> None:
    first, second = (Scorer(constant_model(value), "ab") for value in (1.0, 2.0))
    served = ServedModel(first)
    assert served.swap(second) is first
