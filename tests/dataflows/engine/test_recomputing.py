"""What a plan makes of recorded runs is what it makes of their whole snapshots, though it computes little of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.engine.plan import ORDER_SIZE, PROPOSED_SIZE, NodeKind, Plan
from dataflows.engine.recomputing import Recomputation, Recomputed, computations
from dataflows.engine.recorded import plan_reading, recorded_run
from dataflows.engine.run import OrderRun, Runner
from nodes.vocabulary.absent import Absent
from tests.dataflows.engine import tiny

AS_OF = datetime(2020, 1, 1, tzinfo=UTC)
_EXTRA = """  - id: any-close
    require: close_price_usd > least_close_price_usd
    limits: {least_close_price_usd: 5}
    then: review
    because: "Close is {close_price_usd:.2f} USD, {spread_word}"
    plain: "The share is cheap."
    source: desk manual 4
"""
CHANGES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "nothing": (),
    "another cap": (("max_participation_frac: 0.05", "max_participation_frac: 0.02"),),
    "a wider cap": (("max_participation_frac: 0.05", "max_participation_frac: 0.5"),),
    "another limit": (("max_notional_usd: 100000", "max_notional_usd: 4000"),),
    "another lot": (("lot_shares: 10", "lot_shares: 7"),),
    "another verdict": (("    then: deny\n", "    then: review\n"),),
    "unknown denies": (("    on_unknown: warn\n", ""),),
    "for all orders": (("    applies_to: increasing\n", ""),),
    "another rule text": (("require: spread_bps <= max_spread_bps", "require: NOT spread_bps > max_spread_bps"),),
    "one more rule": (("    source: desk manual 3\n", "    source: desk manual 3\n" + _EXTRA),),
    "several at once": (
        ("max_participation_frac: 0.05", "max_participation_frac: 0.03"),
        ("max_spread_bps: 50.0", "max_spread_bps: 5.0"),
        ("lot_shares: 10", "lot_shares: 1"),
    ),
}
_SHARES = st.one_of(st.none(), st.integers(-12_000, 12_000))
_SNAPSHOTS = st.builds(
    tiny.order,
    proposed=st.one_of(st.sampled_from([0, 1, 100, -100, 5000, -5000, None]), _SHARES),
    close=st.one_of(st.none(), st.decimals("0.01", 400, places=2), st.just(Decimal("NaN"))),
    adv=st.one_of(st.none(), st.integers(0, 200_000)),
    position=st.one_of(st.none(), st.integers(-9000, 9000)),
    spread=st.one_of(st.none(), st.floats(0, 100), st.just(float("nan"))),
)


@cache
def _plan(change: str) -> Plan:
    text = tiny.POLICY
    for old, new in CHANGES[change]:
        assert old in text
        text = text.replace(old, new)
    return tiny.generation(text).order


@cache
def _runner(change: str) -> Runner:
    return Runner(_plan(change), "research/test", b"")


@cache
def _recomputation(before: str, change: str) -> Recomputation:
    return Recomputation(plan_reading(_plan(before).manifest), _plan(change))


def _recorded(before: str, snapshot: tiny.OrderSnapshot) -> OrderRun:
    return _runner(before).order(snapshot, AS_OF)


def _in_full(change: str, recorded: OrderRun, before: str) -> OrderRun:
    """The run of the candidate's whole plan over the archived snapshot, as a replay makes it."""
    found = recorded_run(recorded.trace.body, _plan(before).manifest)
    values = {PROPOSED_SIZE: found.proposed[ORDER_SIZE], **{name: found.values[name] for name in found.plan.inputs}}
    snapshot: Any = SimpleNamespace(**{field.name: values.get(field.name) for field in fields(tiny.OrderSnapshot)})
    return _runner(change).order(snapshot, AS_OF)


def _anew(before: str, change: str, recorded: OrderRun) -> Recomputed:
    return _recomputation(before, change).decision(recorded.trace.packed)


