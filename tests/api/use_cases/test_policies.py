"""Candidates and their cases: read, compiled, run, with every fault named."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.use_cases.policies import Candidate, candidate, cases_file, file_bytes, policy_test
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.homes import POLICY

CASE = b"""
- note: an order without any data is denied
  given: {symbol: AAPL, proposed_order_shares: 100}
  want: {minimum-price: unknown, action: deny}
"""


@pytest.fixture(scope="module")
def shipped() -> Candidate:
    return candidate(POLICY.read_bytes(), "v1.yaml")


def test_the_shipped_policy_compiles(shipped: Candidate) -> None:
    assert shipped.generation.policy.family == "us-equities"
    assert len(shipped.generation.order.rules) >= 14


def test_a_case_that_is_met_leaves_only_gaps_of_coverage(shipped: Candidate) -> None:
    tested = policy_test(shipped, CASE, "cases.yaml")
    assert len(tested.results) == 1
    assert all(fault.file == "v1.yaml" for fault in tested.faults)


def test_a_wish_that_is_not_met_is_a_fault_of_the_case_file(shipped: Candidate) -> None:
    tested = policy_test(shipped, CASE.replace(b"action: deny", b"action: act"), "cases.yaml")
    (missed,) = [fault for fault in tested.faults if fault.file == "cases.yaml"]
    assert "deny" in missed.what


def test_a_case_that_gives_what_does_not_exist_is_refused(shipped: Candidate) -> None:
    with pytest.raises(PolicyError, match=r"'colour' is no input of the run"):
        policy_test(shipped, CASE.replace(b"symbol: AAPL", b"colour: red"), "cases.yaml")


def test_a_faulty_policy_is_refused_with_its_place() -> None:
    text = POLICY.read_bytes().replace(b"max_daily_move_frac: 0.08", b"max_daily_moves_frac: 0.08")
    with pytest.raises(PolicyError, match=r"v1.yaml:\d+:\d+: "):
        candidate(text, "v1.yaml")


def test_cases_lie_beside_their_policy() -> None:
    assert cases_file(Path("policies/us-equities/v3.yaml")) == Path("policies/us-equities/v3.cases.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"v9.yaml cannot be read: No such file"):
        file_bytes(tmp_path / "v9.yaml")
