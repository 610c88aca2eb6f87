"""The rules of a policy in the words of other rule engines, ready to be asked about one set of values.

Each is given what it compiles beforehand and the values as it takes them, so that a call is one evaluation and nothing
else. Rego has no OR within a rule: there an OR is a rule of its own with several bodies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import cel
import celpy
import regopy
import rule_engine
import zen
from celpy.adapter import json_to_cel

from policies.grammar import And, Comparison, Expression, Literal, Name, Not, Operand, Or

Asked = Callable[[], object]
Values = Mapping[str, float | bool]


@dataclass(frozen=True)
class Dialect:
    """How a language writes a rule: its connectives, and its equality."""

    both: str
    either: str
    negation: str
    equal: str
    unequal: str = "!="
    prefix: str = ""
    true: str = "true"
    false: str = "false"

    def text(self, tree: Expression) -> str:
        """A rule in it. Raises TypeError on a form that no shipped rule has."""
        match tree:
            case And(items):
                return "(" + f" {self.both} ".join(map(self.text, items)) + ")"
            case Or(items):
                return "(" + f" {self.either} ".join(map(self.text, items)) + ")"
            case Not(item):
                return f"{self.negation}({self.text(item)})"
            case Comparison(op, left, right):
                word = {"=": self.equal, "<>": self.unequal}.get(op, op)
                return f"{self.operand(left)} {word} {self.operand(right)}"
            case Name():
                return self.operand(tree)
        message = f"{tree} has no form in the benchmark's dialects; write it with comparisons"
        raise TypeError(message)

    def listed(self, trees: Sequence[Expression]) -> str:
        """A list of rules as one expression, so that values are handed over once for all of them."""
        return "[" + ", ".join(map(self.text, trees)) + "]"

    def operand(self, operand: Operand) -> str:
        """A name or a literal in it."""
        if isinstance(operand, Name):
            return f"{self.prefix}{operand.name}"
        return _literal(operand, self.true, self.false)


def _literal(literal: Literal, true: str, false: str) -> str:
    if isinstance(literal.value, bool):
        return true if literal.value else false
    return repr(float(literal.value))


_CEL = Dialect("&&", "||", "!", "==")
_ZEN = Dialect("and", "or", "not", "==")
_RULE_ENGINE = Dialect("and", "or", "not ", "==")
_REGO = Dialect(";", "", "not ", "==", prefix="input.")


def peers(trees: Sequence[Expression], values: Values) -> dict[str, Asked]:
    """Other engines that answer whether each rule holds of the values, by name."""
    return {
        "zen-engine": _zen(trees, values),
        "common-expression-language": _cel(trees, values),
        "cel-python": _celpy(trees, values),
        "rule-engine": _rule_engine(trees, values),
        "regopy": _rego(trees, values),
    }


def _zen(trees: Sequence[Expression], values: Values) -> Asked:
    return partial(zen.compile_expression(_ZEN.listed(trees)).evaluate, dict(values))


def _cel(trees: Sequence[Expression], values: Values) -> Asked:
    return partial(cel.compile(_CEL.listed(trees)).execute, dict(values))


def _celpy(trees: Sequence[Expression], values: Values) -> Asked:
    environment = celpy.Environment()
    program = environment.program(environment.compile(_CEL.listed(trees)))
    given: Any = json_to_cel(dict(values))

    def asked() -> list[bool]:
        answers: Any = program.evaluate(given)
        return [bool(answer) for answer in answers]

    return asked


def _rule_engine(trees: Sequence[Expression], values: Values) -> Asked:
    rule, given = rule_engine.Rule(_RULE_ENGINE.listed(trees)), dict(values)
    return lambda: list(rule.evaluate(given))


def _rego(trees: Sequence[Expression], values: Values) -> Asked:
    module = _RegoModule()
    for place, tree in enumerate(trees):
        module.rule(f"rule{place}", tree)
    query = "x=[" + ", ".join(f"data.benchmark.rule{place}" for place in range(len(trees))) + "]"
    interpreter = regopy.Interpreter()
    interpreter.add_module("benchmark.rego", module.text)
    interpreter.set_input_term(json.dumps(dict(values)))
    bundle = interpreter.build(query)

    def asked() -> list[object]:
        output = interpreter.query_bundle(bundle)  # its nodes live as long as it does
        answers = output.binding("x")
        return [answers.index(place).value for place in range(len(trees))]

    return asked


class _RegoModule:
    """Rules of Rego, each false unless a body of it holds."""

    def __init__(self) -> None:
        self._lines = ["package benchmark", "import rego.v1"]

    @property
    def text(self) -> str:
        """The module."""
        return "\n".join(self._lines)

    def rule(self, name: str, tree: Expression) -> None:
        """Add a rule under a name."""
        bodies = tree.items if isinstance(tree, Or) else (tree,)
        self._lines.append(f"default {name} := false")
        for place, body in enumerate(bodies):
            self._lines.append(f"{name} if {{ {self._body(f'{name}_{place}', body)} }}")

    def _body(self, name: str, tree: Expression) -> str:
        """The conditions of a body; what Rego does not write inside one becomes a rule of its own."""
        if isinstance(tree, And):
            return "; ".join(self._body(f"{name}_{place}", item) for place, item in enumerate(tree.items))
        if isinstance(tree, Or):
            self.rule(name, tree)
            return name
        return _REGO.text(tree)
