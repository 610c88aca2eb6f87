"""Closes and splits come from the panel as they stand there; what is no ratio is missing."""

from __future__ import annotations

from datetime import date

import polars as pl

from nodes.market.closes import closed_at, split_ratio
from nodes.vocabulary.units import Panel
from tests.nodes.features.fact_panels import INSTANT, at


def test_closes_and_splits_are_those_of_the_panel() -> None:
    closes = pl.Series([at(date(2020, 1, 2)), at(date(2020, 1, 3))], dtype=INSTANT)
    panel = Panel(pl.DataFrame({"closed_at": closes, "split_ratio": [7.0, 0.0]}))
    assert closed_at(panel).to_list() == closes.to_list()
    assert split_ratio(panel).to_list() == [7.0, None]
