"""Builds the view of a decision from what the log archived: its trace, that of its session, their plans and policy.

Everything shown is read, nothing is computed again but digests and the rules' outcomes, which follow from recorded
values. What happened afterwards is read from later entries and kept apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import polars as pl

from api.views.decision import DecisionView, DigestView, NodeView, Operand, RuleView, order_words
from api.views.later import later_sentences
from api.views.shown import NOTHING, Shown, scalar_text, shown
from dataflows.engine.decision import RuleOutcome
from dataflows.engine.plan import ORDER_SIZE, PROPOSED_SIZE, NodeKind, PlanNode, PlanRule
from dataflows.engine.recorded import RecordedRun, recorded_run
from dataflows.us_equities import ROW_NODES
from governance.entries import Entry
from governance.environment import Environment, environment_from_content
from governance.ports import LogReader
from governance.rows import Record
from governance.tables import TableRead, tables_read
from nodes.vocabulary.canonical import decode, digest_text
from nodes.vocabulary.errors import LogError
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.verdict import Verdict
from policies.parse import parsed_policy
from policies.schema import Policy

_BANDS: Mapping[NodeKind, str] = {
    NodeKind.PARAMETER: "policy",
    NodeKind.LIMIT: "policy",
    NodeKind.RULE: "rules",
    NodeKind.GATHER: "signals",
    NodeKind.SIZE: "order",
}
_INPUT_BANDS: Mapping[str, str] = {"session": "data", "order": "order"}
_STAGE_BANDS: Mapping[str, str] = {"market": "data"}


@dataclass(frozen=True)
class Recorded:
    """A decision as the log holds it, read but not yet arranged.

    Attributes:
        record: the row of its entry.
        entry: the entry.
        order: its order run.
        session: the session run that it cites; None when its entry cites none.
        tables: what of a lake the session was read from; nothing for bundled data.
        policy: the policy that it was decided under.
        environment: where it was decided.
        history: every entry that concerns the decision, its own first.
    """

    record: Record
    entry: Entry
    order: RecordedRun
    session: RecordedRun | None
    policy: Policy
    environment: Environment
    history: tuple[Record, ...]
    tables: tuple[TableRead, ...] = ()

    @property
    def symbol(self) -> str:
        """What was to be traded."""
        return str(self.entry.facts["symbol"])


def recorded_decision(reader: LogReader, record: Record) -> Recorded:
    """A decision read from the log. Raises LogError when something that it needs is missing or broken."""
    decision_id, entry = _decision_id(record), record.entry
    cited = [found for cite in entry.cites if (found := reader.record_of_entry(cite)) is not None]
    environment = reader.body(entry.facts["environment_ref"])
    session = _run(reader, cited[0].entry, "session_manifest_ref") if cited else None
    return Recorded(
        record=record,
        entry=entry,
        order=_run(reader, entry, "order_manifest_ref"),
        session=session,
        policy=parsed_policy(reader.body(entry.facts["policy_ref"]), "archived policy").policy,
        environment=environment_from_content(decode(environment)),
        history=tuple(reader.history(decision_id)),
        tables=() if session is None else tables_read(cited[0].entry.facts, session.trace.cites),
    )


def _run(reader: LogReader, entry: Entry, manifest: str) -> RecordedRun:
    return recorded_run(reader.body(entry.facts["trace_ref"]), reader.body(entry.facts[manifest]))


def _decision_id(record: Record) -> bytes:
    if record.decision_id is None:
        message = f"entry {record.sequence} is a {record.kind}, not a decision; name a decision"
        raise LogError(message)
    return record.decision_id


def decision_view(recorded: Recorded) -> DecisionView:
    """Everything that a reader is shown of a decision."""
    facts, entry = recorded.entry.facts, recorded.entry
    return DecisionView(
        decision_id=_decision_id(recorded.record).hex(),
        origin=entry.origin,
        sequence=recorded.record.sequence,
        symbol=recorded.symbol,
        proposed_shares=facts["proposed_order_shares"],
        order_shares=facts["order_shares"],
        verdict=facts["verdict"],
        action=facts["action"],
        as_of=instant_text(entry.as_of),
        decided_at=instant_text(entry.recorded_at),
        policy=f"{recorded.policy.family} v{recorded.policy.version}",
        dataflow=recorded.order.plan.name,
        rules=_rule_views(recorded),
        nodes=(*_session_nodes(recorded), *_order_nodes(recorded), _conclusion(recorded)),
        digests=_digests(recorded),
        environment=_environment(recorded.environment),
        size_reason=recorded.order.decision.size_reason,
        later=later_sentences(recorded.history),
    )


def _rule_views(recorded: Recorded) -> tuple[RuleView, ...]:
    """The rules, in the order of the policy."""
    run = recorded.order
    rules = {rule.rule_id: rule for rule in run.plan.rules}
    proposed = {outcome.rule_id: outcome for outcome in run.proposed_rules}
    final = {outcome.rule_id: outcome for outcome in run.rules}
    ids = [rule.id for rule in recorded.policy.rules if rule.id in rules]
    return tuple(_rule_view(run, rules[rule_id], proposed[rule_id], final[rule_id]) for rule_id in ids)


def _rule_view(run: RecordedRun, rule: PlanRule, proposed: RuleOutcome, final: RuleOutcome) -> RuleView:
    node = run.plan.node(rule.node)
    said = final if final.verdict is not Verdict.PASS else proposed
    return RuleView(
        rule_id=rule.rule_id,
        key=f"order.{rule.node}",
        require=node.doc.formula,
        then=f"clip to {rule.cap}" if rule.cap else rule.effect.label,
        proposed=_word(proposed),
        final=_word(final),
        effect=max(proposed.verdict, final.verdict).label,
        because=said.because,
        plain=said.plain,
        source=node.doc.source,
        operands=tuple(_operand(run, name) for name in node.arguments),
    )


def _word(outcome: RuleOutcome) -> str:
    return outcome.outcome.value if outcome.applies else "skipped"


def _operand(run: RecordedRun, name: str) -> Operand:
    unit = run.plan.node(name).unit.name
    return Operand(name, shown(run.proposed[name], unit), shown(run.values[name], unit))


def _order_nodes(recorded: Recorded) -> tuple[NodeView, ...]:
    run = recorded.order
    words = {
        f"order.{rule.node}": (_word(first), _word(final))
        for rule, first, final in zip(run.plan.rules, run.proposed_rules, run.rules, strict=True)
    }
    session_names = {node.name for node in recorded.session.plan.nodes} if recorded.session else frozenset()
    return tuple(_order_node(run, node, words, session_names) for node in run.plan.nodes)


def _order_node(
    run: RecordedRun, node: PlanNode, words: Mapping[str, tuple[str, str]], session_names: AbstractSet[str]
) -> NodeView:
    key, unit = f"order.{node.name}", node.unit.name
    value, before = run.values[node.name], run.proposed[node.name]
    was, now = shown(before, unit), shown(value, unit)
    if key in words:
        before, value = words[key]
        was, now = Shown(before, before), Shown(value, value)
    return _node_view("order", node, now, None if before == value else was, _order_reads(run, node, session_names))


def _order_reads(run: RecordedRun, node: PlanNode, session_names: AbstractSet[str]) -> tuple[str, ...]:
    """What a node of the order run reads; an input, the node of the session run whose row filled it."""
    source = ROW_NODES.get(node.name, node.name)
    if node.kind is NodeKind.INPUT and source in session_names:
        return (f"session.{source}",)
    if node.kind is NodeKind.SIZE:
        return (f"order.{PROPOSED_SIZE}", *(f"order.{rule.cap}" for rule in run.plan.rules if rule.cap))
    return tuple(f"order.{name}" for name in node.arguments)


def _conclusion(recorded: Recorded) -> NodeView:
    """What the engine concludes from the rules: no node of the plan, but where every lineage ends."""
    facts = recorded.entry.facts
    shares = order_words(facts["order_shares"], recorded.symbol)
    text = f"{facts['action']}: {shares}" if facts["order_shares"] else str(facts["action"])
    return NodeView(
        key="order.decision",
        name="decision",
        run="order",
        kind="verdict",
        band="verdict",
        unit="",
        value=Shown(text, f"verdict {facts['verdict']}, action {facts['action']}, {shares}"),
        reads=(f"order.{ORDER_SIZE}", *(f"order.{rule.node}" for rule in recorded.order.plan.rules)),
        words="What the rules together say of the order: the gravest of their verdicts.",
        formula="pass, warn and clip act; review holds; deny denies; a clip sets order_shares and is judged again",
    )


def _session_nodes(recorded: Recorded) -> tuple[NodeView, ...]:
    run = recorded.session
    if run is None:
        return ()
    symbols = run.values.get("symbols")
    labels = tuple(symbols.to_list()) if isinstance(symbols, pl.Series) else ()
    return tuple(
        _node_view(
            "session",
            node,
            session_shown(run.values[node.name], node.unit.name, labels, recorded.symbol),
            None,
            tuple(f"session.{name}" for name in node.arguments),
        )
        for node in run.plan.nodes
    )


def session_shown(value: Any, unit: str, labels: tuple[str, ...], symbol: str) -> Shown:  # noqa: ANN401
    """A value of a session run, which is about every symbol, with that of one symbol in front."""
    match value:
        case {"column_digest": bytes(column), "latest": pl.Series() as latest}:
            exact = f"column {digest_text(column)}; the last row of each symbol is shown"
            return _of_symbol(latest, unit, labels, symbol, exact)
        case {"slices": tuple(slices)}:
            count = f"{len(slices)} slice{'' if len(slices) == 1 else 's'}"
            return Shown(
                f"archived, {count}", f"archived as {count}, the first {digest_text(slices[0])}" if slices else count
            )
        case pl.Series() if len(value) == len(labels) and labels:
            return _of_symbol(value, unit, labels, symbol, f"{len(value)} values, one a symbol")
        case Mapping() if value and all(isinstance(item, Mapping) for item in value.values()):
            return Shown(f"{len(value)} columns", ", ".join(value))
        case _:
            return shown(value, unit)


def _of_symbol(row: pl.Series, unit: str, labels: tuple[str, ...], symbol: str, exact: str) -> Shown:
    parts = tuple((label, scalar_text(item, unit)) for label, item in zip(labels, row.to_list(), strict=False))
    mine = dict(parts).get(symbol, NOTHING.text)
    return Shown(mine, exact, is_absent=mine == NOTHING.text, parts=parts)


def _node_view(run: str, node: PlanNode, value: Shown, was: Shown | None, reads: tuple[str, ...]) -> NodeView:
    band = _BANDS.get(node.kind) or (
        _INPUT_BANDS[run] if node.kind is NodeKind.INPUT else _STAGE_BANDS.get(node.stage, node.stage)
    )
    return NodeView(
        key=f"{run}.{node.name}",
        name=node.name,
        run=run,
        kind=node.kind.value,
        band=band,
        unit=node.unit.name,
        value=value,
        proposed=was,
        reads=reads,
        words=node.doc.summary,
        formula=node.doc.formula,
        missing=node.doc.missing,
        source=node.doc.source,
        module=node.module,
        code_digest=digest_text(node.code_digest) if node.code_digest else "",
    )


def _digests(recorded: Recorded) -> tuple[DigestView, ...]:
    header, session = recorded.order.trace.header, recorded.session
    found = [
        ("log leaf", recorded.record.leaf_hash, "this entry as the Merkle tree holds it"),
        ("entry", recorded.record.entry_id, "what the log says of this decision"),
        ("trace", recorded.order.trace.digest, "every value of the order run, computed again from the archived bytes"),
        ("plan", header.plan_digest, "every node, rule, unit and code digest of the order run"),
        (
            "policy",
            header.policy_digest,
            f"every number and rule of {recorded.policy.family} v{recorded.policy.version}",
        ),
        ("environment", header.environment_digest, "the Python, libraries and machine class that decided"),
    ]
    if session is not None:
        found += [
            ("session trace", session.trace.digest, "every value of the session run that this order came from"),
            ("session plan", session.trace.header.plan_digest, "every node of that session run"),
        ]
    shown = tuple(DigestView(label, digest_text(value), meaning) for label, value, meaning in found)
    return (*shown, *map(_table_digest, recorded.tables))


def _table_digest(table: TableRead) -> DigestView:
    meaning = f"every fact stored in the table {table.name} of the lake by its version {table.version}"
    return DigestView(f"{table.name} v{table.version}", table.digest, meaning)


def _environment(environment: Environment) -> tuple[tuple[str, str], ...]:
    machine = ((name.replace("_", " "), text) for name, text in environment.machine.items())
    return (("Python", environment.python), *environment.libraries.items(), *machine)
