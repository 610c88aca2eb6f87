"""Runs plans.

The steps of a run, and what takes each:

 1. the generated function computes and packs every node, when nothing is absent      generated.fast_run
 2. otherwise every node in turn, absence propagating                                  evaluation.evaluated
 3. (session) columns and frames become what is archived of them                       archive.archived
 4. (order) the truth table of all rules at the proposed size                          decision.TruthTable
 5. (order) when clip rules fail: size from their caps, everything sized again          generated.fast_resize,
                                                                                        evaluation.resized
 6. the packed values, their digest, the trace                                          packing, trace

A gate takes steps 2, 4 and 6: it is judged now and then, by rules that know no size.

A run reads its snapshot and nothing else; it writes nothing.
"""

from __future__ import annotations

import contextlib
import decimal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from dataflows.engine.archive import archived_values, frame_bodies
from dataflows.engine.decision import (
    Decision,
    RuleOutcome,
    TruthTable,
    absent_cap_words,
    clipped,
    clipped_size,
    unclipped,
)
from dataflows.engine.evaluation import evaluated, guarded, resized
from dataflows.engine.frames import FrameSlicer
from dataflows.engine.generated import fast_resize, fast_run
from dataflows.engine.guards import Breach
from dataflows.engine.packing import Layout
from dataflows.engine.plan import ORDER_SIZE, PROPOSED_SIZE, REDUCES_RISK, Plan
from dataflows.engine.trace import Trace, TraceDigester, TraceHeader, environment_digest
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.verdict import Action, Verdict, action, gravest

MONEY = decimal.Context(
    prec=34, rounding=decimal.ROUND_HALF_EVEN, traps=[decimal.InvalidOperation, decimal.DivisionByZero]
)
"""IEEE 754 decimal128 precision: money in nodes never depends on the caller's decimal context."""

_PASS, _ACT = Verdict.PASS, Action.ACT  # looking a member up in its enum takes longer than making a Decision
Values: TypeAlias = Mapping[str, Any]


