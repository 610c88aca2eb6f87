"""The summary of a run agrees with the entries of its log, counted and added up by other means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk
from api.use_cases.summary import RunSummary, run_summary
from governance.entries import Entry, EntryKind
from nodes.vocabulary.errors import DataError
from tests.api.use_cases.homes import FIRST_ON, LAST_ON, copied_home, desk_at, entries


@pytest.fixture(scope="module")
def opened(ran: Path, lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    with desk_at(copied_home(ran, tmp_path_factory.mktemp("summary") / "home"), lake) as desk:
        yield desk


@pytest.fixture(scope="module")
def summary(opened: OpenDesk) -> RunSummary:
    with opened.desk.store.reader() as reader:
        return run_summary(reader, opened.desk)


@pytest.fixture(scope="module")
def told(opened: OpenDesk) -> list[Entry]:
    return entries(opened.desk.store)


def _of(told: list[Entry], kind: EntryKind) -> list[Entry]:
    return [entry for entry in told if entry.kind is kind]


def test_every_decision_is_counted_once_by_its_verdict(summary: RunSummary, told: list[Entry]) -> None:
    wanted = Counter(entry.facts["verdict"] for entry in _of(told, EntryKind.DECISION))
    assert {tally.label: tally.n_orders for tally in summary.verdicts} == wanted
    assert sum(tally.n_orders for tally in summary.verdicts) == summary.n_decisions


def test_reasons_are_counted_most_frequent_first(summary: RunSummary, told: list[Entry]) -> None:
    wanted = Counter(rule_id for entry in _of(told, EntryKind.DECISION) for rule_id in entry.facts["reasons"])
    assert {tally.label: tally.n_orders for tally in summary.reasons} == wanted
    counts = [tally.n_orders for tally in summary.reasons]
    assert counts == sorted(counts, reverse=True)


def test_every_tally_names_a_decision_to_look_at(summary: RunSummary, told: list[Entry]) -> None:
    facts = {entry.facts["decision_id"]: entry.facts for entry in _of(told, EntryKind.DECISION)}
    assert all(facts[tally.decision_id]["verdict"] == tally.label for tally in summary.verdicts)
    assert all(tally.label in facts[tally.decision_id]["reasons"] for tally in summary.reasons)


def test_fees_are_those_that_the_account_paid(summary: RunSummary) -> None:
    assert summary.fills.fees_usd == summary.account.fees_usd > 0
    assert summary.fills.cost_usd == summary.fills.fees_usd + summary.fills.trading_cost_usd


def test_the_return_is_what_equity_says(summary: RunSummary) -> None:
    assert summary.return_frac == float(summary.account.equity_usd / Decimal(1_000_000)) - 1.0
    assert (summary.first_on, summary.last_on, summary.n_sessions) == (FIRST_ON, LAST_ON, 15)


def test_the_index_is_measured_over_the_same_sessions(summary: RunSummary, lake: Lake) -> None:
    levels = dict(lake.index_panel.iter_rows())
    assert summary.index_return_frac == levels[LAST_ON] / levels[FIRST_ON] - 1.0


def test_drawdowns_are_the_worst_pair_of_sessions(summary: RunSummary, told: list[Entry]) -> None:
    equities = [float(entry.facts["equity_usd"]) for entry in _of(told, EntryKind.PLAN)]
    pairs = [(early, late) for at, early in enumerate(equities) for late in equities[at:]]
    assert summary.max_drawdown_frac == pytest.approx(max(1.0 - late / early for early, late in pairs))


def test_turnover_is_half_the_value_traded_a_year_by_average_equity(summary: RunSummary, told: list[Entry]) -> None:
    fills = _of(told, EntryKind.FILL)
    traded = sum(abs(fill.facts["fill_shares"]) * float(fill.facts["fill_price_usd"]) for fill in fills)
    equities = [float(entry.facts["equity_usd"]) for entry in _of(told, EntryKind.PLAN)]
    average = sum(equities) / len(equities)
    assert summary.turnover_frac == pytest.approx(traded / 2 / average * 252 / len(equities))


def test_a_log_without_a_session_has_no_summary(lake: Lake, tmp_path: Path) -> None:
    with (
        desk_at(tmp_path / "home", lake) as empty,
        empty.desk.store.reader() as reader,
        pytest.raises(DataError, match="the log holds no session yet; run `assay run` first"),
    ):
        run_summary(reader, empty.desk)
