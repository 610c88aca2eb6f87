"""Gains of each share and session, read back from a real log: exact, session by session."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

from nodes.kernels.attribution.gains import Cost
from tests.api.use_cases.attributions import Attributed


def test_every_session_makes_what_the_logged_equity_moved_by(attributed: Attributed) -> None:
    """JRN-02, JRN-03: exact, over a dividend and a split."""
    book = attributed.found.window.book
    made: dict[int, Decimal] = defaultdict(Decimal)
    for row in book.rows:
        made[row.place] += row.gain.gain_usd
    moves = [later - earlier for earlier, later in pairwise(book.equity_usd)]
    assert [made[place] for place in range(1, len(book.sessions))] == moves


def test_lots_of_decisions_come_to_what_is_held(attributed: Attributed) -> None:
    for row in attributed.found.window.book.rows:
        if row.lots:
            new, old = row.day.split_ratio
            traded = sum(trade.shares for trade in row.day.trades)
            assert sum(shares for _, shares in row.lots) == row.day.opening_shares * new / old + traded


def test_costs_of_a_row_are_those_of_its_decisions(attributed: Attributed) -> None:
    for row in attributed.found.window.book.rows:
        told = dict(row.gain.costs_usd)
        for kind in Cost:
            parts = sum((amount for _, amount in row.decision_costs(kind)), Decimal(0))
            assert parts == told.get(kind, Decimal(0))


def test_a_split_moves_no_money(attributed: Attributed) -> None:
    split = [row for row in attributed.found.window.book.rows if row.day.split_ratio != (1, 1)]
    assert [(row.symbol, row.day.split_ratio) for row in split] == [("AAPL", (2, 1))]
    assert abs(split[0].gain.paper_usd) < split[0].day.opening_usd / 10
