"""Impact: what a candidate policy would have made of decisions that were recorded, each for itself.

One-step and exact: every recorded snapshot is judged as it was, by the candidate's order plan, and the answer is the
one that a run of the whole plan over that snapshot gives; only what the candidate changes is computed
(`dataflows.engine.recomputing`). What the account would have held afterwards is not asked; a path is another question.
Writes nothing, and reads the log a chunk at a time, so that chunks can be judged apart and kept.

    judge       compiled once for a candidate; remembers each recorded plan that it meets          ImpactJudge
    chunk       a stretch of decisions: counts over all of them, and a row for each that changed   ImpactJudge.chunk

What comes of all chunks: `governance.impact_report`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from dataflows.engine.compile import Generation
from dataflows.engine.plan import NodeKind, Plan
from dataflows.engine.recomputing import Recomputation, Recomputed, computations
from dataflows.engine.recorded import plan_reading, recorded_plan
from governance.entries import EntryKind
from governance.impact_rows import COUNTS, ImpactChunk, ImpactRow, flip_name
from governance.ports import LogReader
from nodes.vocabulary.errors import LogError
from nodes.vocabulary.field_reading import FieldReader

PRICE = "close_price_usd"
"""The input that an order is valued at; where a plan has none, the limit price that was recorded."""
NO_BODY = "what it archived is no longer stored"
OTHER_DATAFLOW = "it was judged by another dataflow"
_TRACE_FIELDS = frozenset({"packed", "plan_digest"})
_FACTS = frozenset(
    {
        "action",
        "decision_id",
        "limit_price_usd",
        "order_manifest_ref",
        "order_shares",
        "policy_digest",
        "reasons",
        "session_manifest_ref",
        "session_on",
        "symbol",
        "trace_ref",
        "verdict",
    }
)
"""What of a decision's entry an impact reads."""


