"""The rule language: text to typed tree and back (DESIGN section 3, Rules).

A rule is a boolean SQL expression over names and literals. sqlglot reads it; whatever is not on the
closed list below is refused, so the tree is ours and the same text runs in a database. Negated IN,
BETWEEN and IS NULL are one form each, NOT NOT is nothing, AND and OR are flat: two spellings of one rule
are one tree.
Types and units are checked in `dataflows.engine`, where the nodes are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from nodes.vocabulary.errors import PolicyError
from policies.lexis import Word, rule_words
from policies.slips import Slip, quoted


@dataclass(frozen=True)
class Name:
    """The value of a node or a limit. Alone where a claim is wanted, it is a flag that must be true."""

    name: str
    column_offset: int = field(default=0, compare=False)


@dataclass(frozen=True, eq=False)
class Literal:
    """A constant: whole number, exact decimal with a fractional part, text or truth value."""

    value: int | float | Decimal | str | bool
    column_offset: int = 0

    def __eq__(self, other: object) -> bool:
        """Equal in type and value: TRUE and 1 are two literals."""
        return isinstance(other, Literal) and (type(self.value), self.value) == (type(other.value), other.value)

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


Operand: TypeAlias = Name | Literal


@dataclass(frozen=True)
class Comparison:
    """`left op right`; op is one of = <> < <= > >=."""

    op: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class In:
    """`operand [NOT] IN (items)`."""

    operand: Name
    items: tuple[Operand, ...]
    negated: bool = False


@dataclass(frozen=True)
class Between:
    """`operand [NOT] BETWEEN low AND high`, both ends included."""

    operand: Operand
    low: Operand
    high: Operand
    negated: bool = False


@dataclass(frozen=True)
class IsNull:
    """`operand IS [NOT] NULL`: never unknown."""

    operand: Name
    negated: bool = False


@dataclass(frozen=True)
class Not:
    """`NOT item`; only over a comparison, a flag, an And or an Or: the others carry their own negation."""

    item: Expression


@dataclass(frozen=True)
class And:
    """All items hold; at least two, none of them an And."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Or:
    """Some item holds; at least two, none of them an Or."""

    items: tuple[Expression, ...]


Expression: TypeAlias = Comparison | In | Between | IsNull | Not | And | Or | Name

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_FORMS: dict[type[exp.Expr], str] = {
    exp.In: "write name IN (literal, literal)",
    exp.Between: "write name BETWEEN low AND high",
}


def rule_tree(text: str, file: str = "rule", line: int = 1, column: int = 1) -> Expression:
    """The tree of a rule text that begins at line and column of a file. Raises PolicyError with every fault."""
    tree, slips = tree_or_slips(text)
    if tree is None:
        raise PolicyError(slip.fault(file, line, column + slip.offset) for slip in slips)
    return tree


@lru_cache(maxsize=4096)
def tree_or_slips(text: str) -> tuple[Expression | None, tuple[Slip, ...]]:
    """The tree of a rule text, or None and what is wrong with it."""
    words, slips = rule_words(text)
    if slips:
        return None, slips
    try:
        parsed = _parsed(text)
    except ParseError:
        return None, (_unreadable(text),)
    reading = _Reading(words)
    try:
        return reading.claim(parsed), ()
    except _RefusedError as refused:
        return None, (refused.slip,)


def names(tree: Expression) -> tuple[str, ...]:
    """The names that a tree reads, sorted, each once."""
    return tuple(sorted({leaf.name for leaf in leaves(tree) if isinstance(leaf, Name)}))


def leaves(tree: Expression | Operand) -> Iterator[Operand]:
    """The names and literals of a tree, in the order of the text."""
    match tree:
        case Name() | Literal():
            yield tree
        case Comparison(_, left, right):
            yield from (left, right)
        case In(operand, items):
            yield from (operand, *items)
        case Between(operand, low, high):
            yield from (operand, low, high)
        case IsNull(operand):
            yield operand
        case Not(item):
            yield from leaves(item)
        case And(items) | Or(items):
            for item in items:
                yield from leaves(item)


def printed(tree: Expression | Operand) -> str:
    """The one canonical text of a tree, with the fewest brackets; `rule_tree(printed(tree)) == tree`."""
    match tree:
        case Name(name):
            return name
        case Literal(value):
            return _printed_literal(value)
        case Not(item):
            return f"NOT ({printed(item)})" if isinstance(item, And | Or) else f"NOT {printed(item)}"
        case And(items):
            return " AND ".join(f"({printed(item)})" if isinstance(item, Or) else printed(item) for item in items)
        case Or(items):
            return " OR ".join(printed(item) for item in items)
        case _:
            return _printed_predicate(tree)


def _printed_predicate(tree: Comparison | In | Between | IsNull) -> str:
    match tree:
        case Comparison(op, left, right):
            return f"{printed(left)} {op} {printed(right)}"
        case In(operand, items, negated):
            listed = ", ".join(printed(item) for item in items)
            return f"{printed(operand)} {'NOT ' * negated}IN ({listed})"
        case Between(operand, low, high, negated):
            return f"{printed(operand)} {'NOT ' * negated}BETWEEN {printed(low)} AND {printed(high)}"
        case IsNull(operand, negated):
            return f"{printed(operand)} IS {'NOT ' * negated}NULL"


def _printed_literal(value: float | Decimal | str) -> str:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return format(value, "f") if isinstance(value, Decimal) else str(value)


class _RefusedError(Exception):
    """Carries the first construct that the language does not have out of the recursion."""

    def __init__(self, slip: Slip) -> None:
        super().__init__(slip.what)
        self.slip = slip


