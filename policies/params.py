"""Parameters of a policy that no node reads: numbers, words and days by name, with every fault at its place.

A policy without rules can say what a study, a backtest or a scenario rests on. Whoever uses one reads each parameter by
name through a `ParamReading`; what is missing, out of bounds or unknown is told at once, with line and mend.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

from nodes.vocabulary.errors import Fault, PolicyError
from policies.parse import ParsedPolicy

_T = TypeVar("_T")


class ParamReading:
    """Parameters of a parsed policy being read, and what is wrong with them.

    Args:
        parsed: the policy.
        purpose: what it is for, as a fault says it: "a backtest".
    """

    def __init__(self, parsed: ParsedPolicy, purpose: str) -> None:
        self._parsed = parsed
        self._purpose = purpose
        self._params: Mapping[str, Any] = parsed.policy.params
        self._read: set[str] = set()
        self._faults: list[Fault] = []

    def finish(self) -> None:
        """Raises PolicyError with everything that was wrong, parameters that nothing read included."""
        policy = self._parsed.policy
        if policy.rules or policy.signal:
            self._complain(("rules",), f"{self._purpose} decides no order, yet it has rules or a signal", "remove them")
        for name in sorted(self._params.keys() - self._read):
            self._complain(("params", name), f"{name} is no parameter of {self._purpose}", "remove it or mend its name")
        if self._faults:
            raise PolicyError(self._faults)

    def number(self, name: str, least: float, most: float) -> float:
        """A number between two, both allowed."""
        value = self._value(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            return float(value)
        return self._refused(name, value, f"a number from {least:g} to {most:g}", least)

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number between two, both allowed."""
        value = self._value(name)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        return self._refused(name, value, f"a whole number from {least} to {most:,}", least)

    def amount(self, name: str, least: Decimal) -> Decimal:
        """An amount of money of at least so much."""
        value = self._value(name)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            amount = value if isinstance(value, Decimal) else Decimal(repr(value))
            if amount >= least:
                return amount
        return self._refused(name, value, f"an amount from {least}", least)

    def amounts(self, name: str, least: Decimal) -> tuple[Decimal, ...]:
        """Ascending amounts of money of at least so much; none is allowed."""
        value = self._value(name)
        is_amounts = isinstance(value, tuple) and all(isinstance(each, Decimal) and each >= least for each in value)
        if is_amounts and list(value) == sorted(set(value)):
            return cast("tuple[Decimal, ...]", value)
        return self._refused(name, value, f"a list of ascending amounts from {least}", ())

    def word(self, name: str) -> str:
        """A word, or several with spaces between them."""
        value = self._value(name)
        if isinstance(value, str) and value.strip():
            return value
        return self._refused(name, value, "a word", "")

    def words(self, name: str) -> tuple[str, ...]:
        """Different words; none is allowed."""
        value = self._value(name)
        if isinstance(value, tuple) and all(isinstance(each, str) for each in value) and len(set(value)) == len(value):
            return value
        return self._refused(name, value, "a list of different words", ())

    def days(self, name: str) -> tuple[date, ...]:
        """Days, ascending; none is allowed."""
        value = self._value(name)
        is_days = isinstance(value, tuple) and all(isinstance(each, date) for each in value)
        if is_days and list(value) == sorted(set(value)):
            return cast("tuple[date, ...]", value)
        return self._refused(name, value, "a list of ascending days such as 2005-02-02", ())

    def refuse(self, name: str, what: str, mend: str) -> None:
        """Note that a value that could be read does not fit another one."""
        self._complain(("params", name), what, mend)

    def _value(self, name: str) -> Any:  # noqa: ANN401  # of any type until it is looked at
        self._read.add(name)
        return self._params.get(name)

    def _refused(self, name: str, value: object, wanted: str, instead: _T) -> _T:
        what = f"{name} is missing" if value is None else f"{name} was {value!r}"
        self._complain(("params", name), f"{what}, expected {wanted}", f"write {wanted}")
        return instead

    def _complain(self, place: tuple[str, ...], what: str, mend: str) -> None:
        self._faults.append(self._parsed.marks.fault(place, what, mend))
