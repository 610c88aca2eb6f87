"""Numbers of which a prover knows the order alone: products of two unknowns, and what doubles make of arithmetic."""

from __future__ import annotations

from typing import Any

import z3

from governance.proof_terms import real


class Products:
    """Products of two unknowns: numbers of which only what follows from signs and order is known.

    That keeps formulas linear, so that a solver always comes to an end. Each is known to be monotone in either factor,
    which is what two sizes at one price, or one size under two limits, are compared by.

    Attributes:
        axioms: what is known of them.
        kept: terms that live as long, so that nothing else takes their identities.
    """

    def __init__(self) -> None:
        self.axioms: list[Any] = []
        self.kept: list[Any] = []
        self._of: dict[tuple[int, int], tuple[Any, Any, Any]] = {}
        self._monotone: dict[Any, dict[int, tuple[Any, Any]]] = {}

    def product(self, one: Any, other: Any) -> Any:  # noqa: ANN401
        """The product of two terms."""
        one, other = sorted((z3.simplify(real(one)), z3.simplify(real(other))), key=lambda term: term.get_id())
        if z3.is_rational_value(one) or z3.is_rational_value(other):
            return one * other
        key = (one.get_id(), other.get_id())
        if key not in self._of:
            found = z3.FreshReal("product")
            for factors in list(self._of.values()):
                self._compare((one, other, found), factors)
            self._of[key] = (one, other, found)
            signs = ((one >= 0) == (other >= 0), found >= 0), ((one >= 0) == (other <= 0), found <= 0)
            self.axioms += [z3.Implies(*sign) for sign in signs]
            self.axioms += [(found == 0) == z3.Or(one == 0, other == 0)]
            for factor, rest in ((one, other), (other, one)):
                self.axioms += [z3.Implies(factor == 1, found == rest), z3.Implies(factor == -1, found == -rest)]
                self.axioms.append(z3.Implies(z3.And(factor >= 1, rest >= 0), found >= rest))
        return self._of[key][2]

    def monotone(self, key: Any, argument: Any) -> Any:  # noqa: ANN401
        """A number of which only this is known: with one key, it never falls as its argument grows."""
        argument = z3.simplify(real(argument))
        known = self._monotone.setdefault(key, {})
        if argument.get_id() not in known:
            found = z3.FreshReal("rounded")
            for other, value in known.values():
                self.axioms.append(z3.Implies(argument <= other, found <= value))
                self.axioms.append(z3.Implies(other <= argument, value <= found))
            known[argument.get_id()] = (argument, found)
        return known[argument.get_id()][1]

    def _compare(self, new: tuple[Any, Any, Any], old: tuple[Any, Any, Any]) -> None:
        for place, other_place in ((0, 0), (0, 1), (1, 0), (1, 1)):
            if new[place].get_id() != old[other_place].get_id():
                continue
            factor, one, other = new[place], new[1 - place], old[1 - other_place]
            for is_up, low, high in ((factor >= 0, one, other), (factor <= 0, other, one)):
                self.axioms += [
                    z3.Implies(z3.And(is_up, low <= high), new[2] <= old[2]),
                    z3.Implies(z3.And(is_up, high <= low), old[2] <= new[2]),
                    z3.Implies(z3.And(factor != 0, is_up, low < high), new[2] < old[2]),
                    z3.Implies(z3.And(factor != 0, is_up, high < low), old[2] < new[2]),
                ]
                self.axioms.append(z3.Implies(one == -other, new[2] == -old[2]))
