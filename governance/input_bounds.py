"""What the inputs of an order run can be: bounds from contracts of features, from units, and from what words mean.

Proofs and counterfactuals stay within them, and say which they used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dataflows.engine.compile import Generation
from dataflows.engine.plan import NodeKind, Plan, PlanNode
from dataflows.us_equities import ROW_NODES

MOST_WHOLE = 2**53
MOST_AMOUNT = Decimal(10) ** 15
LEAST_PRICE = Decimal("0.0001")
_COUNTED = frozenset({"Count", "Sessions", "Seconds", "Days"})
_NEVER_NEGATIVE = frozenset(
    {
        "adv_shares",
        "available_borrow_shares",
        "borrow_fee_frac",
        "estimated_spread_bps",
        "gross_exposure_usd",
        "last_volume_shares",
        "pending_buy_shares",
        "pending_sell_shares",
        "volatility_frac",
    }
)
"""Inputs of orders of which there can be none or some, as `dataflows.us_equities.OrderSnapshot` says."""
_LAST, _PLACES = "last_", "segments"
"""How a node is named that takes the last value of a column, and what else it reads."""


@dataclass(frozen=True)
class Bound:
    """What one input can be.

    Attributes:
        low: least value; None where there is none.
        high: most; None where there is none.
        source: "contract", "unit" or "meaning".
    """

    low: Any
    high: Any
    source: str

    def holds(self, value: Any) -> bool:  # noqa: ANN401  # a number
        """Whether a value is within."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @property
    def width(self) -> float | None:
        """How far apart the ends are; None where one is open or only guards against overflow."""
        if self.source != "contract" or self.low is None or self.high is None:
            return None
        return float(self.high) - float(self.low)


def input_bounds(generation: Generation) -> dict[str, Bound]:
    """What each numeric input of a generation's order runs can be, by name."""
    contracts = _contracts(generation.session)
    inputs = [node for node in generation.order.nodes if node.kind is NodeKind.INPUT]
    found = {node.name: contracts.get(node.name) or _of_kind(node) for node in inputs}
    return {name: bound for name, bound in found.items() if bound is not None}


def plan_bounds(plan: Plan) -> dict[str, Bound]:
    """The same of a plan alone, of which no contracts are at hand."""
    found = {node.name: _of_kind(node) for node in plan.nodes if node.kind is NodeKind.INPUT}
    return {name: bound for name, bound in found.items() if bound is not None}


def _contracts(session: Plan) -> Mapping[str, Bound]:
    """Bounds of inputs that are the last value of a feature, which is held to its contract."""
    nodes = {node.name: node for node in session.nodes}
    found: dict[str, Bound] = {}
    for name, row in ROW_NODES.items():
        read = [each for each in nodes[row].arguments if each != _PLACES] if row in nodes else []
        contract = nodes[read[0]].contract if row.startswith(_LAST) and len(read) == 1 else None
        if contract is not None:
            is_whole = name.endswith("_shares")
            found[name] = Bound(_end(contract.low, is_whole), _end(contract.high, is_whole), "contract")
    return found


def _end(value: float | None, whole: bool) -> Any:  # noqa: ANN401, FBT001
    return value if value is None or not whole else int(value)


def _of_kind(node: PlanNode) -> Bound | None:
    base = node.unit.base
    is_meant = node.name in _NEVER_NEGATIVE
    if base is int:
        low = 0 if is_meant or node.unit.name in _COUNTED else -MOST_WHOLE
        return Bound(low, MOST_WHOLE, "meaning" if is_meant else "unit")
    if base is Decimal:
        if node.unit.name == "UsdPerShare":
            return Bound(LEAST_PRICE, MOST_AMOUNT, "unit")
        return Bound(Decimal(0) if is_meant else -MOST_AMOUNT, MOST_AMOUNT, "meaning" if is_meant else "unit")
    return Bound(0.0, None, "meaning") if base is float and is_meant else None
