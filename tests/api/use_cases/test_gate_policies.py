"""Policies that answer questions: the shipped one until the log runs another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from api.settings import Settings
from api.use_cases.gate_policies import Asking, policy_in_force, reader_if_any
from api.use_cases.gates import SHIPPED, activated_gate, gate_policy
from dataflows.borrowing import BORROW
from dataflows.gates import gate_snapshot
from nodes.vocabulary.verdict import Action
from tests.api.use_cases.model_desks import opened
from tests.governance.examples import NOON


def test_without_a_log_or_an_activation_the_shipped_policy_answers(tmp_path: Path) -> None:
    folder = opened(tmp_path / "home")
    with folder.store.reader() as reader:
        found = policy_in_force(reader, "borrow")
    assert found.name == policy_in_force(None, "borrow").name == "borrow-us-equities v1"


def test_the_policy_that_a_log_runs_answers(tmp_path: Path) -> None:
    folder, shipped = opened(tmp_path / "home"), gate_policy(SHIPPED["borrow"])
    activated_gate(folder.store, shipped, "ada", NOON)
    with folder.store.reader() as reader:
        found = policy_in_force(reader, "borrow")
    assert (found.name, found.plan.digest) == ("borrow-us-equities v1", shipped.plan.digest)


def test_what_is_not_known_denies() -> None:
    asking = Asking(policy_in_force(None, "borrow"), "paper", b"")
    assert asking.run(gate_snapshot(BORROW, {}), NOON).action is Action.DENY


def test_a_home_without_a_log_has_no_reader(tmp_path: Path) -> None:
    with reader_if_any(replace(Settings(home=tmp_path / "none"))) as reader:
        assert reader is None