class ImpactJudge:
    """Judges recorded decisions by a candidate.

    Args:
        candidate: the compiled candidate.
    """

    def __init__(self, candidate: Generation) -> None:
        self._candidate = candidate
        self._pairs: dict[tuple[bytes, bytes], _Pair | str] = {}
        self._facts, self._traces = FieldReader(_FACTS, "facts"), FieldReader(_TRACE_FIELDS)

    def chunk(self, reader: LogReader, places: Sequence[int]) -> ImpactChunk:
        """What the candidate makes of the decisions at some places of a log, which lie close together.

        Raises LogError when an entry or a body is not intact.
        """
        tally = _Tally()
        found = self._decisions(reader, places)
        bodies = reader.contents([facts["trace_ref"] for _, facts in found])
        for sequence, facts in found:
            pair = self._pair(reader, facts["order_manifest_ref"], facts["session_manifest_ref"])
            body = bodies.get(facts["trace_ref"])
            if body is None or isinstance(pair, str):
                tally.unread[NO_BODY if body is None else str(pair)] += 1
                continue
            trace = self._traces.fields(body)
            if trace["plan_digest"] != pair.plan_digest:
                message = f"entry {sequence} names a trace of another plan than its manifest; verify the log"
                raise LogError(message)
            tally.add(sequence, facts, pair.of.decision(trace["packed"]), pair)
        return tally.chunk()

    def _decisions(self, reader: LogReader, places: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
        """Some facts of the decisions at some places."""
        if not places:
            return []
        wanted = frozenset(places)
        found = reader.data_of_kind(EntryKind.DECISION, places[0], places[-1] + 1)
        return [(place, self._facts.fields(data)) for place, data in found if place in wanted]

    def _pair(self, reader: LogReader, order_ref: bytes, session_ref: bytes) -> _Pair | str:
        """Recorded plans, by their manifests, with the candidate's; why not, where they cannot be held together."""
        key = order_ref, session_ref
        if key not in self._pairs:
            self._pairs[key] = self._paired(reader.contents(key), order_ref, session_ref)
        return self._pairs[key]

    def _paired(self, manifests: Mapping[bytes, bytes], order_ref: bytes, session_ref: bytes) -> _Pair | str:
        if order_ref not in manifests:
            return NO_BODY
        reading, plan = plan_reading(manifests[order_ref]), self._candidate.order
        if reading.plan.name != plan.name:
            return OTHER_DATAFLOW
        session = manifests.get(session_ref)
        changed = () if session is None else changed_nodes(recorded_plan(session), self._candidate.session)
        return _Pair(Recomputation(reading, plan), changed)


def changed_nodes(before: Plan, after: Plan) -> tuple[str, ...]:
    """The nodes of a plan that compute otherwise than those of another, or are new, in plan order."""
    known, found = computations(before), computations(after)
    names = (node.name for node in after.nodes)
    return tuple(name for name in names if name not in found or known.get(name) != found[name])


class _Pair:
    """Recorded plans and those of the candidate.

    Attributes:
        of: what the candidate makes of runs of the recorded order plan.
        plan_digest: of that plan.
        session_changed: nodes of the candidate's session plan that compute otherwise than the recorded one's; () where
            that one is no longer stored.
        has_price: whether the candidate reads what a share was worth.
    """

    __slots__ = ("has_price", "of", "plan_digest", "session_changed")

    def __init__(self, of: Recomputation, session_changed: tuple[str, ...]) -> None:
        self.of, self.session_changed = of, session_changed
        self.plan_digest = of.reading.plan.digest
        self.has_price = any(node.name == PRICE and node.kind is NodeKind.INPUT for node in of.plan.nodes)


class _Alike(NamedTuple):
    """All that is counted of a decision."""

    before: str
    verdict: str
    symbol: str
    policy_digest: bytes
    rules_before: tuple[str, ...]
    rules: frozenset[str]
    pair: _Pair


class _Tally:
    """Counts under way: decisions that are alike in all that is counted are counted together."""

    def __init__(self) -> None:
        self.alike: Counter[_Alike] = Counter()
        self.unread = Counter[str]()
        self.rows: list[ImpactRow] = []

    def add(self, sequence: int, facts: Mapping[str, Any], found: Recomputed, pair: _Pair) -> None:
        """Take in what the candidate makes of a decision."""
        decision = found.decision
        verdict, objecting = decision.verdict.label, found.objecting
        before = facts["reasons"]
        kind = _Alike(facts["verdict"], verdict, facts["symbol"], facts["policy_digest"], before, objecting, pair)
        self.alike[kind] += 1
        is_alike = facts["verdict"] == verdict and facts["order_shares"] == decision.order_shares
        if not is_alike or facts["action"] != decision.action.value or objecting.symmetric_difference(before):
            self.rows.append(_row(sequence, facts, found, pair))

    def chunk(self) -> ImpactChunk:
        """What was counted."""
        counts: dict[str, Counter[str]] = {name: Counter() for name in COUNTS}
        for kind, count in self.alike.items():
            counts["verdicts"][flip_name(kind.before, kind.verdict)] += count
            counts["symbols"][kind.symbol] += count
            counts["policies"][kind.policy_digest.hex()] += count
            counts["rules_before"].update(dict.fromkeys(kind.rules_before, count))
            counts["rules"].update(dict.fromkeys(kind.rules, count))
            counts["changed"].update(dict.fromkeys(kind.pair.of.changed, count))
            counts["session_changed"].update(dict.fromkeys(kind.pair.session_changed, count))
            counts["lacking"].update(dict.fromkeys(kind.pair.of.lacking, count))
        counts["unread"] = self.unread
        n_decisions = sum(self.alike.values())
        return ImpactChunk(
            n_decisions=n_decisions, rows=tuple(self.rows), **{name: {**counts[name]} for name in COUNTS}
        )


def _row(sequence: int, facts: Mapping[str, Any], found: Recomputed, pair: _Pair) -> ImpactRow:
    decision, objecting, before = found.decision, found.objecting, facts["reasons"]
    added = tuple(sorted(objecting.difference(before)))
    return ImpactRow(
        sequence=sequence,
        decision_id=facts["decision_id"].hex(),
        symbol=facts["symbol"],
        session_on=facts["session_on"],
        policy_digest=facts["policy_digest"].hex(),
        verdict_before=facts["verdict"],
        action_before=facts["action"],
        shares_before=facts["order_shares"],
        verdict=decision.verdict.label,
        action=decision.action.value,
        shares=decision.order_shares,
        rules_added=added,
        rules_dropped=tuple(sorted(set(before).difference(objecting))),
        because=tuple(map(found.because, added)),
        price_usd=_price(facts, found, pair),
    )


def _price(facts: Mapping[str, Any], found: Recomputed, pair: _Pair) -> Decimal | None:
    price = found.value(PRICE) if pair.has_price else facts["limit_price_usd"]
    return price if isinstance(price, Decimal) else None