class _NodeValues(Mapping[str, Any]):
    """Values of a plan's nodes by name, read where they stand: few runs are asked for more than a few of them."""

    __slots__ = ("_places", "values_by_place")

    def __init__(self, places: Mapping[str, int], values: tuple[Any, ...]) -> None:
        self._places = places
        self.values_by_place = values

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # a value of any node
        return self.values_by_place[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class OrderRun(msgspec.Struct, frozen=True):
    """What one order run computed.

    Attributes:
        decision: the outcome.
        trace: the record.
        proposed: value of every node at the proposed size, by name, policy values included.
        values: the same at the final size; the same mapping as `proposed` when nothing was clipped.
    """

    decision: Decision
    trace: Trace
    proposed: Values
    values: Values


@dataclass(frozen=True)
class SessionRun:
    """What one session run computed.

    Attributes:
        values: value of every node, by name.
        trace: the record.
        slices: canonical bytes of the snapshot's frames by digest, to archive with the trace.
        breaches: features that did not hold their contracts, and why: what they were of is unknown or absent.
    """

    values: Mapping[str, Any]
    trace: Trace
    slices: Mapping[bytes, bytes]
    breaches: tuple[Breach, ...] = ()


class GateRun(msgspec.Struct, frozen=True):
    """What a gate said.

    Attributes:
        verdict: the gravest of the rules' verdicts.
        action: act, hold or deny.
        rules: the whole truth table, by rule id.
        trace: the record.
        values: value of every node, by name.
    """

    verdict: Verdict
    action: Action
    rules: tuple[RuleOutcome, ...]
    trace: Trace
    values: Values

    @property
    def failed(self) -> tuple[RuleOutcome, ...]:
        """The rules that contributed more than PASS, gravest first."""
        found = [rule for rule in self.rules if rule.verdict is not _PASS]
        return tuple(sorted(found, key=lambda rule: (-rule.verdict, rule.rule_id)))


class Runner:
    """Runs one plan for one origin in one environment.

    Args:
        plan: the compiled plan.
        origin: the log that the runs belong to.
        environment: canonical bytes of the described environment.
        is_salted: whether traces commit to each value with a salt (live and paper) or plainly (research).
    """

    def __init__(self, plan: Plan, origin: str, environment: bytes, *, is_salted: bool = False) -> None:
        self.plan = plan
        self.layout = Layout(plan.computed)
        header = TraceHeader(origin, plan.name, plan.digest, plan.policy_digest, environment_digest(environment))
        self.digester = TraceDigester(header, self.layout, is_salted=is_salted)
        self._fast, self._fast_resize = fast_run(plan, self.layout), fast_resize(plan, self.layout)
        self._slicer = FrameSlicer()
        self._table = TruthTable(plan)
        self._computed = tuple(node.name for node in plan.computed)
        self._places = {node.name: place for place, node in enumerate(plan.nodes)}
        self._reduces = self._places.get(REDUCES_RISK)
        self._rules = tuple(self._places[rule.node] for rule in plan.rules)

    def order(
        self,
        snapshot: Any,  # noqa: ANN401  # the dataflow's own snapshot type
        as_of: datetime,
        cites: Sequence[bytes] = (),
        key: bytes | None = None,
    ) -> OrderRun:
        """The run of one proposed order. `key` is the salt key of a salted trace."""
        with decimal.localcontext(MONEY):
            try:
                values, packed, all_hold = self._fast(snapshot)
            except Exception:  # noqa: BLE001  # a surprise of any kind: the node-by-node evaluation says what it is
                return self._evaluated_order(snapshot, as_of, cites, key)
            size = getattr(snapshot, PROPOSED_SIZE)
            if not all_hold or size == 0:
                return self._judged_order(_NodeValues(self._places, values), packed, as_of, cites, key)
        rules = self._table.held[self._reduces is not None and values[self._reduces] is True]
        decision = Decision(_PASS, _ACT, size, rules, rules)
        named = _NodeValues(self._places, values)
        return OrderRun(decision, self._trace(as_of, cites, (packed,), key), named, named)

    def gate(
        self,
        snapshot: Any,  # noqa: ANN401  # the dataflow's own snapshot type
        as_of: datetime,
        cites: Sequence[bytes] = (),
        key: bytes | None = None,
    ) -> GateRun:
        """The run of one gate: every rule is judged, the gravest verdict wins, unknown denies."""
        with decimal.localcontext(MONEY):
            values = evaluated(self.plan, snapshot)
        rules = self._table.outcomes(values)
        verdict = gravest([rule.verdict for rule in rules])
        trace = self._trace(as_of, cites, (self._packed(values),), key)
        return GateRun(verdict, action(verdict), rules, trace, values)

    def _evaluated_order(
        self,
        snapshot: Any,  # noqa: ANN401  # the snapshot type of the dataflow
        as_of: datetime,
        cites: Sequence[bytes],
        key: bytes | None,
    ) -> OrderRun:
        values = evaluated(self.plan, snapshot, getattr(snapshot, PROPOSED_SIZE))
        return self._judged_order(values, self._packed(values), as_of, cites, key)

    def _judged_order(
        self, values: Values, packed: bytes, as_of: datetime, cites: Sequence[bytes], key: bytes | None
    ) -> OrderRun:
        outcomes = self._outcomes(values)
        proposed = values[ORDER_SIZE]
        if isinstance(proposed, Absent):
            decision = Decision(Verdict.DENY, Action.DENY, 0, outcomes, outcomes, f"the proposed size is {proposed}")
            return OrderRun(decision, self._trace(as_of, cites, (packed,), key), values, values)
        size = clipped_size(self.plan, values, outcomes, proposed)
        if size is None:
            decision = unclipped(outcomes, proposed)
            return OrderRun(decision, self._trace(as_of, cites, (packed,), key), values, values)
        final, *packed_passes = self._resized(values, size)
        words = "" if size else absent_cap_words(self.plan, values, outcomes)
        decision = clipped(outcomes, self._outcomes(final), size, words)
        trace = self._trace(as_of, cites, tuple(packed_passes), key)
        return OrderRun(decision, trace, values, final)

    def _resized(self, values: Values, size: int) -> tuple[Values, bytes, bytes]:
        """The values at another size, their packed bytes, and those of what they replace."""
        if isinstance(values, _NodeValues):
            with contextlib.suppress(Exception):  # a surprise of any kind: the node-by-node evaluation says what it is
                final, packed, replaced = self._fast_resize(values.values_by_place, size)
                return _NodeValues(self._places, final), packed, replaced
        again = resized(self.plan, values, size)
        replaced = self.layout.sized.packed([values[node.name] for node in self.layout.sized.nodes])
        return again, self._packed(again), replaced

    def _outcomes(self, values: Values) -> tuple[RuleOutcome, ...]:
        if isinstance(values, _NodeValues):
            return self._table.outcomes(values, map(values.values_by_place.__getitem__, self._rules))
        return self._table.outcomes(values)

    def digest(self, snapshot: Any, as_of: datetime, cites: Sequence[bytes] = (), key: bytes | None = None) -> bytes:  # noqa: ANN401
        """The trace digest alone of an order run that clips nothing: what benchmarks and bulk checks need."""
        _, packed, _ = self._fast(snapshot)
        return self.digester.digest(as_of, cites, (packed,), key)

    def session(
        self,
        snapshot: Any,  # noqa: ANN401  # the snapshot type of the dataflow
        as_of: datetime,
        cites: Sequence[bytes] = (),
        key: bytes | None = None,
    ) -> SessionRun:
        """The run of one session."""
        with decimal.localcontext(MONEY):
            values, breaches = guarded(self.plan, snapshot)
        slices = frame_bodies(self.plan, values, self._slicer)
        packed = self.layout.packed(archived_values(self.plan, values, slices))
        flat = {digest: body for parts in slices.values() for digest, body in parts.items()}
        return SessionRun(values, self._trace(as_of, cites, (packed,), key), flat, breaches)

    def _packed(self, values: Mapping[str, Any]) -> bytes:
        return self.layout.packed([values[name] for name in self._computed])

    def _trace(self, as_of: datetime, cites: Sequence[bytes], packed: tuple[bytes, ...], key: bytes | None) -> Trace:
        digest = self.digester.digest(as_of, cites, packed, key)
        return Trace(self.digester.header, as_of, tuple(cites), packed, key, digest)
