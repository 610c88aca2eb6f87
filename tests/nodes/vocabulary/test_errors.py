"""The error families: one root, who must act, every fault kept and sorted."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import AssayError, DataError, EdgeError, Fault, LogError, PlanError, PolicyError

UNKNOWN_NAME = Fault("v3.yaml", 12, 14, "name 'adv_shres' is unknown", "did you mean adv_shares")
NO_OWNER = Fault("v3.yaml", 0, 0, "owner is missing", "add owner")


@pytest.mark.parametrize("family", [PolicyError, DataError, PlanError, LogError, EdgeError])
def test_every_family_has_the_one_root(family: type[Exception]) -> None:
    assert family.__bases__ == (AssayError,)


def test_there_are_five_families() -> None:
    assert len(AssayError.__subclasses__()) == 5


def test_the_root_is_no_value_error_that_a_library_might_catch() -> None:
    assert AssayError.__bases__ == (Exception,)


def test_a_fault_names_its_place_and_its_mend() -> None:
    assert str(UNKNOWN_NAME) == "v3.yaml:12:14: name 'adv_shres' is unknown; did you mean adv_shares"


def test_a_fault_of_the_whole_text_names_the_file_alone() -> None:
    assert str(NO_OWNER) == "v3.yaml: owner is missing; add owner"


def test_faults_are_ordered_by_file_line_and_column() -> None:
    places = [("b", 1, 1), ("a", 2, 1), ("a", 1, 9), ("a", 1, 2), ("a", 0, 0)]
    faults = sorted(Fault(*place, "x", "y") for place in places)
    assert [(fault.file, fault.line, fault.column) for fault in faults] == sorted(places)


def test_a_policy_error_carries_every_fault_in_order() -> None:
    error = PolicyError(iter([UNKNOWN_NAME, NO_OWNER]))
    assert error.faults == (NO_OWNER, UNKNOWN_NAME)
    assert str(error).splitlines() == [str(NO_OWNER), str(UNKNOWN_NAME)]


def test_a_plan_error_carries_every_complaint() -> None:
    error = PlanError("node a has no unit; add one", "nodes a -> b -> a form a cycle; cut it")
    assert error.complaints == ("node a has no unit; add one", "nodes a -> b -> a form a cycle; cut it")
    assert str(error) == "node a has no unit; add one\nnodes a -> b -> a form a cycle; cut it"


def test_error_reason_tells_one_fault_of_a_family_from_another() -> None:
    """Callers that must react decide by the reason, never by the words of a message."""
    assert EdgeError("key 'a' was used before", reason="key-reused").reason == "key-reused"
    assert not EdgeError("the disk is full").reason
