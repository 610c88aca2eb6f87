"""Truth tables that are found by their truths; that they are those of whole runs: `test_recomputing`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dataflows.engine.certain_passes import CertainPass, objecting_rules, recorded_places
from dataflows.engine.decision import TruthTable
from dataflows.engine.generated import SurpriseError
from dataflows.engine.packing import PassReading
from dataflows.engine.recorded import plan_reading
from dataflows.engine.run import Runner
from tests.dataflows.engine import tiny

_PLAN = tiny.generation().order
_RUNNER = Runner(_PLAN, "research/test", b"")
_LAYOUT = plan_reading(_PLAN.manifest).layout
_SIZE_PLACE = [node.name for node in _LAYOUT.nodes].index("order_shares")


def _reading(snapshot: tiny.OrderSnapshot) -> PassReading:
    run = _RUNNER.order(snapshot, datetime(2020, 1, 1, tzinfo=UTC))
    return PassReading(_LAYOUT, run.trace.packed[0])


@pytest.fixture
def computed() -> CertainPass:
    """Takes the recorded inputs and computes the rest."""
    from_inputs = recorded_places(frozenset(_PLAN.inputs), _LAYOUT, _LAYOUT)
    return CertainPass(_PLAN, from_inputs, _SIZE_PLACE)


def test_runs_with_the_same_truths_share_one_table(computed: CertainPass) -> None:
    first, second = _reading(tiny.order(proposed=90)), _reading(tiny.order(proposed=80))
    table = computed.table(first, first, 90)
    assert computed.table(second, second, 80) is table
    assert (table.caps, table.objecting) == (None, frozenset())


def test_a_table_is_that_of_the_values(computed: CertainPass) -> None:
    snapshot = tiny.order(proposed=6000, spread=70.0)
    run = _RUNNER.order(snapshot, datetime(2020, 1, 1, tzinfo=UTC))
    reading = _reading(snapshot)
    table = computed.table(reading, reading, 6000)
    assert table.outcomes == TruthTable(_PLAN, is_worded=False).outcomes(run.proposed)
    assert table.objecting == objecting_rules(run.decision.proposed_rules)


def test_an_absent_value_is_a_surprise(computed: CertainPass) -> None:
    reading = _reading(tiny.order(close=None))
    with pytest.raises(SurpriseError, match=r"^$"):
        computed.table(reading, reading, 100)