class _Reading:
    """One pass over sqlglot's tree, in the order of the text, with the words of the text beside it.

    Every leaf of the tree must be the next leaf of the text: what sqlglot reorders or invents is refused.
    """

    def __init__(self, words: tuple[Word, ...]) -> None:
        self.words = words
        self.at = 0

    def claim(self, node: exp.Expr) -> Expression:
        """The claim that a node makes."""
        node = node.unnest()
        if isinstance(node, exp.And | exp.Or):
            return self._connected(node)
        if isinstance(node, exp.Not):
            return _negation(self.claim(self._parts(node, "this")["this"]))
        if type(node) in _COMPARISONS:
            parts = self._parts(node, "this", "expression")
            left, right = self._operand(parts["this"]), self._operand(parts["expression"])
            if isinstance(left, Literal) and isinstance(right, Literal):
                raise self._refusal("both sides are literals", "name the node that the rule is about", left)
            return Comparison(_COMPARISONS[type(node)], left, right)
        return self._predicate(node)

    def _connected(self, node: exp.And | exp.Or) -> And | Or:
        ours: type[And | Or] = And if isinstance(node, exp.And) else Or
        items: list[Expression] = []
        for part in node.flatten():
            item = self.claim(part)
            items.extend(item.items if isinstance(item, ours) else (item,))
        return ours(tuple(items))

    def _predicate(self, node: exp.Expr) -> Expression:
        if isinstance(node, exp.In):
            parts = self._parts(node, "this", "expressions")
            operand = self._name(parts["this"])
            return In(operand, tuple(self._operand(item) for item in parts["expressions"]))
        if isinstance(node, exp.Between):
            parts = self._parts(node, "this", "low", "high")
            return Between(self._operand(parts["this"]), self._operand(parts["low"]), self._operand(parts["high"]))
        if isinstance(node, exp.Is):
            parts = self._parts(node, "this", "expression")
            operand = self._name(parts["this"])
            if isinstance(parts["expression"], exp.Null):
                return IsNull(operand)
        leaf = self._operand(node)
        if isinstance(leaf, Literal):
            raise self._refusal(f"{printed(leaf)} alone is no claim", "compare it with a node", leaf)
        return leaf

    def _name(self, node: exp.Expr) -> Name:
        operand = self._operand(node)
        if isinstance(operand, Literal):
            raise self._refusal(f"{printed(operand)} is a literal", "write the name of a node here", operand)
        return operand

    def _operand(self, node: exp.Expr) -> Operand:
        node = node.unnest()
        if isinstance(node, exp.Column) and isinstance(self._parts(node, "this")["this"], exp.Identifier):
            word = self._next_word(node.name)
            return Name(word.text, word.offset)
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
            word = self._next_word(node.this.name)
            return Literal(_number(f"-{word.text}"), word.offset)
        if isinstance(node, exp.Literal):
            word = self._next_word(node.name)
            return Literal(node.name if node.is_string else _number(word.text), word.offset)
        if isinstance(node, exp.Boolean):
            return Literal(bool(node.this), self._next_word(str(node.this).upper()).offset)
        raise self._refusal(
            "a name or a literal belongs here, not an expression", "join comparisons with AND, OR and NOT"
        )

    def _parts(self, node: exp.Expr, *allowed: str) -> dict[str, exp.Expr]:
        """The parts of a node, none but the allowed ones, which must all be there."""
        parts = {key: part for key, part in node.args.items() if part}
        if set(parts) != set(allowed):
            what = f"{node.key.upper()} is not written as the rule language has it"
            raise self._refusal(what, _FORMS.get(type(node), "compare names and literals only"))
        return parts

    def _next_word(self, text: str) -> Word:
        """The next leaf of the text, which must say `text`."""
        while self.at < len(self.words) and not self.words[self.at].is_leaf:
            self.at += 1
        if self.at < len(self.words) and _said(self.words[self.at]) == text:
            self.at += 1
            return self.words[self.at - 1]
        raise self._refusal(f"{quoted(text)} cannot be placed in the rule", "add brackets")

    def _refusal(self, what: str, mend: str, leaf: Literal | None = None) -> _RefusedError:
        """A refusal at a literal, or where reading has got to."""
        offset = leaf.column_offset if leaf else self.words[min(self.at, len(self.words) - 1)].offset
        return _RefusedError(Slip(offset, what, mend))


def _said(word: Word) -> str:
    if word.kind is sqlglot.TokenType.STRING:
        return word.text[1:-1].replace("''", "'")
    return word.keyword or word.text


def _negation(item: Expression) -> Expression:
    """What NOT makes of a claim: twice is not at all, in three-valued logic too."""
    if isinstance(item, Not):
        return item.item
    if isinstance(item, In | Between | IsNull):
        return replace(item, negated=not item.negated)
    return Not(item)


def _number(text: str) -> int | Decimal:
    """A number literal: whole when it is whole, without trailing zeros otherwise."""
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else Decimal(format(exact, "f").rstrip("0"))


def _parsed(text: str) -> exp.Expr:
    """What sqlglot makes of a text; on a stack of its own when the caller's is nearly used up.

    Nesting is bounded, so a fresh stack always suffices: a rule is not refused because of who reads it.
    """
    try:
        return sqlglot.parse_one(text)
    except RecursionError:
        with ThreadPoolExecutor(max_workers=1) as fresh:
            return fresh.submit(sqlglot.parse_one, text).result()


def _unreadable(text: str) -> Slip:
    what = f"{quoted(text)} is not a rule"
    return Slip(0, what, "complete it; a rule reads like spread_bps <= max_spread_bps AND NOT is_halted")
