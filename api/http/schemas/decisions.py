"""Decisions as answers: a line of a list, and the whole record with trace, lineage and proof."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from api.http.schemas.log import EntryView, InclusionView, entry_view, inclusion_view
from api.use_cases.reading import InclusionProof
from api.use_cases.why_not import Margin, margins
from api.views.built import Recorded, decision_view
from api.views.decision import DecisionView, DigestView, NodeView, RuleView, headline, summary
from api.views.graph import LineageGraph, lineage_graph
from api.views.later import later_sentences
from api.views.shown import Shown, shown
from governance.replay import ReplayReport
from governance.rows import Record
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text


class DecisionLine(msgspec.Struct, frozen=True):
    """A decision in one line.

    Attributes:
        decision_id: its id, 64 hexadecimal digits.
        sequence: its place in the log, from 0.
        as_of: market time.
        decided_at: when it was recorded.
        account_id: for whom.
        principal: who asked.
        session_on: the session at whose close it was decided.
        symbol: what was to be traded.
        proposed_order_shares: what was asked for; negative to sell.
        order_shares: what could be sent; negative to sell.
        verdict: pass, warn, clip, review or deny.
        action: act, hold or deny.
        reasons: ids of the rules that were not content, gravest first.
        policy_digest: the policy that decided.
    """

    decision_id: str
    sequence: int
    as_of: str
    decided_at: str
    account_id: str
    principal: str
    session_on: str
    symbol: str
    proposed_order_shares: int
    order_shares: int
    verdict: str
    action: str
    reasons: tuple[str, ...]
    policy_digest: str


class DecisionPage(msgspec.Struct, frozen=True):
    """Decisions, newest first.

    Attributes:
        decisions: those of this page; a page may be short, even empty, while `next_cursor` leads on.
        next_cursor: names the next page; null on the last.
        size: number of entries in the log, as it was read.
    """

    decisions: tuple[DecisionLine, ...]
    next_cursor: str | None
    size: int


class MarginView(msgspec.Struct, frozen=True):
    """How far one comparison of a rule was from turning.

    Attributes:
        comparison: its text.
        operand: the side that is compared.
        limit: the side that it is compared with.
        value: of the operand.
        limit_value: of the limit.
        margin: room that was left, negative where it failed; null where no number says it.
    """

    comparison: str
    operand: str
    limit: str
    value: Shown
    limit_value: Shown
    margin: Shown | None


class RuleRecord(msgspec.Struct, frozen=True):
    """One row of both truth tables, with the margins in each pass.

    Attributes:
        rule: what it says and what it compared.
        proposed_margins: how far its comparisons were from turning at the proposed size.
        final_margins: the same at the final size.
    """

    rule: RuleView
    proposed_margins: tuple[MarginView, ...]
    final_margins: tuple[MarginView, ...]


class LaterView(msgspec.Struct, frozen=True):
    """Something that happened to a decision afterwards; never part of it.

    Attributes:
        at: when.
        says: what, in a sentence.
        entry: the log's entry of it.
    """

    at: str
    says: str
    entry: EntryView


class TraceRecord(msgspec.Struct, frozen=True):
    """What a decision was computed from and to.

    Attributes:
        decision_id: the decision.
        headline: the decision in one sentence.
        summary: what the rules did, in one sentence.
        size_reason: why a clip left nothing to send; "" when it did not.
        policy: family and version of the policy that decided.
        dataflow: name of the order dataflow.
        rules: every rule, in the order of the policy.
        nodes: every node of the session run and the order run, in execution order.
        digests: what binds all this to the log.
        environment: what it ran on.
    """

    decision_id: str
    headline: str
    summary: str
    size_reason: str
    policy: str
    dataflow: str
    rules: tuple[RuleRecord, ...]
    nodes: tuple[NodeView, ...]
    digests: tuple[DigestView, ...]
    environment: dict[str, str]


class DecisionRecord(msgspec.Struct, frozen=True):
    """A decision, whole.

    Attributes:
        decision: in one line.
        entry: the log's entry of it.
        trace: what it was computed from and to.
        lineage: the same as a graph.
        proof: that the entry is in the log.
        later: what happened to it afterwards.
        links: where to read on.
    """

    decision: DecisionLine
    entry: EntryView
    trace: TraceRecord
    lineage: LineageGraph
    proof: InclusionView
    later: tuple[LaterView, ...]
    links: dict[str, str]


class History(msgspec.Struct, frozen=True):
    """What happened to a decision.

    Attributes:
        decision_id: the decision.
        entry: its own entry.
        later: what happened to it afterwards.
    """

    decision_id: str
    entry: EntryView
    later: tuple[LaterView, ...]


class ReplayView(msgspec.Struct, frozen=True):
    """What computing a run again came to.

    Attributes:
        sequence: place of its entry in the log.
        decision_id: the decision; null for a session run.
        subject: what was run, for people.
        outcome: "identical", "diverged" or "cannot run here".
        trace_digest: digest of the recorded trace.
        is_archived_code: whether the archived sources ran, and not the code of this process.
        node: the first node that differs; null when none does.
        recorded: its recorded value.
        recomputed: its value now.
        causes: what changed, most telling first.
        missing: what a run here would need.
    """

    sequence: int
    decision_id: str | None
    subject: str
    outcome: str
    trace_digest: str
    is_archived_code: bool
    node: str | None
    recorded: str | None
    recomputed: str | None
    causes: tuple[str, ...]
    missing: tuple[str, ...]


def decision_line(record: Record) -> DecisionLine:
    """A decision in one line."""
    entry, facts = record.entry, record.entry.facts
    return DecisionLine(
        decision_id=facts["decision_id"].hex(),
        sequence=record.sequence,
        as_of=instant_text(entry.as_of),
        decided_at=instant_text(entry.recorded_at),
        account_id=facts["account_id"],
        principal=facts["principal"],
        session_on=facts["session_on"].isoformat(),
        symbol=facts["symbol"],
        proposed_order_shares=facts["proposed_order_shares"],
        order_shares=facts["order_shares"],
        verdict=facts["verdict"],
        action=facts["action"],
        reasons=tuple(facts["reasons"]),
        policy_digest=digest_text(facts["policy_digest"]),
    )


def decision_record(recorded: Recorded, proof: InclusionProof) -> DecisionRecord:
    """A decision, whole."""
    view = decision_view(recorded)
    return DecisionRecord(
        decision=decision_line(recorded.record),
        entry=entry_view(recorded.record),
        trace=trace_record(recorded, view),
        lineage=lineage_graph(recorded, view),
        proof=inclusion_view(proof),
        later=later_views(recorded.history),
        links=decision_links(view.decision_id, view.symbol),
    )


def trace_record(recorded: Recorded, view: DecisionView) -> TraceRecord:
    """What a decision was computed from and to."""
    return TraceRecord(
        decision_id=view.decision_id,
        headline=headline(view),
        summary=summary(view),
        size_reason=view.size_reason,
        policy=view.policy,
        dataflow=view.dataflow,
        rules=tuple(_rule_record(recorded, rule) for rule in view.rules),
        nodes=view.nodes,
        digests=view.digests,
        environment=dict(view.environment),
    )


def _rule_record(recorded: Recorded, rule: RuleView) -> RuleRecord:
    run = recorded.order
    proposed, final = (
        tuple(margin_view(each) for each in margins(rule.require, run.plan, values))
        for values in (run.proposed, run.values)
    )
    return RuleRecord(rule, proposed, final)


def margin_view(margin: Margin) -> MarginView:
    """A margin for a client."""
    return MarginView(
        comparison=margin.comparison,
        operand=margin.operand,
        limit=margin.limit,
        value=shown(margin.value, margin.unit),
        limit_value=shown(margin.limit_value, margin.unit),
        margin=None if margin.margin is None else shown(margin.margin, margin.unit),
    )


def later_views(history: Iterable[Record]) -> tuple[LaterView, ...]:
    """What happened to a decision after its own entry."""
    later = [record for record in history if record.kind != "decision"]
    return tuple(
        LaterView(at, says, entry_view(record))
        for record, (at, says) in zip(later, later_sentences(later), strict=True)
    )


def decision_links(decision_id: str, symbol: str) -> dict[str, str]:
    """Where to read on from a decision."""
    here = f"/internal/decisions/{decision_id}"
    return {
        "self": here,
        "trace": f"{here}/trace",
        "lineage": f"{here}/lineage",
        "proof": f"{here}/proof",
        "history": f"{here}/history",
        "replay": f"{here}/replay",
        "why_not": f"/decisions/why_not/{decision_id}",
        "explain": f"/api/v1/explain/{symbol}",
    }


def history_view(record: Record, history: Iterable[Record]) -> History:
    """What happened to a decision."""
    decision_id = record.decision_id.hex() if record.decision_id else ""
    return History(decision_id, entry_view(record), later_views(history))


def replay_view(report: ReplayReport) -> ReplayView:
    """A replay for a client."""
    return ReplayView(
        sequence=report.sequence,
        decision_id=report.decision_id.hex() if report.decision_id else None,
        subject=report.subject,
        outcome=report.outcome.value,
        trace_digest=digest_text(report.trace_digest),
        is_archived_code=report.is_archived_code,
        node=report.node or None,
        recorded=shown(report.recorded).exact if report.node else None,
        recomputed=shown(report.recomputed).exact if report.node else None,
        causes=report.causes,
        missing=report.missing,
    )
