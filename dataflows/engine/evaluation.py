"""Evaluates a plan node by node: absence propagates, surprises become absences with a reason, nothing is skipped."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from dataflows.engine.guards import Breach, Guard
from dataflows.engine.plan import NodeKind, Plan, PlanNode
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import AssayError

_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_PLAIN = frozenset({bool, int, float, Decimal})
_SHOWN = frozenset({*_PLAIN, str, date, datetime})
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_MOST_CHARACTERS = 1000


def evaluated(plan: Plan, snapshot: Any, order_shares: int | Absent | None = None) -> dict[str, Any]:  # noqa: ANN401
    """Every node's value, by name, in plan order, with the order's size as given."""
    values: dict[str, Any] = {}
    for node in plan.nodes:
        values[node.name] = _value(node, snapshot, values, order_shares)
    return values


def guarded(plan: Plan, snapshot: Any) -> tuple[dict[str, Any], tuple[Breach, ...]]:  # noqa: ANN401
    """Every node's value of a session plan, features held to their contracts, and what was held back."""
    values: dict[str, Any] = {}
    guard = Guard(snapshot)
    for node in plan.nodes:
        value = _value(node, snapshot, values, None)
        values[node.name] = value if node.contract is None else guard.held(node, node.contract, value)
    return values, tuple(guard.breaches)


def continued(nodes: Iterable[PlanNode], snapshot: Any, known: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """The values that are known, and after them those of some nodes in the order of their plan, contracts apart."""
    values = dict(known)
    for node in nodes:
        values[node.name] = _value(node, snapshot, values, None)
    return values


def resized(plan: Plan, values: Mapping[str, Any], order_shares: int) -> dict[str, Any]:
    """The values again at another size: nodes that do not depend on it keep theirs."""
    again: dict[str, Any] = {}
    for node in plan.nodes:
        again[node.name] = _value(node, None, again, order_shares) if node.is_sized else values[node.name]
    return again


def _value(node: PlanNode, snapshot: Any, values: Mapping[str, Any], size: Any) -> Any:  # noqa: ANN401
    if node.kind in (NodeKind.PARAMETER, NodeKind.LIMIT):
        return node.value
    if node.kind is NodeKind.INPUT:
        return checked(node, getattr(snapshot, node.name))
    if node.kind is NodeKind.SIZE:
        return checked(node, size)
    return called(node, [values[name] for name in node.arguments])


def called(node: PlanNode, arguments: list[Any]) -> Any:  # noqa: ANN401
    """What a node makes of its arguments: absent when a needed one is, else its checked result."""
    for position, argument in enumerate(arguments):
        if isinstance(argument, Absent):
            if not node.accepts_absent[position]:
                return argument
            arguments[position] = None
        elif argument is None and node.kind is not NodeKind.RULE and not node.accepts_absent[position]:
            return Absent(node.arguments[position], "is unknown")  # only the outcome of a rule is None
    function = node.function
    if function is None:
        return Absent(node.name, "the node has no function")
    try:
        result = function(*arguments)
    except Exception as error:  # noqa: BLE001  # whatever a node raises, the order must get a decision
        return Absent(node.name, _reason(f"raised {type(error).__name__}: {error}"))
    return result if node.kind is NodeKind.RULE else checked(node, result)


def checked(node: PlanNode, value: Any) -> Any:  # noqa: ANN401, PLR0911  # one line a law
    """The value when it is what the node's unit says, else an absence that says what it was."""
    if isinstance(value, Absent):
        return value
    if value is None:
        reason = "missing from the snapshot" if node.kind is NodeKind.INPUT else "has no value here"
        return Absent(node.name, reason)
    base: Any = node.unit.base
    if type(value) is not base:
        shown = f"{value!r} of type " if type(value) in _SHOWN else "of type "
        return Absent(node.name, _reason(f"was {shown}{type(value).__name__}, expected {base.__name__}"))
    if base is float and math.isnan(value):
        return Absent(node.name, "is not a number")
    if base is Decimal and not value.is_finite():
        return Absent(node.name, f"is {value}, not an amount")
    if base is int and not _INT64_MIN <= value <= _INT64_MAX:
        return Absent(node.name, f"is {value}, outside 64 bits")
    if base is pl.Series and value.dtype.is_float():
        has_nan = np.isnan(value.to_numpy()).sum() > value.null_count()  # nulls read as NaN too
        return value.fill_nan(None) if has_nan else value
    return value if base in _PLAIN else _archivable(node, value)


def _archivable(node: PlanNode, value: Any) -> Any:  # noqa: ANN401
    """The value when a trace can hold it, else an absence: whatever a node returns, the order must get a decision."""
    try:
        if isinstance(value, pl.Series):
            _require_archivable((("", value.dtype),))
        elif isinstance(value, pl.DataFrame):
            _require_archivable(tuple(value.schema.items()))
        elif not isinstance(value, dict) or not all(isinstance(item, pl.Series) for item in value.values()):
            encode(value)
        elif not all(isinstance(key, str) for key in value):
            encode(dict.fromkeys(value))
    except AssayError as error:
        return Absent(node.name, _reason(f"cannot be archived: {error}"))
    return value


@lru_cache(maxsize=1024)
def _require_archivable(types: tuple[tuple[str, pl.DataType], ...]) -> None:
    """Raises for a column or frame of these names and types that a trace cannot hold: they alone decide."""
    columns = [pl.Series(name, dtype=kind) for name, kind in types]
    encode(columns[0] if len(columns) == 1 and not types[0][0] else pl.DataFrame(columns))


def _reason(text: str) -> str:
    """A reason that is alike in every process and has a UTF-8 form: no addresses, no lone surrogates, no novels."""
    plain = _ADDRESS.sub("", text).encode("utf-8", "backslashreplace").decode()
    return plain if len(plain) <= _MOST_CHARACTERS else f"{plain[:_MOST_CHARACTERS]}..."
