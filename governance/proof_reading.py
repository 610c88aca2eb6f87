"""Reads the code of a node as a formula over unknown numbers: its source, statement by statement, both ways of each if.

What can be read: assignments, conditions, returns, functions within functions, arithmetic, comparisons, calls of small
functions (read in turn) and of the kernels that `governance.proof_kernels` knows. Anything else is unreadable and says
why; the node is then a function of which nothing is known but that it is one. An exception makes a node absent, as it
does in the engine.

Whole numbers, decimals (to 34 digits) and comparisons are exact in both. Doubles round: sums, products and quotients of
them are read only where `rounds` allows it, and then as if they were exact.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, is_dataclass
from functools import lru_cache
from typing import Any

import msgspec
import z3

from governance.proof_numbers import NUMBERS, UnreadableError, as_base, flag, joined, wider
from governance.proof_products import Products
from governance.proof_terms import Term, all_of, any_of, compared, none_of, real

MAX_DEPTH = 8
"""Calls within calls that are followed."""
_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.NotEq: "<>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_PYTHON: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
}


@dataclass(frozen=True)
class Poison:
    """A name whose value could not be read; only its use matters."""

    reason: str


@dataclass(frozen=True)
class Closure:
    """A function within a function, or a lambda, with what it sees."""

    arguments: tuple[str, ...]
    body: tuple[ast.stmt, ...]
    names: Mapping[str, Any]
    globals: Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """A value of a class of fields."""

    kind: type
    fields: Mapping[str, Any]


@dataclass
class _Scope:
    """Names of a function's run, and the globals it falls back on."""

    names: dict[str, Any]
    globals: Mapping[str, Any]

    def copy(self) -> _Scope:
        return _Scope(dict(self.names), self.globals)


Kernel = Callable[["Reading", Sequence[Any]], Any]


