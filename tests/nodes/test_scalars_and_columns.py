"""Nodes whose operators also work on columns give a row of the column the same bits as the scalar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.execution.costs import half_spread_bps
from nodes.guardrails.account import day_orders_count
from nodes.guardrails.exposure import resulting_position_shares
from nodes.guardrails.market_quality import daily_move_frac, gap_size_frac
from nodes.guardrails.size import order_size_shares
from nodes.routing.limit import limit_offset_frac

FLOATS = st.floats(-1e6, 1e6)
WHOLES = st.integers(-(10**9), 10**9)
BOTH_FORMS: dict[Callable[..., Any], tuple[st.SearchStrategy[Any], ...]] = {
    half_spread_bps: (FLOATS,),
    limit_offset_frac: (FLOATS, FLOATS),
    daily_move_frac: (FLOATS,),
    gap_size_frac: (FLOATS,),
    order_size_shares: (WHOLES,),
    day_orders_count: (WHOLES,),
    resulting_position_shares: (WHOLES, WHOLES),
}


@pytest.mark.parametrize("node", BOTH_FORMS, ids=lambda node: node.__name__)
@given(data=st.data())
def test_a_row_of_the_column_is_the_scalar(node: Callable[..., Any], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(*BOTH_FORMS[node]), min_size=1, max_size=8))
    columns = [pl.Series(cells) for cells in zip(*rows, strict=True)]
    assert node(*columns).to_list() == [node(*row) for row in rows]


@pytest.mark.parametrize("node", BOTH_FORMS, ids=lambda node: node.__name__)
def test_a_row_that_misses_an_input_misses_the_value(node: Callable[..., Any]) -> None:
    columns = [pl.Series([None, 1], dtype=pl.Int64) for _ in BOTH_FORMS[node]]
    assert node(*columns).to_list()[0] is None
