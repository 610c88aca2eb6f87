"""What a plan makes of runs that another plan recorded, computing again only what is not alike in both.

A node's computation is what its value follows from: its kind, unit and code, the policy's value, and the computations
of all that it reads. Where a recorded plan has a node of the same name and computation, the recorded value is taken:
nodes are pure, so it cannot be another. Everything else is evaluated, by the functions that any run uses, and only when
a rule, a cap or a text asks for it. Outcomes, sizes and decisions come from the very code of a run.

    alike       nodes whose computations are the same in both plans                      computations
    pass 1      truth table at the recorded proposed size                                Recomputation.decision
    pass 2      after a clip, what depends on the size: recorded where that size was     _Values
    quickly     both, while nothing that is asked for is absent                          certain_passes.CertainPass
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from dataflows.engine.certain_passes import CertainPass, objecting_rules, recorded_places
from dataflows.engine.decision import (
    Decision,
    RuleOutcome,
    TruthTable,
    absent_cap_words,
    capped_size,
    clipped,
    clipped_size,
    unclipped,
)
from dataflows.engine.evaluation import called, checked
from dataflows.engine.generated import SurpriseError
from dataflows.engine.packing import PassReading
from dataflows.engine.plan import CONSTANT_KINDS, ORDER_SIZE, REDUCES_RISK, NodeKind, Plan, PlanNode
from dataflows.engine.recorded import PlanReading
from dataflows.engine.run import MONEY
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.verdict import Action, Verdict

_WITHOUT_CODE = frozenset({NodeKind.INPUT, NodeKind.SIZE, NodeKind.GATHER, *CONSTANT_KINDS})
"""Kinds of nodes that a person wrote no function for: what they do follows from their kind and what they read."""


def computations(plan: Plan) -> dict[str, bytes]:
    """What each node of a plan computes, as a digest. A node without a code digest has none, nor has what reads it."""
    found: dict[str, bytes] = {}
    for node in plan.nodes:
        read = [found.get(name) for name in node.arguments]
        if None in read or not (node.code_digest or node.kind in _WITHOUT_CODE):
            continue
        content = (
            node.name,
            node.kind.value,
            node.unit.name,
            node.unit.base.__name__,
            node.is_sized,
            node.accepts_absent,
            node.code_digest,
            node.value if node.kind in CONSTANT_KINDS else None,
            tuple(read),
        )
        found[node.name] = digest("node-computation", encode(content))
    return found


class Recomputed:
    """What a plan makes of one recorded run.

    Attributes:
        decision: the outcome; its rules without words.
        objecting: the rules that contribute more than PASS, at the proposed size or at the final one.
    """

    __slots__ = ("_final", "_of", "_passes", "_proposed", "_size", "decision", "objecting")

    def __init__(self, passes: _Passes, decision: Decision, objecting: frozenset[str], size: int | None = None) -> None:
        self.decision, self.objecting = decision, objecting
        self._passes, self._of, self._size = passes, passes.of, size
        self._proposed: _Values | None = None
        self._final: _Values | None = None

    @property
    def worded(self) -> Decision:
        """The decision with its reasons in words: what a run of the whole snapshot says."""
        with decimal.localcontext(MONEY):
            proposed = self._of.outcomes(self._proposed_values, self._of.worded_table)
            rules = proposed if self._size is None else self._of.outcomes(self._values, self._of.worded_table)
        said = self.decision
        return Decision(said.verdict, said.action, said.order_shares, rules, proposed, said.size_reason)

    def because(self, rule_id: str) -> str:
        """What a rule that objects says for experts, where it first does."""
        with decimal.localcontext(MONEY):
            said = self._of.worded_table.because(rule_id, self._proposed_values)
            return said or self._of.worded_table.because(rule_id, self._values)

    def value(self, name: str) -> Any:  # noqa: ANN401
        """A node's value at the final size."""
        if name in self._of.fixed:
            return self._passes.final.value(self._of.places[name])
        with decimal.localcontext(MONEY):
            return self._values[name]

    @property
    def _proposed_values(self) -> _Values:
        if self._proposed is None:
            self._proposed = _Values(self._passes, self._passes.proposed_size, None)
        return self._proposed

    @property
    def _values(self) -> _Values:
        if self._size is None:
            return self._proposed_values
        if self._final is None:
            self._final = _Values(self._passes, self._size, self._proposed_values)
        return self._final


