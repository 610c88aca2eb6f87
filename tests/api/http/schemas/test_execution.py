"""Orders as clients read them: parts with what came of each, and in words what never traded."""

from __future__ import annotations

from decimal import Decimal

from api.http.schemas.execution import execution_order_view
from api.use_cases.child_orders import ChildRecord
from api.use_cases.order_life import OrderRecord
from api.use_cases.routing import ChildOrder
from nodes.kernels.order_states import opened
from tests.api.http.schemas.test_account import _order


def record(*children: ChildRecord) -> OrderRecord:
    return OrderRecord(_order(10), opened(10), (), children, (), None)


def test_a_part_is_shown_with_its_average_price_and_its_fees() -> None:
    """EXE-15."""
    order = ChildOrder("IEX", 10, 5_551_500, "post")
    view = execution_order_view(record(ChildRecord("c0", order, 4, Decimal("2220.60"), Decimal("0.31"), 2)))
    (child,) = view.children
    assert (child.cl_ord_id, child.parent_id, child.venue, child.price) == ("c0", "ABC", "IEX", "555.1500")
    assert (child.cum_qty, child.avg_px, child.fees) == ("4", "555.1500", "0.31")


def test_a_part_that_never_traded_has_neither_price_nor_fees() -> None:
    (child,) = execution_order_view(record(ChildRecord("c0", ChildOrder("IEX", 10, 5_551_500, "post")))).children
    assert (child.cum_qty, child.avg_px, child.fees) == ("0", None, None)
