"""An order plan as formulas: what it decides of inputs that are not fixed.

The rules, the two passes of a clip and what is unknown follow `dataflows.engine.decision` to the letter. How much is
known of the nodes is a matter of level:

    BARE    a node is a function of its arguments, and nothing else is known of it
    EXACT   its code is read where it computes with whole numbers, decimals and comparisons alone
    REAL    its code is read also where it computes with doubles, as if they did not round

What holds at BARE or EXACT holds for doubles. Nodes whose arguments are all fixed are computed by the engine itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

import z3

from dataflows.engine.evaluation import called
from dataflows.engine.plan import CONSTANT_KINDS, PROPOSED_SIZE, REDUCES_RISK, NodeKind, Plan, PlanNode, PlanRule
from dataflows.engine.rules import typed_rule
from governance.proof_kernels import KERNELS
from governance.proof_numbers import UnreadableError, base_of
from governance.proof_products import Products
from governance.proof_reading import Reading, source_tree
from governance.proof_terms import (
    Term,
    Truth,
    all_of,
    any_of,
    chosen,
    content,
    expression,
    is_known,
    none_of,
    sort,
    truth,
    unordered_names,
)
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import PlanError
from nodes.vocabulary.verdict import Verdict
from policies.grammar import rule_tree


class Level(Enum):
    """How much is known of nodes."""

    BARE = "bare"
    EXACT = "exact"
    REAL = "real"


@dataclass
class Space:
    """The values that inputs can take, and all that plans over them share.

    Attributes:
        level: how much is known of nodes.
        inputs: value or term of each input; `chosen_inputs` makes them.
        axioms: what is true of the terms.
        unread: why the code of a node was not read, by its name.
        searches: sizes at which a search for the largest that finds none is said to fail; None for none.
    """

    level: Level
    inputs: Mapping[str, Any]
    axioms: list[Any] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    products: Products = field(default_factory=Products)
    searches: list[Any] | None = None
    _nodes: dict[Any, Any] = field(default_factory=dict)
    _functions: dict[Any, Any] = field(default_factory=dict)

    def node(self, node: PlanNode, arguments: list[Any]) -> Any:  # noqa: ANN401  # a value of any node
        """What a node gives. Two plans that ask the same of the same code get the same term."""
        if not any(isinstance(argument, Term) for argument in arguments):
            return called(node, arguments)
        for place, argument in enumerate(arguments):
            if isinstance(argument, Absent) and not node.accepts_absent[place]:
                return argument
        key = (node.code_digest, tuple(_identity(argument) for argument in arguments))
        if key not in self._nodes:
            self._nodes[key] = (self._made(node, arguments), arguments)  # the arguments keep their identities
        return self._nodes[key][0]

    def _made(self, node: PlanNode, arguments: list[Any]) -> Term:
        needed = [is_known(each) for place, each in enumerate(arguments) if not node.accepts_absent[place]]
        if self.level is not Level.BARE:
            try:
                return self._read(node, arguments, needed)
            except UnreadableError as error:
                self.unread[node.name] = str(error)
        value = self._function(node, "value", sort(node.unit.base), arguments)
        known = self._function(node, "known", z3.BoolSort(), arguments)
        return Term(node.unit.base, value, all_of((*needed, known)))

    def _read(self, node: PlanNode, arguments: list[Any], needed: list[Any]) -> Term:
        if len(node.origins) != 1 or node.unit.base not in _READABLE:
            raise UnreadableError(f"gives a {node.unit.base.__name__}, or is made of several functions")
        reading = Reading(
            rounds=self.level is Level.REAL, kernels=KERNELS, products=self.products, searches=self.searches
        )
        named = dict(zip(node.arguments, map(_argument, arguments, node.accepts_absent), strict=True))
        names = [each.arg for each in source_tree(node.origins[0]).args.args]
        if set(names) != set(named):
            raise UnreadableError(f"takes {', '.join(names)}, not {', '.join(named)}")
        found = reading.inlined(node.origins[0], [named[name] for name in names])
        self.axioms += [any_of((none_of(all_of(needed)), axiom)) for axiom in reading.axioms]
        if found is None:
            return Term(node.unit.base, expression(_ZEROS[node.unit.base]), known=False)
        if base_of(found) is not node.unit.base:
            raise UnreadableError(f"gives a {base_of(found).__name__}, its unit is of {node.unit.base.__name__}")
        known = all_of((*needed, *reading.guards, is_known(found)))
        over = found.over if isinstance(found, Term) else None
        return Term(node.unit.base, _sorted(content(found), node.unit.base), known, over)

    def _function(self, node: PlanNode, what: str, of: Any, arguments: list[Any]) -> Any:  # noqa: ANN401
        """What an unread node gives: a function that its code digest names, of values and whether each is known."""
        parts = [part for argument in arguments for part in _parts(argument)]
        name = f"{node.name}-{node.code_digest.hex()[:16]}-{what}"
        key = (name, tuple(part.sort().name() for part in parts))
        if key not in self._functions:
            self._functions[key] = z3.Function(name, *(part.sort() for part in parts), of)
        return self._functions[key](*parts)

    def claim(self, plan: Plan, rule: PlanRule, values: Mapping[str, Any]) -> Truth:
        """What a rule says of values."""
        node = plan.node(rule.node)
        units = {name: plan.node(name).unit for name in node.arguments}
        tree = typed_rule(rule_tree(node.doc.formula), units, _no_fault)
        texts = unordered_names(tree, {name: unit.base for name, unit in units.items()})
        if not texts:
            return truth(tree, values)
        self.unread[node.name] = f"puts the text {texts[0]} in order"
        arguments = [values[name] for name in node.arguments]
        holds = self._function(node, "holds", z3.BoolSort(), arguments)
        unknown = self._function(node, "unknown", z3.BoolSort(), arguments)
        return Truth(all_of((holds, none_of(unknown))), all_of((none_of(holds), none_of(unknown))))


@dataclass(frozen=True)
class DecisionTerms:
    """What a plan decides.

    Attributes:
        acts: whether something is sent.
        holds: whether a person is asked.
        denies: neither.
        shares: how many shares are sent, without their side; of no meaning unless it acts.
    """

    acts: Any
    holds: Any
    denies: Any
    shares: Any


class PlanValues:
    """The values that rules of one plan read, at the proposed size of the order and at any other.

    Attributes:
        plan: the plan.
        first: values at the proposed size.
    """

    def __init__(self, plan: Plan, space: Space, rules: Sequence[PlanRule] | None = None) -> None:
        self.plan = plan
        self._space = space
        self._rules = deciding_rules(plan) if rules is None else rules
        needed = decisive_names(plan, self._rules)
        self._nodes = tuple(node for node in plan.nodes if node.name in needed)
        self.first: Mapping[str, Any] = {}
        self.first = self.at(space.inputs[PROPOSED_SIZE])

    def at(self, size: Any) -> dict[str, Any]:  # noqa: ANN401
        """Every needed node's value at a size; those that do not depend on it are as they were at first."""
        values: dict[str, Any] = {}
        for node in self._nodes:
            if node.kind in CONSTANT_KINDS:
                values[node.name] = node.value
            elif node.kind is NodeKind.INPUT:
                values[node.name] = self._space.inputs[node.name]
            elif node.kind is NodeKind.SIZE:
                values[node.name] = size
            elif node.kind is not NodeKind.RULE:
                is_kept = not node.is_sized and node.name in self.first
                arguments = [values[name] for name in node.arguments]
                values[node.name] = self.first[node.name] if is_kept else self._space.node(node, arguments)
        return values

    def said(self, values: Mapping[str, Any]) -> Iterator[tuple[str, dict[Verdict, Any]]]:
        """By rule id, when it contributes each verdict that is graver than a warning."""
        reduces = values.get(REDUCES_RISK, False)
        is_reducing = all_of((is_known(reduces), _as_bool(content(reduces))))
        for rule in self._rules:
            found = self._space.claim(self.plan, rule, values)
            applies = none_of(is_reducing) if rule.skips_reducing else True
            unknown = all_of((none_of(found.holds), none_of(found.fails)))
            said = dict.fromkeys(SPOKEN, False)
            if rule.effect in said:
                said[rule.effect] = all_of((applies, found.fails))
            if not rule.on_unknown_warns:
                said[Verdict.DENY] = any_of((said[Verdict.DENY], all_of((applies, unknown))))
            yield rule.rule_id, said


