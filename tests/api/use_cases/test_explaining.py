"""API-SIG-05: what became of a symbol, from its plan and its newest decision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.log_folder import log_folder_to_read
from api.use_cases.explaining import adds_up, explanation, newest_plan, symbol_row
from api.use_cases.finding import DecisionFilter, newest_decisions
from governance.entries import EntryKind
from governance.ports import LogReader
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns


@pytest.fixture(scope="module")
def reader(ran: Path) -> Iterator[LogReader]:
    with log_folder_to_read(ran).store.reader() as found:
        yield found


def test_the_newest_decision_and_the_newest_plan_are_explained(reader: LogReader) -> None:
    found = explanation(reader, "MSFT", "demo")
    assert found.decision == next(newest_decisions(reader, DecisionFilter(symbol="MSFT")))
    assert found.row.plan == reader.newest(EntryKind.PLAN, 1)[0]
    assert not found.is_of_plan


def test_a_decision_that_rests_on_the_newest_plan_is_known_for_one(reader: LogReader) -> None:
    record = next(newest_decisions(reader, DecisionFilter(symbol="MSFT")))
    at = instant_from_ns(record.recorded_at_ns) + timedelta(microseconds=1)
    found = explanation(reader, "MSFT", "demo", at)
    assert found.is_of_plan
    assert found.decision == record


@pytest.mark.parametrize("symbol", ["AAPL", "IBM", "MSFT"])
def test_the_parts_of_a_score_add_up_to_it(reader: LogReader, symbol: str) -> None:
    for plan in reader.newest(EntryKind.PLAN, 4):
        row = symbol_row(reader, plan, symbol)
        assert {part.feature for part in row.parts} == {"momentum_frac", "volatility_frac", "drawdown_frac"}
        assert adds_up(row.parts, row.fields["composite_score"])


def test_ranks_follow_the_scores(reader: LogReader) -> None:
    plan = newest_plan(reader, "demo", reader.head().size)
    rows = [symbol_row(reader, plan, symbol) for symbol in ("AAPL", "IBM", "MSFT")]
    by_score = sorted(rows, key=lambda row: -row.fields["composite_score"])
    assert [row.rank for row in by_score] == [1, 2, 3]
    assert {row.n_ranked for row in rows} == {3}


def test_a_symbol_without_a_score_has_no_parts_and_no_rank(reader: LogReader) -> None:
    """GOOG has traded for too short a time."""
    row = symbol_row(reader, newest_plan(reader, "demo", reader.head().size), "GOOG")
    assert (row.parts, row.rank, row.fields["composite_score"]) == ((), None, None)
    assert explanation(reader, "GOOG", "demo").decision is None


def test_a_symbol_or_account_that_is_not_there_is_refused(reader: LogReader) -> None:
    with pytest.raises(EdgeError, match="'NONE' is not in the plan of 2005-03-03; use one of AAPL") as refused:
        explanation(reader, "NONE", "demo")
    assert refused.value.reason == "unknown-symbol"
    with pytest.raises(EdgeError, match="account 'other' has no day plan"):
        explanation(reader, "AAPL", "other")
