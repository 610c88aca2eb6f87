"""Caps of a policy: one text bounds the optimiser and judges what comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dataflows.engine.run import Runner
from dataflows.gates import compiled_gate
from dataflows.portfolio import caps_of, portfolio_snapshot, tightened
from nodes.kernels.portfolio.caps import Cap, Measure
from nodes.vocabulary.errors import EdgeError, PolicyError
from nodes.vocabulary.verdict import Action
from policies.parse import ParsedPolicy, parsed_policy
from tests.governance.examples import NOON
from tests.nodes.kernels.portfolio.books import NAN, book

FILE = Path("policies/portfolio/us-equities/v1.yaml")


def policy(old: str = "", new: str = "") -> ParsedPolicy:
    return parsed_policy(FILE.read_text(encoding="utf-8").replace(old, new).encode(), FILE.name)


def test_every_rule_of_the_shipped_policy_is_a_cap() -> None:
    """PF-02: gross, net, beta, single name, sector, volume, turnover and borrow each have one."""
    caps = caps_of(policy())
    assert {cap.measure for cap in caps} == set(Measure) - {Measure.DEVIATION}
    assert Cap("net-least", Measure.NET, -0.25, is_least=True) in caps
    assert Cap("single-name", Measure.NAME, 0.41) in caps


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gross_frac <= max_gross_frac", "gross_frac < max_gross_frac"),
        ("gross_frac <= max_gross_frac", "gross_frac >= max_gross_frac"),
        ("gross_frac <= max_gross_frac", "NOT gross_frac > max_gross_frac"),
        ("gross_frac <= max_gross_frac", "gross_frac <= max_gross_frac AND net_frac <= 1.0"),
    ],
)
def test_a_rule_that_an_optimiser_cannot_keep_is_a_fault_with_its_place(old: str, new: str) -> None:
    for use in (caps_of, compiled_gate):
        with pytest.raises(PolicyError, match=r"v1\.yaml:\d+:\d+: rule gross requires .* which no optimiser can keep"):
            use(policy(old, new))


def test_limits_may_be_tightened_and_never_loosened() -> None:
    caps = caps_of(policy())
    tight = {cap.rule: cap.limit for cap in tightened(caps, {"single-name": 0.05, "net-least": 0.0})}
    assert (tight["single-name"], tight["net-least"], tight["gross"]) == (0.05, 0.0, 1.0)
    with pytest.raises(EdgeError, match=r"limit 0\.5 of rule 'single-name' is looser than the policy's 0\.41"):
        tightened(caps, {"single-name": 0.5})
    with pytest.raises(EdgeError, match=r"limit -0\.3 of rule 'net-least' is looser than the policy's -0\.25"):
        tightened(caps, {"net-least": -0.3})
    with pytest.raises(EdgeError, match="limit of rule 'luck' was given; the policy has gross, net-most"):
        tightened(caps, {"luck": 1.0})


def test_whole_shares_are_judged_by_the_rules() -> None:
    runner = Runner(compiled_gate(policy()), "paper", b"", is_salted=False)
    given = book(3, sectors=("x", "y", "z"))
    good = runner.gate(portfolio_snapshot(given, np.array([300, 200, 0], np.int64)), NOON, (), None)
    bad = runner.gate(portfolio_snapshot(given, np.array([4200, -1, 0], np.int64)), NOON, (), None)
    assert good.action is Action.ACT
    assert [rule.rule_id for rule in bad.failed] == ["locate", "participation", "single-name"]


def test_what_is_not_known_of_a_portfolio_is_unknown_to_its_rules() -> None:
    given = book(1, beta_frac=np.array([NAN]))
    snapshot = portfolio_snapshot(given, np.array([100], np.int64))
    assert snapshot.net_beta_frac is None
    assert snapshot.unlocated_short_shares == 0
