"""Units: what annotations and names declare."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal, NewType, Optional, TypeVar

import numpy as np
import polars as pl
import pytest

from nodes.vocabulary import units
from nodes.vocabulary.errors import PlanError
from nodes.vocabulary.units import Unit, annotation_of_name, unit_of

Nested = NewType("Nested", units.Frac)


@pytest.mark.parametrize(
    ("annotation", "name", "base"),
    [
        (units.Usd, "Usd", Decimal),
        (units.UsdPerShare, "UsdPerShare", Decimal),
        (units.Shares, "Shares", int),
        (units.Frac, "Frac", float),
        (units.Flag, "Flag", bool),
        (units.Text, "Text", str),
        (units.FracColumn, "FracColumn", pl.Series),
        (units.FracRow, "FracRow", pl.Series),
        (units.Segments, "Segments", np.ndarray),
        (units.Panel, "Panel", pl.DataFrame),
        (units.Features, "Features", dict),
        (units.Weights, "Weights", dict),
        (Nested, "Nested", float),
        (float, "float", float),
        (date, "date", date),
    ],
)
def test_the_unit_of_an_annotation_has_its_name_and_its_class(annotation: Any, name: str, base: type) -> None:
    assert unit_of(annotation) == Unit(name, base, is_optional=False)


@pytest.mark.parametrize("annotation", [units.Frac | None, None | units.Frac, Optional[units.Frac]])  # noqa: UP045  # every spelling
def test_an_optional_annotation_is_the_same_unit_optional(annotation: Any) -> None:
    assert unit_of(annotation) == Unit("Frac", float, is_optional=True)


def test_units_over_one_class_are_different_units() -> None:
    assert len({unit_of(unit) for unit in (units.Frac, units.Bps, units.Score, float)}) == 4


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("max_participation_frac", units.Frac),
        ("min_price_usd", units.UsdPerShare),
        ("max_order_usd", units.Usd),
        ("order_shares", units.Shares),
        ("spread_bps", units.Bps),
        ("composite_score", units.Score),
        ("adv_sessions", units.Sessions),
        ("max_age_s", units.Seconds),
        ("orders_today_count", units.Count),
        ("n_names", units.Count),
        ("n_of_usd", units.Count),
        ("signal_weights", units.Weights),
    ],
)
def test_a_suffix_declares_the_unit(name: str, unit: Any) -> None:
    assert annotation_of_name(name) is unit


@pytest.mark.parametrize("name", ["symbol", "max_orders", "shares", "usd", "frac", "venues", "n", "usd_total", ""])
def test_a_name_without_a_suffix_declares_none(name: str) -> None:
    assert annotation_of_name(name) is None


def test_every_suffix_ends_in_its_own_unit() -> None:
    """No suffix is swallowed by a shorter one."""
    assert all(annotation_of_name(f"x{suffix}") is unit for suffix, unit in units._SUFFIXES.items())


@pytest.mark.parametrize("annotation", [int | str, int | str | None, None, type(None), Literal["a"], TypeVar("T")])
def test_an_annotation_that_names_no_one_class_is_no_unit(annotation: Any) -> None:
    with pytest.raises(PlanError, match=r"annotation .* is no unit; annotate with one unit of nodes.vocabulary"):
        unit_of(annotation)