@dataclass
class Reading:
    """One reading of one node's code.

    Attributes:
        rounds: whether arithmetic on doubles may be read as if it were exact.
        kernels: functions that are known by what they promise.
        products: products of two unknowns.
        searches: sizes at which a search for the largest that finds none is said to fail; None for none.
        guards: what must be true for no exception to be raised.
        axioms: what is true of numbers that kernels made.
    """

    rounds: bool
    kernels: Mapping[Any, Kernel]
    products: Products
    searches: list[Any] | None = None
    guards: list[Any] = field(default_factory=list)
    axioms: list[Any] = field(default_factory=list)
    _depth: int = 0

    def called(self, function: Any, arguments: Sequence[Any]) -> Any:  # noqa: ANN401, PLR0911  # one line a kind
        """What a callable gives for values of which some are terms."""
        if all(_is_plain(argument) for argument in arguments) and not isinstance(function, Closure):
            return self._called_plainly(function, arguments)
        kernel = None if isinstance(function, Closure) else self.kernels.get(function)
        if kernel is not None:
            return kernel(self, arguments)
        for argument in arguments:
            if isinstance(argument, Poison):
                raise UnreadableError(argument.reason)
        if isinstance(function, Closure):
            names = dict(zip(function.arguments, arguments, strict=True))
            return self._run(function.body, _Scope({**function.names, **names}, function.globals))
        if hasattr(function, "__supertype__"):
            return arguments[0]
        if isinstance(function, type) and (issubclass(function, msgspec.Struct) or is_dataclass(function)):
            return Record(function, dict(zip(inspect.signature(function).parameters, arguments, strict=False)))
        if inspect.ismethod(function):
            return self.inlined(function.__func__, [function.__self__, *arguments])
        if inspect.isfunction(function):
            return self.inlined(function, arguments)
        raise UnreadableError(f"calls {getattr(function, '__name__', function)}")

    def _called_plainly(self, function: Any, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
        try:
            return function(*arguments)
        except Exception:  # noqa: BLE001  # an exception makes the node absent, whatever it is
            self.guards.append(False)
            return None

    def inlined(self, function: Any, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
        """What the code of a function gives for values of which some are terms."""
        read = source_tree(function)
        names = [argument.arg for argument in (*read.args.posonlyargs, *read.args.args)]
        if len(names) != len(arguments) or read.args.vararg or read.args.kwonlyargs:
            raise UnreadableError(f"calls {function.__name__} with arguments of a form that is not read")
        return self._run(tuple(read.body), _Scope(dict(zip(names, arguments, strict=True)), function.__globals__))

    def _run(self, body: tuple[ast.stmt, ...], scope: _Scope) -> Any:  # noqa: ANN401
        if self._depth >= MAX_DEPTH:
            raise UnreadableError(f"calls functions more than {MAX_DEPTH} deep")
        self._depth += 1
        try:
            return self.block(body, scope)
        finally:
            self._depth -= 1

    @contextmanager
    def _where(self, condition: Any) -> Iterator[None]:  # noqa: ANN401
        """What is read here happens only where the condition is true."""
        outer, self.guards = self.guards, []
        try:
            yield
        finally:
            inner, self.guards = self.guards, outer
            self.guards.append(any_of((none_of(condition), all_of(inner))))

    def block(self, body: Sequence[ast.stmt], scope: _Scope) -> Any:  # noqa: ANN401
        """What statements return; None where they return nothing."""
        for place, statement in enumerate(body):
            match statement:
                case ast.Return(value):
                    return None if value is None else self.value(value, scope)
                case ast.If(test, then, otherwise):
                    rest = body[place + 1 :]
                    return self._either(test, scope, (*then, *rest), (*otherwise, *rest))
                case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), value=ast.expr() as value):
                    scope.names[name] = self._value_or_poison(value, scope)
                case ast.Assign([ast.Tuple(names)], ast.Tuple(values)) if len(names) == len(values):
                    found = [self._value_or_poison(value, scope) for value in values]
                    scope.names.update(zip((ast.unparse(name) for name in names), found, strict=True))
                case ast.FunctionDef(name):
                    arguments = tuple(argument.arg for argument in statement.args.args)
                    scope.names[name] = Closure(arguments, tuple(statement.body), scope.names, scope.globals)
                case ast.Expr(ast.Constant()):
                    continue
                case _:
                    raise UnreadableError(f"has a {type(statement).__name__.lower()} statement")
        return None

    def _value_or_poison(self, node: ast.expr, scope: _Scope) -> Any:  # noqa: ANN401
        try:
            return self.value(node, scope)
        except UnreadableError as error:
            return Poison(str(error))

    def _either(self, test: ast.expr, scope: _Scope, then: Sequence[ast.stmt], otherwise: Sequence[ast.stmt]) -> Any:  # noqa: ANN401
        condition = self.condition(test, scope)
        if isinstance(condition, bool):
            return self.block(then if condition else otherwise, scope)
        with self._where(condition):
            one = self.block(then, scope.copy())
        with self._where(none_of(condition)):
            other = self.block(otherwise, scope.copy())
        return joined(condition, one, other)

    def condition(self, node: ast.expr, scope: _Scope) -> Any:  # noqa: ANN401
        """Whether an expression is true, as Python has it."""
        if isinstance(node, ast.BoolOp):
            return self._connected(isinstance(node.op, ast.And), node.values, scope, self.condition)
        return self.truth(self.value(node, scope))

    def truth(self, value: Any) -> Any:  # noqa: ANN401
        """Whether a value is true, as Python has it."""
        if not isinstance(value, Term):
            return bool(value)
        is_true = value.expr if value.base is bool else value.expr != 0
        return all_of((value.known, is_true))  # None is false

    def value(self, node: ast.expr, scope: _Scope) -> Any:  # noqa: ANN401, C901, PLR0911  # one case a form
        """The value of an expression."""
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return self._named(name, scope)
            case ast.UnaryOp(ast.Not(), operand):
                return flag(none_of(self.condition(operand, scope)))
            case ast.UnaryOp(ast.USub(), operand):
                return self.negative(self.value(operand, scope))
            case ast.BinOp(left, operator, right):
                return self.arithmetic(type(operator), self.value(left, scope), self.value(right, scope))
            case ast.BoolOp(operator, parts):
                return flag(self._connected(isinstance(operator, ast.And), parts, scope, self._flagged))
            case ast.Compare(left, operators, rights):
                return self._compared(left, operators, rights, scope)
            case ast.IfExp(test, then, otherwise):
                return self._one_of(test, then, otherwise, scope)
            case ast.Lambda():
                arguments = tuple(argument.arg for argument in node.args.args)
                return Closure(arguments, (ast.Return(node.body),), scope.names, scope.globals)
            case ast.Attribute(owner, name):
                return self._attribute(self.value(owner, scope), name)
            case ast.Call(function, arguments, keywords):
                target = self.value(function, scope)
                found = [self._value_or_poison(each, scope) for each in arguments]
                named = {each.arg: self._value_or_poison(each.value, scope) for each in keywords if each.arg}
                return self.called(target, _in_order(target, found, named))
            case _:
                raise UnreadableError(f"has an expression {ast.unparse(node)!r}")

    def _named(self, name: str, scope: _Scope) -> Any:  # noqa: ANN401
        if name in scope.names:
            value = scope.names[name]
        elif name in scope.globals:
            value = scope.globals[name]
        elif hasattr(builtins, name):
            value = getattr(builtins, name)
        else:
            raise UnreadableError(f"reads {name}, which is not found")
        if isinstance(value, Poison):
            raise UnreadableError(value.reason)
        return value

    def _attribute(self, owner: Any, name: str) -> Any:  # noqa: ANN401
        if not isinstance(owner, Record):
            if _is_plain(owner):
                return getattr(owner, name)
            raise UnreadableError(f"asks a value for {name}")
        if name in owner.fields:
            return owner.fields[name]
        found = inspect.getattr_static(owner.kind, name)
        if isinstance(found, property):
            return self.inlined(found.fget, [owner])
        read = source_tree(found)
        names = [argument.arg for argument in read.args.args]
        return Closure(tuple(names[1:]), tuple(read.body), {names[0]: owner}, found.__globals__)

    def _connected(
        self,
        is_and: bool,  # noqa: FBT001
        parts: Sequence[ast.expr],
        scope: _Scope,
        read: Callable[[ast.expr, _Scope], Any],
    ) -> Any:  # noqa: ANN401
        found: list[Any] = []
        for part in parts:
            reached = all_of(found) if is_and else none_of(any_of(found))
            with self._where(reached):
                found.append(read(part, scope))
        return all_of(found) if is_and else any_of(found)

    def _flagged(self, node: ast.expr, scope: _Scope) -> Any:  # noqa: ANN401
        """A truth value that is used as a value: `x or 5` gives x, not whether x is true."""
        value = self.sure(self.value(node, scope))
        if (value.base if isinstance(value, Term) else type(value)) is not bool:
            raise UnreadableError(f"gives an operand of `and` or `or`, {ast.unparse(node)}, and not whether it is true")
        return self.truth(value)

    def _compared(
        self, left: ast.expr, operators: Sequence[ast.cmpop], rights: Sequence[ast.expr], scope: _Scope
    ) -> Any:  # noqa: ANN401
        parts, one = [], self.value(left, scope)
        for operator, right in zip(operators, rights, strict=True):
            other = self.value(right, scope)
            parts.append(self._one_comparison(operator, one, other))
            one = other
        return flag(all_of(parts))

    def _one_comparison(self, operator: ast.cmpop, one: Any, other: Any) -> Any:  # noqa: ANN401
        if isinstance(operator, ast.Is | ast.IsNot) and other is None:
            known = one.known if isinstance(one, Term) else one is not None
            return known if isinstance(operator, ast.IsNot) else none_of(known)
        op = _COMPARISONS.get(type(operator))
        if op is None:
            raise UnreadableError(f"compares by {type(operator).__name__.lower()}")
        found = compared(op, self.sure(one), self.sure(other))
        return found if isinstance(one, Term) or isinstance(other, Term) else z3.is_true(z3.simplify(found))

    def _one_of(self, test: ast.expr, then: ast.expr, otherwise: ast.expr, scope: _Scope) -> Any:  # noqa: ANN401
        condition = self.condition(test, scope)
        if isinstance(condition, bool):
            return self.value(then if condition else otherwise, scope)
        with self._where(condition):
            one = self.value(then, scope)
        with self._where(none_of(condition)):
            other = self.value(otherwise, scope)
        return joined(condition, one, other)

    def sure(self, value: Any) -> Any:  # noqa: ANN401
        """A value that is used as a number: None in its place would raise."""
        if isinstance(value, Poison):
            raise UnreadableError(value.reason)
        if isinstance(value, Term):
            self.guards.append(value.known)
            return Term(value.base, value.expr, True, value.over)  # noqa: FBT003  # it is known here
        if value is None:
            self.guards.append(False)
            return 0
        if not isinstance(value, (*NUMBERS, str)):
            raise UnreadableError(f"computes with a {type(value).__name__}")
        return value

    def negative(self, value: Any) -> Any:  # noqa: ANN401
        """The number with the other sign: exact for every class."""
        sure = self.sure(value)
        return Term(sure.base, -sure.expr, True) if isinstance(sure, Term) else -sure  # noqa: FBT003

    def arithmetic(self, operator: type[ast.operator], left: Any, right: Any) -> Any:  # noqa: ANN401
        """The sum, difference, product or quotient of two numbers."""
        one, other = self.sure(left), self.sure(right)
        compute = _PYTHON.get(operator)
        if compute is None:
            raise UnreadableError(f"computes by {operator.__name__.lower()}")
        if not isinstance(one, Term) and not isinstance(other, Term):
            return self._called_plainly(compute, (one, other))
        base = wider(one, other, is_quotient=operator is ast.Div)
        base = int if base is bool else base  # as Python counts truth values
        if (base is float or operator is ast.Div) and not self.rounds:
            return self._rounded(operator, base, one, other)
        if operator is ast.Mult and isinstance(one, Term) and one.over and not isinstance(other, Term):
            return self.quotient(compute(real(one.over[0]), real(other)), one.over[1], True, base)  # noqa: FBT003
        left_expr, right_expr = as_base(base, one), as_base(base, other)
        if isinstance(other, Term) and operator is ast.Div:
            raise UnreadableError("divides by an unknown other than as a ratio")
        if isinstance(one, Term) and isinstance(other, Term) and operator is ast.Mult:
            return Term(base, self.products.product(left_expr, right_expr), True)  # noqa: FBT003
        if operator is ast.Div:
            self.guards.append(right_expr != 0)
        return Term(base, compute(left_expr, right_expr), True)  # noqa: FBT003

    def quotient(self, part: Any, whole: Any, known: Any, base: type = float) -> Term:  # noqa: ANN401
        """A quotient that remembers what it is of; whole > 0 where it is known."""
        part, whole = z3.simplify(real(part)), z3.simplify(real(whole))
        if not self.rounds:
            return Term(base, self._rounded_quotient(part, whole), known)
        if z3.is_rational_value(whole):
            return Term(base, part / whole, known)
        found = z3.FreshReal("quotient")
        self.axioms.append(any_of((whole <= 0, self.products.product(found, whole) == part)))
        return Term(base, found, known, (part, whole))

    def _rounded_quotient(self, part: Any, whole: Any) -> Any:  # noqa: ANN401
        """A quotient of which only order and sign are known: doubles keep both as they round."""
        found = self.products.monotone(("ratio", whole.get_id()), part)
        self.products.kept.append(whole)  # so that its identity stays its own
        self.axioms += [any_of((part < 0, found >= 0)), any_of((part > 0, found <= 0))]
        return found

    def _rounded(self, operator: type[ast.operator], base: type, one: Any, other: Any) -> Term:  # noqa: ANN401
        """Arithmetic that rounds, of an unknown and a constant: rounding keeps order. Raises for two unknowns."""
        if isinstance(one, Term) and isinstance(other, Term):
            raise UnreadableError("computes with two doubles, which rounds")
        unknown, constant = (one, other) if isinstance(one, Term) else (other, one)
        is_left, falls = unknown is one, False
        if operator is ast.Sub:
            falls = not is_left
        elif operator is ast.Mult or (operator is ast.Div and is_left and constant != 0):
            falls = constant < 0
        elif operator is not ast.Add:
            raise UnreadableError("divides by a double, which rounds")
        argument = -real(unknown.expr) if falls else real(unknown.expr)
        return Term(base, self.products.monotone((operator, constant, is_left), argument), True)  # noqa: FBT003

    def round(self, why: str) -> None:
        """Something is read as exact that rounds. Raises UnreadableError where that is not wanted."""
        if not self.rounds:
            raise UnreadableError(why)


