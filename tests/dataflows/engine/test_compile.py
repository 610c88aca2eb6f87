"""Everything wrong with a policy or a node is found at once, with its place and its mend (ENG-01)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_strategy, installed_strategy, meaning_faults, offered_nodes
from dataflows.engine.plan import NodeKind
from nodes.vocabulary.errors import PlanError, PolicyError
from policies.parse import parsed_policy, policy_reading
from tests.dataflows.engine import tiny
from tests.dataflows.engine.modules import faulty, labels, odd, orders, reducing, sessions


def policy_faults(old: str, new: str, outputs: tuple[str, ...] = ("spread_word",)) -> str:
    """What is said of the tiny policy with one text replaced."""
    assert old in tiny.POLICY
    with pytest.raises(PolicyError, match=r"tiny\.yaml") as caught:
        tiny.generation(tiny.POLICY.replace(old, new), (orders, faulty), outputs)
    return str(caught.value)


def plan_complaints(*outputs: str) -> str:
    """What is said of a dataflow with these outputs."""
    with pytest.raises(PlanError, match=r"\w") as caught:
        tiny.generation(modules=(orders, faulty), outputs=outputs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "participation_frac <= max_p",
            "participation_farc <= max_p",
            r":20:14: unknown name participation_farc; did you",
        ),
        ("order_notional_usd <= max_n", "dear_bps <= max_n", r":13:26: dear_bps is Bps but max_notional_usd is Usd"),
        ("lag_sessions: 1", "lag_sessions: 1, unread_frac: 0.5", ":9:.*parameter unread_frac is read by nothing"),
        ("{max_spread_bps: 50.0}", "{max_spread_bps: 50.0, idle_bps: 1.0}", "limit idle_bps is read by nothing"),
        (
            "signal: {return_frac: 1.0}",
            "signal: {retrun_frac: 1.0}",
            "unknown feature retrun_frac; did you mean return",
        ),
        ("signal: {return_frac: 1.0}", "signal: {segments: 1.0}", "segments is Segments, not a column"),
        ("clip: participation_cap_shares", "clip: participation_frac", "cap participation_frac is Frac"),
        ("clip: participation_cap_shares", "clip: no_cap_shares", "unknown cap no_cap_shares"),
        ("clip: participation_cap_shares", "clip: sized_cap_shares", "depends on order_shares, which it is to set"),
        ("of a day", "of {day_usd:.1f}", "text shows day_usd, which nothing provides"),
        ("{spread_bps:.1f} bps", "{spread_bps:d} bps", "format 'd' does not fit spread_bps"),
        ("lag_sessions: 1", "lag_sessions: 1, adv_shares: 5", "adv_shares is the name of a node"),
        ("require: spread_bps <= max_spread_bps", "require: max_spread_bps <= 60", "rule large-spread reads no node"),
        (
            "spread_bps <= max_spread_bps",
            "spread_bps <= spread_bps",
            ":28:14: what is said of spread_bps here can never",
        ),
        ("spread_bps <= max_", "spread_bps < 3 AND spread_bps > max_", ":28:14: what .* can never hold; correct it"),
        ("is {spread_bps:.1f} bps", "is {lot_shares} {day_frac}", "text shows day_frac, which nothing provides"),
    ],
)
def test_a_fault_of_the_policy_is_placed_and_mended(old: str, new: str, fault: str) -> None:
    faults = policy_faults(old, new)
    assert re.search(fault, faults), faults


def test_every_fault_of_the_policy_is_named_at_once() -> None:
    twice = tiny.POLICY.replace("order_notional_usd <= max_n", "order_notional <= max_n")
    with pytest.raises(PolicyError, match=r"unknown name order_notional;") as caught:
        tiny.generation(twice.replace("require: spread_bps <=", "require: sprad_bps <="))
    assert "unknown name sprad_bps; did you mean spread_bps?" in str(caught.value)


def test_a_limit_that_is_only_shown_in_a_text_is_unused() -> None:
    policy = tiny.POLICY.replace("{max_spread_bps: 50.0}", "{max_spread_bps: 50.0, shown_bps: 1.0}")
    with pytest.raises(
        PolicyError, match=r"limit shown_bps is shown in a text and read by nothing; read it in require"
    ):
        tiny.generation(policy.replace("{spread_bps:.1f} bps", "{spread_bps:.1f} bps of {shown_bps}"))


def test_two_rules_about_one_node_that_let_no_order_pass_are_refused() -> None:
    policy = (
        tiny.POLICY
        + """  - id: least
    require: order_notional_usd >= min_notional_usd
    limits: {min_notional_usd: 200000}
    then: deny
    because: small
    plain: small
    source: desk manual 4
