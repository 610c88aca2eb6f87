"""The view of a real decision says what its trace says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.lake import bundled_lake
from api.log_parts import log_to_read
from api.use_cases.finding import DecisionFilter, newest_decisions
from api.views.built import Recorded, decision_view, recorded_decision, session_shown
from api.views.decision import DecisionView
from governance.entries import EntryKind
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import LogError
from tests.api.use_cases.homes import home_settings, run_home


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose first sessions were run."""
    return run_home(tmp_path_factory.mktemp("built") / "home", bundled_lake(), date(2005, 2, 14))


@pytest.fixture(scope="module")
def clipped(ran: Path) -> Recorded:
    with log_to_read(home_settings(ran)) as folder, folder.store.reader() as reader:
        return recorded_decision(reader, next(newest_decisions(reader, DecisionFilter(verdict="clip"))))


@pytest.fixture(scope="module")
def view(clipped: Recorded) -> DecisionView:
    return decision_view(clipped)


def test_the_head_is_what_the_entry_says(clipped: Recorded, view: DecisionView) -> None:
    facts = clipped.entry.facts
    assert (view.symbol, view.verdict, view.action) == (facts["symbol"], "clip", "act")
    assert (view.proposed_shares, view.order_shares) == (facts["proposed_order_shares"], facts["order_shares"])
    assert view.decision_id == facts["decision_id"].hex()


def test_every_node_of_both_plans_is_there_once(clipped: Recorded, view: DecisionView) -> None:
    assert clipped.session is not None
    n_nodes = len(clipped.session.plan.nodes) + len(clipped.order.plan.nodes)
    keys = [node.key for node in view.nodes]
    assert len(keys) == len(set(keys)) == n_nodes + 1


def test_nodes_read_only_nodes_that_are_there_and_no_cycle_is_made(view: DecisionView) -> None:
    seen: set[str] = set()
    keys = {node.key for node in view.nodes}
    assert all(key in keys for node in view.nodes for key in node.reads)
    waiting = {node.key: set(node.reads) for node in view.nodes}
    while waiting:
        ready = {key for key, reads in waiting.items() if reads <= seen}
        assert ready
        seen |= ready
        waiting = {key: reads for key, reads in waiting.items() if key not in ready}


def test_the_orders_inputs_lead_back_into_the_session_run(view: DecisionView) -> None:
    reads = {node.key: node.reads for node in view.nodes}
    assert reads["order.proposed_order_shares"] == ("session.candidate_order_shares",)
    assert reads["order.cash_usd"] == ()


def test_the_truth_tables_are_those_of_the_run_in_the_order_of_the_policy(
    clipped: Recorded, view: DecisionView
) -> None:
    assert [rule.rule_id for rule in view.rules] == [rule.id for rule in clipped.policy.rules]
    assert {rule.rule_id for rule in view.deciders} == set(clipped.entry.facts["reasons"])
    clips = [rule for rule in view.rules if rule.effect == "clip"]
    assert clips
    assert {(rule.proposed, rule.final) for rule in clips} == {("fails", "holds")}


def test_a_node_that_a_clip_changed_shows_both_values(view: DecisionView) -> None:
    (size,) = [node for node in view.nodes if node.key == "order.order_shares"]
    assert size.proposed is not None
    assert (size.proposed.exact, size.value.exact) == (str(view.proposed_shares), str(view.order_shares))


def test_the_digests_are_those_that_the_log_holds(clipped: Recorded, view: DecisionView) -> None:
    texts = {digest.label: digest.text for digest in view.digests}
    assert texts["trace"] == digest_text(clipped.entry.facts["trace_digest"])
    assert texts["policy"] == digest_text(clipped.entry.facts["policy_digest"])
    assert texts["log leaf"] == digest_text(clipped.record.leaf_hash)


def test_an_entry_that_is_no_decision_is_refused(ran: Path) -> None:
    with log_to_read(home_settings(ran)) as folder, folder.store.reader() as reader:
        (plan,) = reader.newest(EntryKind.PLAN, 1)
        with pytest.raises(LogError, match="is a plan, not a decision"):
            recorded_decision(reader, plan)


LABELS = ("AAPL", "IBM")


def test_a_session_column_shows_this_symbols_last_value_and_its_digest() -> None:
    value = {"column_digest": b"\x01" * 32, "latest": pl.Series([0.1, 0.2])}
    shown = session_shown(value, "FracColumn", LABELS, "IBM")
    assert shown.text == "20.00 %"
    assert "sha256:0101" in shown.exact
    assert shown.parts == (("AAPL", "10.00 %"), ("IBM", "20.00 %"))


def test_a_symbol_without_a_value_is_absent_not_zero() -> None:
    assert session_shown(pl.Series([0.1, None]), "FracRow", LABELS, "IBM").is_absent


def test_an_archived_frame_is_told_by_its_slices() -> None:
    assert session_shown({"slices": (b"\x01" * 32,)}, "Panel", LABELS, "IBM").text == "archived, 1 slice"
    assert session_shown({"slices": ()}, "Panel", LABELS, "IBM").text == "archived, 0 slices"


def test_gathered_columns_are_counted() -> None:
    value = {"momentum": {"latest": None}, "beta": {"latest": None}}
    assert session_shown(value, "Features", LABELS, "IBM").text == "2 columns"
