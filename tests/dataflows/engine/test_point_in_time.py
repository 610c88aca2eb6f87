"""Nothing that comes later changes what a node said before: tested by changing the future of the bundled data.

The audit runs over every node of the shipped session catalog, and is itself tested on planted leaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_strategy
from dataflows.engine.evaluation import evaluated
from dataflows.engine.plan import Plan
from dataflows.us_equities import SessionSnapshot
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.units import Panel
from policies.parse import parsed_policy
from tests.dataflows.engine import shipped, tiny
from tests.dataflows.engine.leaks import Change, audited, cut_off, leaking, moving, rewritten
from tests.dataflows.engine.modules import leaking as planted
from tests.dataflows.engine.modules import orders, sessions

SESSIONS = [date(2004, 8, 20), date(2005, 2, 28), date(2008, 10, 15), date(2012, 5, 18)]
"""After GOOG's listing; the day of AAPL's split; the crash; the day of FB's listing."""
CHANGES = [cut_off, rewritten]
HONEST = {"honest_return_frac", "honest_peak_usd"}
PLANTED = {
    "next_return_frac",
    "centred_mean_usd",
    "backfilled_usd",
    "full_sample_score",
    "share_of_peak_frac",
    "history_rank_score",
    "adjusted_close_usd",
    "own_height_score",
}


def _whole_history() -> SessionSnapshot:
    source = shipped.lake()
    return _over(shipped.session_snapshot(shipped.window(source.last_on)), source.panel, source.index_panel)


def _over(snapshot: SessionSnapshot, panel: pl.DataFrame, index_panel: pl.DataFrame) -> SessionSnapshot:
    return replace(snapshot, panel=Panel(panel), index_panel=Panel(index_panel))


@pytest.mark.parametrize("session_on", SESSIONS)
@pytest.mark.parametrize("change", CHANGES)
def test_no_node_of_the_catalog_knows_what_comes_after_a_session(session_on: date, change: Change) -> None:
    assert leaking(shipped.generation().session, _whole_history(), session_on, change) == set()


@pytest.mark.parametrize("session_on", SESSIONS)
def test_a_session_run_is_the_same_whatever_comes_after_it(session_on: date) -> None:
    """Through the lake, which is what cuts the window: all values, targets and orders included."""
    source = shipped.lake()
    futures = [cut_off, rewritten]
    others = [replace(source, panel=change(source.panel, session_on)) for change in futures]
    snapshot = shipped.session_snapshot(shipped.window(session_on))
    plan = shipped.generation().session
    assert [
        moving(plan, snapshot, shipped.session_snapshot(shipped.window(session_on, other))) for other in others
    ] == [
        set(),
        set(),
    ]


@pytest.mark.parametrize("session_on", SESSIONS[1:3])
def test_a_session_run_is_the_same_with_twenty_years_before_it(session_on: date) -> None:
    """A window computed alone is bit for bit the same window inside a long history."""
    short = shipped.session_snapshot(shipped.window(session_on))
    source = shipped.lake()
    long = _over(short, cut_off(source.panel, session_on), cut_off(source.index_panel, session_on))
    assert len(long.panel) > 2 * len(short.panel)
    assert moving(shipped.generation().session, short, long) == set()


def test_the_order_of_symbols_does_not_matter_to_any_symbol() -> None:
    """Other symbols before or after it in the panel leave a symbol's columns as they are."""
    snapshot = _whole_history()
    plan = shipped.generation().session
    alone = _over(snapshot, snapshot.panel.filter(pl.col("symbol") == "GOOG"), snapshot.index_panel)
    values, others = _columns(plan, snapshot), _columns(plan, alone)
    is_own = snapshot.panel["symbol"] == "GOOG"
    assert {name for name in values if not values[name].filter(is_own).equals(others[name], null_equal=True)} == set()


def _columns(plan: Plan, snapshot: SessionSnapshot) -> dict[str, pl.Series]:
    values = evaluated(plan, snapshot)
    return {name: values[name] for name in audited(plan) if isinstance(values[name], pl.Series)}


def test_the_audit_sees_every_column_of_the_catalog() -> None:
    plan, values = shipped.generation().session, shipped.session_values()
    height = len(shipped.window(shipped.AS_OF_ON).panel)
    columns = {name for name, value in values.items() if isinstance(value, pl.Series) and len(value) == height}
    assert columns == audited(plan) - {"signal_features"}


def test_the_audit_is_not_of_absences() -> None:
    session = shipped.session_values()
    order = shipped.order_values(session)
    assert [str(value) for value in (*session.values(), *order.values()) if isinstance(value, Absent)] == []


def _planted_plan() -> Plan:
    strategy = tiny.strategy()
    outputs = (*strategy.session.outputs, *PLANTED, *HONEST)
    modules = [NodeModule("features", sessions), NodeModule("features", planted)]
    modules.append(NodeModule("guardrails", orders))
    strategy = replace(strategy, session=replace(strategy.session, outputs=outputs))
    return compiled_strategy(parsed_policy(tiny.POLICY.encode(), "tiny.yaml"), strategy, modules).session


@pytest.mark.parametrize(("change", "missed"), [(cut_off, set()), (rewritten, {"own_height_score"})])
def test_the_audit_finds_every_planted_leak_and_no_honest_node(change: Change, missed: set[str]) -> None:
    """Rewriting keeps the number of rows, so that only cutting off finds a node that counts them."""
    closes = [20.0 + 0.3 * row * (-1) ** row for row in range(40)]
    gapped = [None if row in (17, 20) else close for row, close in enumerate(closes)]
    found = [leaking(_planted_plan(), _one_symbol(values), date(2020, 1, 21), change) for values in (closes, gapped)]
    assert set().union(*found) == PLANTED - missed


def test_a_symbol_that_reads_the_one_before_it_is_found_too() -> None:
    """The tiny strategy's return does not keep symbols apart, so that one symbol's past holds another's future."""
    snapshot = tiny.SessionSnapshot(Panel(tiny.panel()))
    assert "return_frac" in leaking(_planted_plan(), snapshot, date(2020, 1, 31), rewritten)


def _one_symbol(closes: Sequence[float | None]) -> tiny.SessionSnapshot:
    days = [date(2020, 1, 1) + timedelta(days=row) for row in range(len(closes))]
    return tiny.SessionSnapshot(Panel(pl.DataFrame({"symbol": "A", "session_on": days, "close_usd": closes})))


def test_a_rewritten_future_is_another_one_and_its_past_is_the_same() -> None:
    panel = shipped.lake().panel
    other = rewritten(panel, shipped.AS_OF_ON)
    assert cut_off(other, shipped.AS_OF_ON).equals(cut_off(panel, shipped.AS_OF_ON))
    later = pl.col("session_on") > shipped.AS_OF_ON
    same = (other.filter(later)["close_usd"] == panel.filter(later)["close_usd"]).fill_null(value=False)
    assert not same.any()