"""
    )
    with pytest.raises(PolicyError, match=r":36:14: rule least never holds where rule notional does: no order_not"):
        tiny.generation(policy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("then: warn", "then: wran"),
        ("{clip: participation_cap_shares}", "{clipp: participation_cap_shares}"),
        ("    plain: This", "    plan: This"),
        ("lag_sessions: 1", "lag_sessions: one"),
        ("params: {", "parms: {"),
        ("limits: {max_notional_usd: 100000}", "limit: {max_notional_usd: 100000}"),
        ("spread_bps <= max_spread_bps", "spread_bps <=> max_spread_bps"),
        ("return_frac: 1.0", "return_frac: much"),
        ("version: 1", "version: 0"),
        ("max_spread_bps: 50.0", "max_spread_bps: .nan"),
        ("id: large-spread", "id: liquidity"),
    ],
)
def test_a_fault_of_form_has_no_follow_ons_and_hides_no_fault_of_meaning(old: str, new: str) -> None:
    text = tiny.POLICY.replace('plain: "This order', "plain: This order").replace('too big."', "too big.")
    assert old in text
    reading = policy_reading(text.replace(old, new).encode(), "tiny.yaml")
    found = (NodeModule("features", sessions), NodeModule("guardrails", orders))
    assert reading.faults
    assert reading.parsed is not None
    assert meaning_faults(reading.parsed, tiny.strategy(), found) == ()
    worse = text.replace(old, new).replace("participation_frac <= max_p", "participation_farc <= max_p")
    other = policy_reading(worse.encode(), "tiny.yaml").parsed
    assert other is not None
    (fault,) = meaning_faults(other, tiny.strategy(), found)
    assert "unknown name participation_farc; did you mean participation_frac?" in str(fault)


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        ("wrong_unit_frac", "takes order_notional_usd as Frac, but .*orders.order_notional_usd is Usd; convert"),
        ("first_in_cycle_frac", "first_in_cycle_frac -> .*third_in_cycle_frac.* break it"),
        ("orphan_frac", "orphan_frac reads adv_sharse, which nothing provides; did you mean adv_shares"),
        ("no_such_node", "dataflow tiny-order reads no_such_node, which nothing provides"),
    ],
)
def test_a_fault_of_a_node_names_the_node_and_the_mend(output: str, complaint: str) -> None:
    assert re.search(complaint, plan_complaints(output))


def test_complaints_about_several_nodes_come_together() -> None:
    said = plan_complaints("wrong_unit_frac", "orphan_frac")
    assert "wrong_unit_frac" in said
    assert "adv_sharse" in said


@pytest.mark.parametrize("name", ["sum", "rolling_mean", "@", "gives argument patience_frac a default value"])
def test_a_banned_reduction_and_a_hidden_number_are_refused_with_the_line(name: str) -> None:
    with pytest.raises(PlanError, match=r"reducing") as caught:
        tiny.generation(modules=(orders, reducing))
    assert name in str(caught.value)


def test_a_node_defined_twice_is_refused() -> None:
    modules = (NodeModule("features", sessions), NodeModule("guardrails", orders), NodeModule("guardrails", orders))
    with pytest.raises(PlanError, match=r"order_notional_usd is defined in .* and in .*; rename one"):
        compiled_strategy(parsed_policy(tiny.POLICY.encode(), "tiny.yaml"), tiny.strategy(), modules)


def test_a_label_never_reaches_a_decision() -> None:
    strategy = tiny.strategy(("next_return_frac",))
    strategy = replace(strategy, order=replace(strategy.order, stages=("guardrails", "labels")))
    modules = (NodeModule("features", sessions), NodeModule("guardrails", orders), NodeModule("labels", labels))
    with pytest.raises(PlanError, match=r"next_return_frac is a label, known only later.*take it out"):
        compiled_strategy(parsed_policy(tiny.POLICY.encode(), "tiny.yaml"), strategy, modules)


def test_a_strategy_that_is_not_installed_is_refused_with_those_that_are() -> None:
    with pytest.raises(PlanError, match=r"strategy 'us-equites' is not installed.*did you mean us-equities"):
        installed_strategy("us-equites")


def test_a_strategy_whose_module_fails_is_refused_with_the_cause(tmp_path: Path, monkeypatch: Any) -> None:
    info = tmp_path / "broken_strategy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-strategy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[assay.strategies]\nbroken = broken_strategy:ONE\nword = string:digits\n")
    (tmp_path / "broken_strategy.py").write_text("raise RuntimeError('no feed')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(PlanError, match=r"broken = broken_strategy:ONE does not load: RuntimeError\('no feed'\); mend"):
        installed_strategy("broken")
    with pytest.raises(PlanError, match=r"word = string:digits is '0123456789', expected a Strategy; correct it"):
        installed_strategy("word")


def test_a_policy_of_another_strategy_is_refused() -> None:
    assert "tiny.yaml:4:11: the policy is for other, compiled is tiny" in policy_faults(
        "strategy: tiny", "strategy: other"
    )


@pytest.mark.parametrize(("name", "value"), [("signal_features", "a"), ("signal_weights", "{return_frac: 1.0}")])
def test_a_parameter_with_a_name_of_the_engine_is_refused_not_shadowed(name: str, value: str) -> None:
    said = policy_faults("lag_sessions: 1", f"lag_sessions: 1, {name}: {value}")
    assert f"{name} is the name of what signal: provides; give the value another name" in said


def test_complaints_about_the_modules_of_both_dataflows_come_together() -> None:
    modules = (NodeModule("features", odd), NodeModule("guardrails", reducing))
    with pytest.raises(PlanError, match=r"starred_frac") as caught:
        compiled_strategy(parsed_policy(tiny.POLICY.encode(), "tiny.yaml"), tiny.strategy(), modules)
    assert "summed_frac" in str(caught.value)


def test_compiling_twice_gives_the_same_plan() -> None:
    first, second = tiny.generation(), tiny.generation()
    assert (first.order.digest, first.session.digest) == (second.order.digest, second.session.digest)


def test_a_changed_limit_changes_the_plan_and_the_policy() -> None:
    before, after = tiny.generation(), tiny.generation(tiny.POLICY.replace("100000", "100001"))
    assert before.policy_digest != after.policy_digest
    assert before.order.digest != after.order.digest


def test_only_what_is_needed_is_planned_and_only_sized_nodes_depend_on_the_size() -> None:
    plan = tiny.generation(modules=(orders, faulty)).order
    names = {node.name for node in plan.nodes}
    assert "dear_bps" not in names
    sized = {node.name for node in plan.nodes if node.is_sized and node.kind is NodeKind.FUNCTION}
    assert sized == {"order_notional_usd", "participation_frac", "order_reduces_risk"}


def test_a_plan_archives_the_sources_of_its_nodes_and_their_helpers() -> None:
    sources = tiny.generation().order.sources
    assert "def order_notional_usd" in sources["tests.dataflows.engine.modules.orders"]
    assert "nodes.vocabulary.units" in sources


def test_how_a_rule_is_spelt_moves_neither_policy_nor_plan() -> None:
    spelt = tiny.POLICY.replace("require: spread_bps <= max_spread_bps", "require: ((spread_bps)  <=  max_spread_bps)")
    assert spelt != tiny.POLICY
    assert tiny.generation(spelt).policy_digest == tiny.generation().policy_digest
    assert tiny.generation(spelt).order.digest == tiny.generation().order.digest


def test_every_name_that_a_policy_can_use_is_offered_read_or_not() -> None:
    """UI-01: an editor completes from these; parameters that some node would read and nobody gives are among them."""
    parsed = parsed_policy(Path("policies/us-equities/v1.yaml").read_bytes(), "v1.yaml")
    offered = offered_nodes(parsed, installed_strategy("us-equities"))
    assert "participation_frac" in offered.order
    assert "momentum_frac" in offered.session
    assert offered.wanted["rsi_sessions"].name == "Sessions"
    assert not offered.wanted.keys() & (offered.session.keys() | offered.order.keys())
