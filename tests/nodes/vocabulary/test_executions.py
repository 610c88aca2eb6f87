"""The words of FIX are those of its tables."""

from __future__ import annotations

from nodes.vocabulary.executions import ExecType, OrdStatus


def test_execution_types_and_order_statuses_of_one_name_have_one_code() -> None:
    """FIX 4.4 tags 39 and 150 share their codes for what an order can come to."""
    shared = {kind.name for kind in ExecType} & {status.name for status in OrdStatus}
    assert shared == {"NEW", "CANCELED", "REPLACED", "PENDING_CANCEL", "PENDING_REPLACE", "REJECTED", "EXPIRED"}
    assert all(ExecType[name].value == OrdStatus[name].value for name in shared)
