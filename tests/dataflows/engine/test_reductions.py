"""Banned reductions are found wherever they hide in a function, and only they."""

from __future__ import annotations

import polars as pl
import pytest

from dataflows.engine.reductions import banned_reductions
from tests.dataflows.engine.modules import orders, reducing


@pytest.mark.parametrize(
    ("name", "word"), [("summed_frac", "'sum'"), ("rolled_frac", "'rolling_mean'"), ("multiplied_frac", "'@'")]
)
def test_a_banned_reduction_is_named_with_its_line(name: str, word: str) -> None:
    (complaint,) = banned_reductions(getattr(reducing, name))
    assert f"{name} line" in complaint
    assert word in complaint
    assert complaint.endswith("use one from nodes.kernels, which fixes the order")


def test_a_reduction_inside_a_comprehension_is_found() -> None:
    def nested(values: list[pl.Series]) -> list[float]:
        return [float(value.mean()) for value in values]  # type: ignore[arg-type]  # only its source is read

    assert len(banned_reductions(nested)) == 1


def test_a_sound_function_has_no_complaint() -> None:
    assert banned_reductions(orders.order_notional_usd) == []


def test_a_function_without_source_is_refused() -> None:
    scope: dict[str, object] = {}
    exec("def made(a):\n    return a", scope)  # noqa: S102  # a function without a file
    assert "has no source" in banned_reductions(scope["made"])[0]  # type: ignore[arg-type]