def _in_order(function: Any, arguments: list[Any], named: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401
    """Arguments by position, those given by name after the others in the order in which the function has them."""
    if not named:
        return arguments
    try:
        names = list(inspect.signature(function).parameters)[len(arguments) :]
    except (TypeError, ValueError) as error:
        raise UnreadableError(f"calls {function!r} by keyword") from error
    if isinstance(function, type) and set(names[: len(named)]) != set(named):
        raise UnreadableError(f"calls {function.__name__} by keyword past a default")
    return arguments + [named[name] for name in names if name in named]


def _is_plain(value: Any) -> bool:  # noqa: ANN401
    return not isinstance(value, Term | Closure | Record | Poison)


@lru_cache(maxsize=1024)
def source_tree(function: Any) -> ast.FunctionDef:  # noqa: ANN401
    """The source of a function, parsed. Raises UnreadableError where there is none."""
    try:
        text = textwrap.dedent(inspect.getsource(function))
        tree = ast.parse(text).body[0]
    except (OSError, TypeError, SyntaxError) as error:
        raise UnreadableError(f"the source of {getattr(function, '__name__', function)} is not found") from error
    if not isinstance(tree, ast.FunctionDef) or (tree.decorator_list and not text.lstrip().startswith("@property")):
        raise UnreadableError(f"{getattr(function, '__name__', function)} is no plain function")
    return tree
