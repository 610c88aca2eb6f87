"""The rule language: what it reads, what it refuses and where, and that printing loses nothing."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings

from nodes.vocabulary.errors import PolicyError
from policies.grammar import (
    And,
    Between,
    Comparison,
    Expression,
    In,
    IsNull,
    Literal,
    Name,
    Not,
    Or,
    leaves,
    names,
    printed,
    rule_tree,
)
from tests.strategies import rule_trees

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a = b", Comparison("=", A, B)),
        ("a <> 1", Comparison("<>", A, Literal(1))),
        ("a < 0.050", Comparison("<", A, Literal(Decimal("0.05")))),
        ("a <= 5.0", Comparison("<=", A, Literal(5))),
        ("a > -2.5e3", Comparison(">", A, Literal(-2500))),
        ("a >= -0.0", Comparison(">=", A, Literal(0))),
        ("1e-3 < a", Comparison("<", Literal(Decimal("0.001")), A)),
        ("a = 'it''s'", Comparison("=", A, Literal("it's"))),
        ("a = TRUE", Comparison("=", A, Literal(value=True))),
        ("a = false", Comparison("=", A, Literal(value=False))),
        ("a IN (1, -2, b)", In(A, (Literal(1), Literal(-2), B))),
        ("a NOT IN ('ON', 'NO')", In(A, (Literal("ON"), Literal("NO")), negated=True)),
        ("a BETWEEN b AND 2", Between(A, B, Literal(2))),
        ("a not between 1 and 2", Between(A, Literal(1), Literal(2), negated=True)),
        ("a IS NULL", IsNull(A)),
        ("a IS NOT NULL", IsNull(A, negated=True)),
        ("a", A),
        ("NOT a", Not(A)),
        ("NOT a = b", Not(Comparison("=", A, B))),
        ("a AND b OR c", Or((And((A, B)), C))),
        ("a AND (b OR c)", And((A, Or((B, C))))),
        ("a BETWEEN 1 AND 2 AND b", And((Between(A, Literal(1), Literal(2)), B))),
    ],
)
def test_rule_text_reads_as_its_tree(text: str, tree: Expression) -> None:
    assert rule_tree(text) == tree


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a<=b", "  a\n <=  b "),
        ("a and (b and c)", "((a AND b)) AND c"),
        ("NOT a IN (1)", "a NOT IN (1.0)"),
        ("NOT (a IS NULL)", "a IS NOT NULL"),
        ("NOT a NOT BETWEEN 1 AND 2", "a BETWEEN 1 AND 2"),
        ("NOT NOT a = b", "a = b"),
        ("(a) = (5)", "a = 5"),
    ],
)
def test_spellings_of_one_rule_are_one_tree(one: str, other: str) -> None:
    assert rule_tree(one) == rule_tree(other)
    assert printed(rule_tree(one)) == printed(rule_tree(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("a = b", "a = B"), ("a = 1", "a = TRUE"), ("a = 0.1", "a = 0.10001"), ("a = '1'", "a = 1"), ("a < b", "b > a")],
)
def test_rules_that_differ_are_different_trees(one: str, other: str) -> None:
    assert rule_tree(one) != rule_tree(other)


@given(rule_trees())
def test_printed_tree_reads_back_as_an_equal_tree(tree: Expression) -> None:
    assert rule_tree(printed(tree)) == tree
    assert printed(rule_tree(printed(tree))) == printed(tree)


@given(rule_trees())
@settings(max_examples=50)
def test_printed_tree_is_sql_that_a_database_reads_with_the_same_names(tree: Expression) -> None:
    found = duckdb.execute("SELECT json_serialize_sql(?)", [f"SELECT {printed(tree)}"]).fetchall()[0][0]
    assert '"error":false' in found
    assert all(f'"{name}"' in found for name in names(tree))


@given(rule_trees())
def test_names_are_the_sorted_names_among_the_leaves(tree: Expression) -> None:
    assert names(tree) == tuple(sorted({leaf.name for leaf in leaves(tree) if isinstance(leaf, Name)}))


def test_names_and_literals_know_where_they_stand() -> None:
    text = "cash_usd >= 5 AND order_shares IN (1, cash_usd)"
    assert [leaf.column_offset for leaf in leaves(rule_tree(text))] == [0, 12, 18, 35, 38]


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("", 0, "the rule is empty; write what must hold"),
        ("   ", 0, "the rule is empty"),
        ("a != b", 2, "!= is not in the rule language; write <>"),
        ("a == b", 2, "== is not in the rule language; write ="),
        ("a <=> b", 2, "'<=>' is not in the rule language"),
        ("a + 1 < b", 2, r"\+ is arithmetic; a rule has no arithmetic; make it a node"),
        ("a - 1 < b", 2, "- is arithmetic"),
        ("a = -b", 4, "a minus sign goes before a number only"),
        ("a = - - 5", 4, "a minus sign goes before a number only"),
        ("a * b = 1", 2, r"\* is arithmetic"),
        ("a / b = 1", 2, "/ is arithmetic"),
        ("a % b = 1", 2, "% is arithmetic"),
        ("a || b = 'x'", 2, r"\|\| joins texts"),
        ("abs(a) < 1", 0, r"abs\(...\) is a function call; make it a node"),
        ("CAST(a AS int) = 1", 0, "CAST"),
        ("a::int = 1", 1, ":: is a cast"),
        ("CASE WHEN a THEN b END", 0, "CASE is a word of SQL that the rule language does not have"),
        ("a IN (SELECT 1)", 6, "SELECT is a word of SQL"),
        ("EXISTS (a)", 0, "EXISTS is a word of SQL"),
        ("a LIKE 'x'", 2, "LIKE is a word of SQL"),
        ("date = 5", 0, "date is a word of SQL that the rule language does not have; make it a node, or give the node"),
        ("a = 1; b = 2", 5, "; ends a statement; write each claim as a rule of its own"),
        ("a = 1 -- so", 4, r"a comment \('so'\) would not reach the trace"),
        ("a /* so */ = 1", 0, "a comment"),
        ("a = ?", 4, r"\? is a parameter slot; name a limit"),
        ("a = :limit", 4, ": begins a parameter slot"),
        ("a = @limit", 4, "@ begins a parameter slot"),
        ("a = $1", 4, r"'\$1' is no name"),
        ('"a" = 1', 0, '"a" is a quoted name; write it bare'),
        ("`a` = 1", 0, "'`' is not in the rule language"),
        ("t.a = 1", 1, "names have no dots"),
        ("a[0] = 1", 1, r"\[ reaches into a value"),
        ("a = {b: 1}", 4, "'{' is not in the rule language"),
        ("a = .5", 4, "numbers begin with a digit"),
        ("a = 5.", 4, "'5.' is no number"),
        ("a = 1e", 4, "'1e' is no number"),
        ("a = 0x1F", 5, "'x1F' follows '0' with nothing between them"),
        ("a = 1_000", 5, "'_000' follows '1'"),
        ("a = 1e99", 4, "'1e99' has more than 28 digits"),
        ("a = é", 4, "'é' is no name"),
        ("a b", 2, "'b' follows 'a' with nothing between them"),
        ("a = 'x' 'y'", 8, "\"'y'\" follows"),
        ("a = 'x", 4, '"\'x" is not finished; close the quote'),
        ("a = NULL", 4, "a comparison with NULL is never true; write name IS NULL"),
        ("a NOT NULL", 6, "a comparison with NULL is never true"),
        ("a IN (1, NULL)", 9, "NULL in an IN list matches nothing; remove it"),
        ("a IS TRUE", 2, "IS is only for IS NULL and IS NOT NULL"),
        ("a IS NOT b", 2, "IS is only for IS NULL and IS NOT NULL"),
        ("a IN ()", 0, "IN is not written as the rule language has it"),
        ("a IN b", 0, "IN is not written as the rule language has it"),
        ("5 IN (a)", 0, "5 is a literal; write the name of a node"),
        ("5 IS NULL", 0, "5 is a literal; write the name of a node"),
        ("a < b < c", 0, "a name or a literal belongs here, not an expression"),
        ("(a < b) = TRUE", 0, "a name or a literal belongs here"),
        ("a = NOT b", 2, "a name or a literal belongs here"),
        ("TRUE", 0, "TRUE alone is no claim; compare it with a node"),
        ("a AND 'x'", 6, "'x' alone is no claim"),
        ("1 = 1", 0, "both sides are literals; name the node"),
        ("a =", 0, "'a =' is not a rule; complete it"),
        ("AND", 0, "'AND' is not a rule"),
        ("(a", 0, r"\( is never closed"),
        ("a)", 1, r"\) closes no bracket"),
        ("a, b", 0, "is not a rule"),
    ],
)
def test_what_the_language_lacks_is_refused_at_its_place(text: str, offset: int, message: str) -> None:
    with pytest.raises(PolicyError, match=message) as refused:
        rule_tree(text, "v3.yaml", 7, 10)
    assert (7, 10 + offset) in [(fault.line, fault.column) for fault in refused.value.faults]


def test_literal_is_never_equal_to_what_is_no_literal() -> None:
    assert Literal(1) != 1
    assert len({Literal(1), Literal(1, 5), Literal(value=True)}) == 2


def test_every_fault_of_a_rule_is_told_at_once() -> None:
    with pytest.raises(PolicyError, match="!=") as refused:
        rule_tree("a != 1 AND f(b) = c + NULL")
    assert [fault.column for fault in refused.value.faults] == [3, 12, 21, 23]


@pytest.mark.parametrize(
    "text",
    ["(" * 900 + "a" + ")" * 900, "(" * 33 + "a" + ")" * 33, "NOT " * 33 + "a", "NOT (" * 17 + "a" + ")" * 17],
)
def test_nesting_over_32_is_refused_before_it_is_parsed(text: str) -> None:
    with pytest.raises(PolicyError, match="nested deeper than 32; remove brackets"):
        rule_tree(text)


def test_hundred_thousand_brackets_are_one_clear_fault() -> None:
    with pytest.raises(PolicyError, match="has 100000 characters, expected at most 2000; split it"):
        rule_tree("(" * 100_000)


def test_rule_of_2000_characters_is_read_and_of_2001_is_not() -> None:
    text = "a" * 1996 + " = b"
    assert names(rule_tree(text)) == ("a" * 1996, "b")
    with pytest.raises(PolicyError, match="has 2001 characters"):
        rule_tree(text + " ")


def test_nesting_of_32_is_read_on_a_stack_that_is_nearly_used_up() -> None:
    text = "(a = 1 OR " * 31 + "NOT b" + ")" * 31

    def below(n_frames: int) -> Expression:
        return below(n_frames - 1) if n_frames else rule_tree(text)

    assert below(500) == below(0)