class PlanTerms:
    """One plan over a space of inputs.

    Attributes:
        plan: the plan.
        decision: what it decides.
    """

    def __init__(self, plan: Plan, space: Space) -> None:
        self.plan = plan
        self._values = PlanValues(plan, space)
        self.decision = self._decision(space.inputs[PROPOSED_SIZE])

    def _decision(self, proposed: Any) -> DecisionTerms:  # noqa: ANN401
        said = dict(self._values.said(self._values.first))
        by_effect = {effect: any_of(each[effect] for each in said.values()) for effect in SPOKEN}
        is_order = all_of((is_known(proposed), expression(content(proposed)) != 0))
        is_quiet = all_of(none_of(by_effect[effect]) for effect in SPOKEN)
        is_clipped = all_of((none_of(by_effect[Verdict.DENY]), none_of(by_effect[Verdict.REVIEW]), by_effect[_CLIP]))
        holds = all_of((is_order, none_of(by_effect[Verdict.DENY]), by_effect[Verdict.REVIEW]))
        whole = _size_of(expression(content(proposed)))
        if by_effect[_CLIP] is False:
            acts, shares = all_of((is_order, is_quiet)), whole
        else:
            left = self._left(whole, said)
            acts = all_of(
                (is_order, any_of((is_quiet, all_of((is_clipped, left > 0, self._holds_at(proposed, left))))))
            )
            shares = chosen(is_clipped, left, whole)
        return DecisionTerms(acts, holds, none_of(any_of((acts, holds))), shares)

    def _left(self, whole: Any, said: Mapping[str, Mapping[Verdict, Any]]) -> Any:  # noqa: ANN401
        """Shares that the caps of the clip rules that fail leave, in whole lots; 0 where a cap is absent."""
        left = whole
        for rule in self.plan.rules:
            if rule.cap is None:
                continue
            cap = self._values.first[rule.cap]
            value = chosen(is_known(cap), expression(content(cap)), z3.IntVal(0))
            is_less = all_of((said[rule.rule_id][_CLIP], _as_bool(value < left)))
            left = chosen(is_less, value, left)
        left = chosen(_as_bool(left < 0), z3.IntVal(0), left)
        return left if self.plan.lot_shares == 1 else left / self.plan.lot_shares * self.plan.lot_shares

    def _holds_at(self, proposed: Any, left: Any) -> Any:  # noqa: ANN401
        """Whether every rule but a warning holds at the clipped size."""
        size = Term(int, chosen(_as_bool(expression(content(proposed)) > 0), left, -left), is_known(proposed))
        again = self._values.said(self._values.at(size))
        return none_of(any_of(each for _, said in again for each in said.values()))