class Recomputation:
    """What a plan makes of runs that one other plan recorded.

    Args:
        reading: the recorded plan, and how its values are packed.
        plan: the plan to judge by; it can run.

    Attributes:
        plan: the plan to judge by.
        reading: the recorded plan.
        alike: nodes whose recorded values are taken.
        fixed: those of them that are recorded with each run and do not depend on the order's size.
        changed: the nodes that are computed again, in plan order; values of the policy are among them.
        lacking: inputs that the recorded snapshots do not have.
    """

    def __init__(self, reading: PlanReading, plan: Plan) -> None:
        self.plan, self.reading = plan, reading
        before, now = computations(reading.plan), computations(plan)
        self.alike = frozenset(name for name, found in now.items() if before.get(name) == found)
        self.changed = tuple(node.name for node in plan.nodes if node.name not in self.alike)
        has = {node.name for node in reading.plan.nodes if node.kind is NodeKind.INPUT}
        self.lacking = tuple(name for name in plan.inputs if name not in has)
        self.nodes = {node.name: node for node in plan.nodes}
        self.fixed = {node.name for node in plan.computed if node.name in self.alike and not node.is_sized}
        layouts = (reading.layout, reading.layout.sized)
        self.places, self.sized_places = ({node.name: at for at, node in enumerate(each.nodes)} for each in layouts)
        self.recorded_inputs = has
        self._table = TruthTable(plan, is_worded=False)
        at_final, at_proposed, anew = (recorded_places(self.alike, layouts[0], sized) for sized in (*layouts, None))
        self._at_final = CertainPass(plan, at_final, self.places[ORDER_SIZE])
        self._at_proposed = CertainPass(plan, at_proposed, self.sized_places[ORDER_SIZE])
        self._anew = CertainPass(plan, anew, None)

    @cached_property
    def worded_table(self) -> TruthTable:
        """Judges the rules and gives their reasons in words."""
        return TruthTable(self.plan)

    def decision(self, packed: Sequence[bytes]) -> Recomputed:
        """What the plan makes of a run, given the packed values of its trace."""
        passes = _Passes(self, packed)
        with decimal.localcontext(MONEY):
            try:
                return self._certain(passes)
            except Exception:  # noqa: BLE001  # a surprise of any kind: each node by itself says what it is
                return self._decided(passes)

    def _certain(self, passes: _Passes) -> Recomputed:
        """The decision when nothing that it rests on is absent. Raises an exception, of any kind, when something is."""
        final, place = passes.final, self.places[ORDER_SIZE]
        first, sized, proposed = self._at_final, final, final.slots[place]
        if passes.proposed is not None:
            first, sized, place = self._at_proposed, passes.proposed, self.sized_places[ORDER_SIZE]
            proposed = sized.slots[place]
        table = first.table(final, sized, proposed)
        if table.caps is None:
            return Recomputed(passes, unclipped(table.outcomes, proposed), table.objecting)
        size = capped_size(self.plan, first.caps(table.caps, final, sized, proposed), proposed)
        if size == proposed:
            raise SurpriseError
        is_recorded = passes.proposed is not None and size == final.slots[self.places[ORDER_SIZE]]
        second = (self._at_final if is_recorded else self._anew).table(final, final, size)
        said = clipped(table.outcomes, second.outcomes, size)
        return Recomputed(passes, said, table.objecting | second.objecting, size)

    def _decided(self, passes: _Passes) -> Recomputed:
        """The decision, each node judged by itself."""
        values = _Values(passes, passes.proposed_size, None)
        outcomes = self.outcomes(values, self._table)
        proposed, objecting = values[ORDER_SIZE], objecting_rules(outcomes)
        if isinstance(proposed, Absent):
            said = Decision(Verdict.DENY, Action.DENY, 0, outcomes, outcomes, f"the proposed size is {proposed}")
            return Recomputed(passes, said, objecting)
        size = clipped_size(self.plan, values, outcomes, proposed)
        if size is None:
            return Recomputed(passes, unclipped(outcomes, proposed), objecting)
        final = self.outcomes(_Values(passes, size, values), self._table)
        words = "" if size else absent_cap_words(self.plan, values, outcomes)
        return Recomputed(passes, clipped(outcomes, final, size, words), objecting | objecting_rules(final), size)

    def outcomes(self, values: _Values, table: TruthTable) -> tuple[RuleOutcome, ...]:
        """The truth table of some values, each found as it is asked for."""
        if REDUCES_RISK in self.nodes:
            values.setdefault(REDUCES_RISK, values[REDUCES_RISK])  # the truth table asks whether it is there
        return table.outcomes(values)


