"""What is read back from an archive is what was run, and nothing that fits badly is read at all."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dataflows.engine.plan import Plan
from dataflows.engine.recorded import recorded_plan, recorded_run, recorded_values
from dataflows.engine.run import Runner
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import LogError
from tests.dataflows.engine import tiny

AS_OF = datetime(2020, 1, 1, tzinfo=UTC)
GENERATION = tiny.generation()
RUNNER = Runner(GENERATION.order, "research/test", b"")
MANIFEST = GENERATION.order.manifest


@pytest.mark.parametrize("plan", [GENERATION.session, GENERATION.order], ids=["session", "order"])
def test_a_plan_reads_back_to_its_own_digest(plan: Plan) -> None:
    assert recorded_plan(plan.manifest).digest == plan.digest


@pytest.mark.parametrize(
    "snapshot",
    [
        tiny.order(),
        tiny.order(proposed=6000, close=Decimal(1)),
        tiny.order(proposed=6000, close=Decimal(1), adv=1),
        tiny.order(close=None, spread=None),
        tiny.order(proposed=None),
    ],
    ids=["quiet", "clipped", "clipped to nothing", "absent", "of no size"],
)
def test_an_order_run_reads_back_with_its_values_and_both_truth_tables(snapshot: tiny.OrderSnapshot) -> None:
    run = RUNNER.order(snapshot, AS_OF)
    recorded = recorded_run(run.trace.body, MANIFEST)
    assert recorded.values == run.values
    assert recorded.proposed == run.proposed
    assert (recorded.rules, recorded.proposed_rules) == (run.decision.rules, run.decision.proposed_rules)
    assert recorded.trace.digest == run.trace.digest
    assert recorded.decision == run.decision


def test_values_come_in_plan_order_policy_values_included() -> None:
    run = RUNNER.order(tiny.order(), AS_OF)
    assert tuple(recorded_run(run.trace.body, MANIFEST).values) == tuple(node.name for node in GENERATION.order.nodes)


def test_some_values_alone_are_those_of_the_whole_run() -> None:
    run = RUNNER.order(tiny.order(), AS_OF)
    names = [name for name, value in run.values.items() if isinstance(value, str | Decimal)]
    node_names = {node.name for node in GENERATION.order.computed}
    wanted = [name for name in names if name in node_names]
    assert wanted
    assert recorded_values(run.trace.body, MANIFEST, wanted) == tuple(run.values[name] for name in wanted)
    assert recorded_values(run.trace.body, MANIFEST, ("no_such_node",)) == (None,)


def test_a_plan_is_read_once_from_equal_manifests_and_anew_from_others() -> None:
    """Thousands of decisions share a plan; what is kept of it is a function of the manifest's bytes alone."""
    again = bytes(bytearray(MANIFEST))
    assert recorded_plan(again) is recorded_plan(MANIFEST)
    assert recorded_plan(GENERATION.session.manifest) is not recorded_plan(MANIFEST)


def test_the_manifest_of_another_plan_is_refused() -> None:
    other = tiny.generation(tiny.POLICY.replace("max_notional_usd: 100000", "max_notional_usd: 100001"))
    body = RUNNER.order(tiny.order(), AS_OF).trace.body
    with pytest.raises(LogError, match=r"trace names plan [0-9a-f]{64}, the manifest is of"):
        recorded_run(body, other.order.manifest)


@pytest.mark.parametrize("manifest", [b"", b"no canonical bytes", encode({"scheme": 1}), encode([1])])
def test_what_is_no_manifest_is_refused(manifest: bytes) -> None:
    with pytest.raises(LogError, match="no manifest of scheme 1"):
        recorded_plan(manifest)


def test_a_manifest_with_more_than_this_version_writes_is_refused() -> None:
    with pytest.raises(LogError, match="does not read back to itself"):
        recorded_plan(encode({**decode(MANIFEST), "added": 1}))
