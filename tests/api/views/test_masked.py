"""A view with values masked tells them nowhere: not as a node, an operand, a reason or an edge."""

from __future__ import annotations

import pytest

from api.views.built import Recorded, decision_view, recorded_decision
from api.views.decision import DecisionView
from api.views.masked import MASKED, masked_view
from dataflows.us_equities import ROW_NODES
from governance.bundle import BundledRuns
from governance.disclosure import NOTHING, Masked, masked_values
from tests.governance.bundle_examples import DecidedHome, clipped, decided, runs_of

__all__ = ["decided"]


@pytest.fixture(scope="module")
def seen(decided: DecidedHome) -> tuple[Recorded, BundledRuns]:
    with decided.store.reader() as reader:
        record = clipped(reader)
        return recorded_decision(reader, record), runs_of(reader, record)


def _masked(seen: tuple[Recorded, BundledRuns], *names: str) -> Masked:
    recorded, runs = seen
    return masked_values(names, runs.order, runs.session, ROW_NODES, recorded.entry.facts)


def _view(seen: tuple[Recorded, BundledRuns], *names: str, with_session: bool = True) -> DecisionView:
    recorded, runs = seen
    return masked_view(decision_view(recorded), _masked(seen, *names), runs, with_session=with_session)


def test_a_view_of_which_nothing_is_masked_stays_as_it_is(seen: tuple[Recorded, BundledRuns]) -> None:
    view = decision_view(seen[0])
    assert masked_view(view, NOTHING, seen[1], with_session=False) is view


def test_a_masked_value_is_blank_in_both_runs_and_in_every_rule(seen: tuple[Recorded, BundledRuns]) -> None:
    """ENG-10: masked fields said."""
    view = _view(seen, "adv_shares", "participation_frac")
    blank = {node.key for node in view.nodes if node.value is MASKED}
    assert {"order.adv_shares", "session.last_adv_shares", "order.participation_frac"} <= blank
    rule = next(rule for rule in view.rules if rule.rule_id == "participation")
    assert {operand.name: operand.final is MASKED for operand in rule.operands} == {
        "participation_frac": True,
        "max_participation_frac": False,
    }
    assert rule.because == "The numbers of this reason are masked."
    assert view.later == ()


def test_the_outcome_of_a_masked_rule_is_blank_too(seen: tuple[Recorded, BundledRuns]) -> None:
    rule = next(rule for rule in _view(seen, "cash_holds").rules if rule.rule_id == "cash")
    assert (rule.proposed, rule.final) == ("masked", "masked")


def test_a_session_whose_entry_would_tell_is_not_shown(seen: tuple[Recorded, BundledRuns]) -> None:
    view = _view(seen, "equity_usd", with_session=False)
    assert {node.run for node in view.nodes} == {"order"}
