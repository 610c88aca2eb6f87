"""What an account held at each close, from its log; what shares did, from the lake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.risk_book import books, history
from nodes.journal.account import account_from_bytes


def test_the_books_of_a_log_end_where_the_account_stands(ran: Path) -> None:
    """Through fills, a dividend and a split."""
    with log_folder_to_read(ran).store.reader() as reader:
        found, row = books(reader, "demo"), reader.account("demo")
    assert row is not None
    state = account_from_bytes(row.content)
    assert found[-1].shares == {holding.symbol: holding.position_shares for holding in state.holdings}
    assert found[-1].equity_usd == float(state.equity_usd)
    assert len(found) == 15


def test_returns_of_the_lake_are_total_returns_through_a_split(lake: Lake) -> None:
    past = history(lake)
    row = past.row(date(2005, 2, 28))
    assert row is not None
    assert abs(past.returns[row, past.places["AAPL"]]) < 0.05
    assert np.isnan(past.returns[0]).all()