@settings(max_examples=120)
@given(snapshot=_SNAPSHOTS, before=st.sampled_from(sorted(CHANGES)), change=st.sampled_from(sorted(CHANGES)))
def test_a_candidate_says_of_a_recorded_run_what_it_says_of_its_whole_snapshot(
    snapshot: tiny.OrderSnapshot, before: str, change: str
) -> None:
    """ENG-06: one-step impact is exact, whichever policy recorded and whichever judges, absences and all."""
    recorded = _recorded(before, snapshot)
    whole, found = _in_full(change, recorded, before), _anew(before, change, recorded)
    assert found.worded == whole.decision
    quiet = found.decision
    assert (quiet.verdict, quiet.action, quiet.order_shares) == (
        whole.decision.verdict,
        whole.decision.action,
        whole.decision.order_shares,
    )
    for node in _plan(change).nodes:
        assert _same(found.value(node.name), whole.values[node.name]), node.name


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and (one == other or one != one)  # noqa: PLR0124  # NaN alone differs from itself


def test_only_what_a_limit_reaches_is_computed_again() -> None:
    """ENG-06."""
    found = _recomputation("nothing", "another limit")
    assert found.changed == ("max_notional_usd", "notional_holds")
    assert _recomputation("nothing", "nothing").changed == ()
    assert _recomputation("another cap", "another verdict").changed == (
        "max_participation_frac",
        "participation_cap_shares",
        "liquidity_holds",
    )


def test_untouched_values_are_read_and_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes' functions are taken away: what is alike needs none of them."""
    plan = _plan("another limit")
    bare = [replace(node, function=None) if node.kind is NodeKind.FUNCTION else node for node in plan.nodes]
    found = Recomputation(plan_reading(_plan("nothing").manifest), plan)
    monkeypatch.setattr(found, "nodes", {node.name: node for node in bare})
    recorded = _recorded("nothing", tiny.order(proposed=90))
    assert found.decision(recorded.trace.packed).worded == _in_full("another limit", recorded, "nothing").decision


def test_a_size_that_was_not_recorded_is_computed() -> None:
    recorded = _recorded("nothing", tiny.order(proposed=6000, close=Decimal(1)))
    assert recorded.decision.order_shares == 5000
    found = _anew("nothing", "another cap", recorded)
    assert found.decision.order_shares == 2000
    assert found.value(ORDER_SIZE) == 2000
    assert found.value("participation_frac") == pytest.approx(0.02)


def test_an_input_that_was_not_recorded_is_absent_and_told() -> None:
    """ENG-06: what the recorded snapshot lacks is unknown to the candidate, and unknown denies."""
    text = tiny.POLICY[: tiny.POLICY.index("  - id: large-spread")]
    older = tiny.generation(text, outputs=()).order
    assert "spread_bps" not in older.inputs
    recorded = Runner(older, "research/test", b"").order(tiny.order(), AS_OF)
    strict = tiny.generation(tiny.POLICY.replace("    on_unknown: warn\n", ""), outputs=()).order
    found = Recomputation(plan_reading(older.manifest), strict)
    assert found.lacking == ("spread_bps",)
    answer = found.decision(recorded.trace.packed)
    assert isinstance(answer.value("spread_bps"), Absent)
    (failed,) = answer.worded.failed
    assert (failed.rule_id, failed.because) == (
        "large-spread",
        "Rule large-spread cannot be judged: spread_bps is absent: missing from the snapshot (at spread_bps)",
    )


def test_a_node_whose_code_nobody_knows_is_never_taken_from_a_record() -> None:
    plan = _plan("nothing")
    nameless = replace(
        plan,
        nodes=tuple(
            replace(node, code_digest=b"") if node.name == "participation_frac" else node for node in plan.nodes
        ),
    )
    known = computations(nameless)
    assert "participation_frac" not in known
    assert "liquidity_holds" not in known
    assert "notional_holds" in known