def deciding_rules(plan: Plan) -> tuple[PlanRule, ...]:
    """The rules that can change what is done: all but those that only ever warn."""
    return tuple(rule for rule in plan.rules if rule.effect is not Verdict.WARN or not rule.on_unknown_warns)


def decisive_names(plan: Plan, rules: Sequence[PlanRule] | None = None) -> frozenset[str]:
    """The nodes that a decision rests on: all that rules (or some of them), their caps and the order's size read."""
    arguments = {node.name: node.arguments for node in plan.nodes}
    waiting = [
        name
        for rule in (deciding_rules(plan) if rules is None else rules)
        for name in (rule.node, *([rule.cap] if rule.cap else []))
    ]
    waiting += [name for name in (REDUCES_RISK, PROPOSED_SIZE) if name in arguments]
    waiting += [node.name for node in plan.nodes if node.kind is NodeKind.SIZE]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += arguments[name]
    return frozenset(found)


_CLIP = Verdict.CLIP
SPOKEN = (Verdict.DENY, Verdict.REVIEW, _CLIP)
"""The verdicts that keep an order from being sent as it was proposed."""
_READABLE = frozenset({bool, int, float, Decimal})
_ZEROS: Mapping[type, Any] = {bool: False, int: 0, float: 0.0, Decimal: Decimal(0)}


def _argument(value: Any, accepts_absent: bool) -> Any:  # noqa: ANN401, FBT001
    """An argument as code sees it: None where it is absent and the code handles that."""
    if isinstance(value, Absent):
        return None
    if isinstance(value, Term) and not accepts_absent:
        return Term(value.base, value.expr, True, value.over)  # noqa: FBT003  # the node is not called otherwise
    return value


def _parts(value: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """A value as arguments of a function: its content, alike wherever it is unknown, and whether it is known."""
    if isinstance(value, Absent) or value is None:
        return expression("absent"), z3.BoolVal(False)  # noqa: FBT003
    if not isinstance(value, Term):
        return expression(value), z3.BoolVal(True)  # noqa: FBT003
    zero = expression(_ZEROS.get(value.base, 0))
    return chosen(value.known, value.expr, _sorted(zero, value.base)), expression(value.known)


def _sorted(expr: Any, base: type) -> Any:  # noqa: ANN401
    return z3.ToReal(expr) if base in (float, Decimal) and z3.is_int(expr) else expr


def _identity(value: Any) -> Any:  # noqa: ANN401
    """What tells terms apart while they live, and concrete values always."""
    if isinstance(value, Term):
        return value.base, value.expr.get_id(), value.known if isinstance(value.known, bool) else value.known.get_id()
    return type(value), repr(value)


def _size_of(value: Any) -> Any:  # noqa: ANN401
    return z3.If(value < 0, -value, value)


def _as_bool(value: Any) -> Any:  # noqa: ANN401
    """A truth value: of Python where it is fixed."""
    if isinstance(value, bool):
        return value
    simple = z3.simplify(value)
    return True if z3.is_true(simple) else False if z3.is_false(simple) else value


def _no_fault(what: str, mend: str, offset: int = 0) -> None:
    message = f"a rule of a compiled plan {what} at {offset}; {mend}"
    raise PlanError(message)
