"""Banned reductions are found wherever they hide in a function, and only they."""

from __future__ import annotations

import polars as pl
import pytest

from dataflows.engine.reductions import banned_reductions
from tests.dataflows.engine.modules import orders, reducing, slipping


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


@pytest.mark.parametrize(
    ("name", "place", "word"),
    [
        ("helper_frac", "slipping:_helped", "'sum'"),
        ("helper_of_helper_frac", "slipping:_helped", "'sum'"),
        ("method_frac", "slipping:_Helper.value", "'sum'"),
        ("alias_frac", "slipping:alias_frac", "'sum'"),
        ("polars_alias_frac", "slipping:polars_alias_frac", "'mean'"),
        ("ufunc_frac", "slipping:ufunc_frac", "'reduce'"),
        ("ufunc_alias_frac", "slipping:ufunc_alias_frac", "'reduce'"),
        ("text_frac", "slipping:text_frac", "'sum'"),
        ("caller_frac", "slipping:caller_frac", "'mean'"),
        ("expression_frac", "slipping:expression_frac", "'_MIDDLE (an expression made elsewhere)'"),
        ("reference_frac", "slipping:reference_frac", "'sum'"),
        ("local_import_frac", "slipping:local_import_frac", "'std'"),
        ("sql_frac", "slipping:sql_frac", "'sql'"),
    ],
)
def test_a_banned_reduction_is_found_behind_another_name(name: str, place: str, word: str) -> None:
    (complaint,) = banned_reductions(getattr(slipping, name))
    assert f"{place} line" in complaint
    assert f"uses the banned reduction {word}," in complaint


def test_a_fold_and_a_kernel_reached_through_its_module_are_no_reductions() -> None:
    assert banned_reductions(slipping.sound_frac) == []


def test_a_sound_function_has_no_complaint() -> None:
    assert banned_reductions(orders.order_notional_usd) == []


def test_a_function_without_source_is_refused() -> None:
    scope: dict[str, object] = {}
    exec("def made(a):\n    return a", scope)  # noqa: S102  # a function without a file
    assert "has no source" in banned_reductions(scope["made"])[0]  # type: ignore[arg-type]