class _Passes:
    """The recorded passes of a run, read as they are asked for."""

    __slots__ = ("final", "of", "proposed")

    def __init__(self, of: Recomputation, packed: Sequence[bytes]) -> None:
        self.of = of
        self.final = PassReading(of.reading.layout, packed[0])
        self.proposed = PassReading(of.reading.layout.sized, packed[1]) if len(packed) > 1 else None

    @property
    def final_size(self) -> Any:  # noqa: ANN401
        """The order's size, as it was decided."""
        return self.final.value(self.of.places[ORDER_SIZE])

    @property
    def proposed_size(self) -> Any:  # noqa: ANN401
        """The order's size, as it was proposed."""
        return self.final_size if self.proposed is None else self.proposed.value(self.of.sized_places[ORDER_SIZE])

    def value(self, node: PlanNode, size: Any) -> Any:  # noqa: ANN401
        """The recorded value of a node that is alike, at a size that was recorded."""
        if self.proposed is not None and node.is_sized and size != self.final_size:
            return self.proposed.value(self.of.sized_places[node.name])
        return self.final.value(self.of.places[node.name])

    def has(self, size: Any) -> bool:  # noqa: ANN401
        """Whether the run was recorded at a size."""
        return bool(size in (self.final_size, self.proposed_size))


class _Values(dict[str, Any]):
    """Values of the plan's nodes at one size, each found when it is first asked for."""

    __slots__ = ("_first", "_of", "_passes", "is_recorded", "size")

    def __init__(self, passes: _Passes, size: Any, first: _Values | None) -> None:  # noqa: ANN401
        super().__init__()
        self._of, self._passes, self.size, self._first = passes.of, passes, size, first
        self.is_recorded = first is None or passes.has(size)

    def __missing__(self, name: str) -> Any:  # noqa: ANN401
        value = self[name] = self._value(self._of.nodes[name])
        return value

    def _value(self, node: PlanNode) -> Any:  # noqa: ANN401
        if node.kind in CONSTANT_KINDS:
            return node.value
        if node.kind is NodeKind.SIZE:
            return self.size if isinstance(self.size, Absent) else checked(node, self.size)
        if self._first is not None and not node.is_sized:
            return self._first[node.name]
        if node.name in self._of.alike and (self.is_recorded or not node.is_sized):
            return self._passes.value(node, self.size)
        if node.kind is NodeKind.INPUT:
            return checked(node, self._input(node.name))
        return called(node, [self[name] for name in node.arguments])

    def _input(self, name: str) -> Any:  # noqa: ANN401
        """What the recorded snapshot held under a name; None where it held nothing."""
        return self._passes.final.value(self._of.places[name]) if name in self._of.recorded_inputs else None
