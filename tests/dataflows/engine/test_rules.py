"""Rules in Python and in polars say what DuckDB says (ENG-01)."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.engine.rules import rule_expression, rule_function, rule_names, typed_rule
from nodes.vocabulary.units import Unit
from policies.grammar import Expression, printed, rule_tree
from tests.strategies import RULE_TYPES, rule_rows, rule_trees

UNITS = {name: Unit(base.__name__, base) for name, base in RULE_TYPES.items()}
SQL_TYPES = {float: "DOUBLE", int: "BIGINT", Decimal: "DECIMAL(38, 6)", str: "VARCHAR", bool: "BOOLEAN"}
POLARS_TYPES: dict[type, Any] = {
    float: pl.Float64,
    int: pl.Int64,
    Decimal: pl.Decimal(38, 6),
    str: pl.String,
    bool: pl.Boolean,
}


def refused(what: str, mend: str, offset: int = 0) -> None:
    """Fails a test in which a sound rule is refused."""
    raise AssertionError((what, mend, offset))


def typed(tree: Expression) -> Expression:
    return typed_rule(tree, UNITS, refused)


def in_python(tree: Expression, rows: list[dict[str, Any]]) -> list[bool | None]:
    function, names = rule_function(tree, UNITS), rule_names(tree)
    return [function(*(row[name] for name in names)) for row in rows]


def in_polars(tree: Expression, rows: list[dict[str, Any]]) -> list[bool | None]:
    schema = {name: POLARS_TYPES[base] for name, base in RULE_TYPES.items()}
    outcomes = pl.DataFrame([[row[name] for name in schema] for row in rows], schema=schema, orient="row").select(
        outcome=rule_expression(tree, UNITS)
    )["outcome"]
    return outcomes.to_list() * (len(rows) if len(outcomes) < len(rows) else 1)


def in_duckdb(text: str, rows: list[dict[str, Any]], database: duckdb.DuckDBPyConnection) -> list[bool | None]:
    columns = ", ".join(f'"{name}" {SQL_TYPES[base]}' for name, base in RULE_TYPES.items())
    database.execute(f"CREATE OR REPLACE TABLE facts (row_number BIGINT, {columns})")
    marks = ", ".join("?" for _ in range(len(RULE_TYPES) + 1))
    for number, row in enumerate(rows):
        values = [row[name] for name in RULE_TYPES]
        normal = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
        database.execute(f"INSERT INTO facts VALUES ({marks})", [number, *normal])  # noqa: S608  # question marks only
    found = database.execute(f"SELECT {text} FROM facts ORDER BY row_number").fetchall()  # noqa: S608  # printed by us
    return [outcome for (outcome,) in found]


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


@settings(max_examples=150)
@given(tree=rule_trees(), rows=st.lists(rule_rows(), min_size=1, max_size=4))
def test_a_rule_says_the_same_in_python_polars_and_duckdb(
    database: duckdb.DuckDBPyConnection, tree: Expression, rows: list[dict[str, Any]]
) -> None:
    expected = in_duckdb(printed(tree), rows, database)
    assert in_python(typed(tree), rows) == expected
    assert in_polars(typed(tree), rows) == expected


@pytest.mark.parametrize(
    ("text", "value", "outcome"),
    [
        ("drift_frac >= 5", math.nan, None),
        ("NOT drift_frac >= 5", math.nan, None),
        ("drift_frac = drift_frac", math.nan, None),
        ("drift_frac IS NULL", math.nan, True),
        ("drift_frac = 0", -0.0, True),
        ("drift_frac > 1", math.inf, True),
        ("drift_frac IN (1, 2)", None, None),
        ("drift_frac BETWEEN 1 AND 0", 0.5, False),
    ],
)
def test_odd_values_follow_sql(text: str, value: float | None, outcome: bool | None) -> None:  # noqa: FBT001
    assert rule_function(typed(rule_tree(text)), UNITS)(value) is outcome


def test_values_that_hold_many_are_not_compared() -> None:
    """Python would answer with a column of truth values, which is no outcome."""
    found: list[str] = []
    units = {"a_row": Unit("FracRow", pl.Series), "b_row": Unit("FracRow", pl.Series)}
    typed_rule(
        rule_tree("a_row = b_row"), units, lambda what, mend, offset=0: found.append(f"{what}; {mend}; {offset}")
    )
    assert found == ["a_row is FracRow, which holds many values; compare a node that makes one value of it; 0"]


def test_a_true_part_decides_a_disjunction_with_an_unknown_part() -> None:
    assert rule_function(typed(rule_tree("drift_frac > 1 OR order_shares > 1")), UNITS)(None, 5) is True


def test_a_false_part_decides_a_conjunction_with_an_unknown_part() -> None:
    function = rule_function(typed(rule_tree("drift_frac > 1 AND order_shares > 1")), UNITS)
    assert function(None, 0) is False


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("drift_frac <= cash_usd", "drift_frac is float but cash_usd is Decimal"),
        ("drft_frac <= limit_frac", "unknown name drft_frac"),
        ("order_shares <= 1.5", r"literal Decimal\('1.5'\) is Decimal, expected int"),
        ("is_open < is_halted", "is a truth value and has no order"),
        ("symbol = 5", "literal 5 is int, expected str"),
        ("NOT symbol", "symbol is str, not a truth value"),
        ("drift_frac IN (limit_frac, cash_usd)", "cash_usd is Decimal"),
        ("order_shares BETWEEN lot_shares AND drift_frac", "drift_frac is float"),
    ],
)
def test_a_rule_of_unlike_operands_is_refused_with_a_mend(text: str, what: str) -> None:
    found: list[str] = []
    typed_rule(rule_tree(text), UNITS, lambda what, mend, offset=0: found.append(f"{offset}: {what}; {mend}"))
    assert any(re.search(what, line) for line in found), found
