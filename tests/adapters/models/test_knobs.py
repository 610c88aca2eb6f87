"""Hyper-parameters: translated, defaulted, and refused outside of their range."""

from __future__ import annotations

import pytest

from adapters.models.knobs import Knob, turned
from dataflows.research.ports import Setting
from nodes.vocabulary.errors import DataError

KNOBS = {"n_trees": Knob("iterations", 10, 1, 100), "l2": Knob("lambda", 1.0, 0.0, 5.0)}


def test_settings_go_by_the_name_of_the_library_and_the_rest_by_default() -> None:
    assert turned("planted", KNOBS, {"n_trees": 3}) == {"iterations": 3, "lambda": 1.0}


def test_a_whole_number_widens_where_a_fraction_is_meant() -> None:
    found = turned("planted", KNOBS, {"l2": 2})["lambda"]
    assert isinstance(found, float)


@pytest.mark.parametrize("value", [0, 101, 2.5, True, "3"])
def test_a_setting_out_of_range_or_of_another_type_is_refused(value: Setting) -> None:
    with pytest.raises(DataError, match=r"n_trees of planted was .*; set a whole number from 1 to 100"):
        turned("planted", KNOBS, {"n_trees": value})


def test_a_knob_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(DataError, match=r"l2 of planted was nan; set a number from 0.0 to 5.0"):
        turned("planted", KNOBS, {"l2": float("nan")})


def test_an_unknown_setting_is_named_with_those_that_there_are() -> None:
    with pytest.raises(DataError, match="planted has no setting 'depth'; use only l2, n_trees"):
        turned("planted", KNOBS, {"depth": 3})
