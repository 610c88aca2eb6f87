"""Why a decision is not another, and why a symbol stands as it does, as answers."""

from __future__ import annotations

import msgspec

from api.http.schemas.decisions import DecisionLine, MarginView, decision_line, decision_links, margin_view
from api.http.schemas.execution import VenueView, venue_view
from api.http.schemas.signals import StoryView
from api.use_cases.explaining import Explanation, ScorePart
from api.use_cases.routing import venue_answers
from api.use_cases.why_not import BindingRule, WhyNot
from api.views.shown import Shown, scalar_unit, shown, told_apart
from governance.counterfactual import Change
from governance.joint_counterfactual import JointChange, JointPart
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.units import annotation_of_name

ONE_STEP = (
    "one-step and exact: the recorded order plan was run again on the archived snapshot with this one value changed; "
    "what the account or the market would have done next is not asked"
)
NOTHING_SPOKE = "No rule spoke against this order."


class OperandView(msgspec.Struct, frozen=True):
    """A name that a rule compares.

    Attributes:
        name: the node, input or limit.
        unit: its unit.
        kind: "input", "node", "limit", "parameter" or "size".
        value: its value in the pass in which the rule spoke.
    """

    name: str
    unit: str
    kind: str
    value: Shown


class ChangeView(msgspec.Struct, frozen=True):
    """The smallest change of one input that brings something about.

    Attributes:
        input: the field of the snapshot.
        unit: its unit.
        recorded: its recorded value.
        needed: the nearest value that brings it about.
        change: from recorded to needed; null for a truth value.
        fails_at: the value next to it that does not.
        verdict: what the whole order would then come to.
        action: what would be done with it.
        order_shares: how many shares could be sent.
    """

    input: str
    unit: str
    recorded: Shown
    needed: Shown
    change: Shown | None
    fails_at: Shown
    verdict: str
    action: str
    order_shares: int


class BindingRuleView(msgspec.Struct, frozen=True):
    """A rule that spoke against the order.

    Attributes:
        rule: its id.
        verdict: what it contributed: warn, clip, review or deny.
        outcome: fails or unknown.
        at_size: "proposed", or "final" when it held until the order was clipped.
        require: what must hold.
        because: why, for an expert.
        plain: why, for a beginner.
        source: where the rule comes from.
        operands: what it compared.
        margins: how far each comparison was from turning.
        changes: what would make it pass: one for each input that can do it alone, the size of the order first.
        powerless: inputs that it depends on and that cannot do it alone.
        absent: inputs that it needs and that were not known, each with the reason.
    """

    rule: str
    verdict: str
    outcome: str
    at_size: str
    require: str
    because: str
    plain: str
    source: str
    operands: tuple[OperandView, ...]
    margins: tuple[MarginView, ...]
    changes: tuple[ChangeView, ...]
    powerless: tuple[str, ...]
    absent: dict[str, str]


class JointPartView(msgspec.Struct, frozen=True):
    """What one input has to become, others being changed as well.

    Attributes:
        input: the field of the snapshot.
        unit: its unit.
        recorded: its recorded value.
        needed: what it has to become.
        fails_at: the value next to it at which that is not enough.
        range_frac: the change as a part of the width of its contract, or of its own size where it has none.
    """

    input: str
    unit: str
    recorded: Shown
    needed: Shown
    fails_at: Shown
    range_frac: float


class JointChangeView(msgspec.Struct, frozen=True):
    """The smallest change of several inputs together that was found.

    Attributes:
        parts: of each input that changes, the largest part of its scale first; none can be taken a step back alone.
        distance: root of the sum of squares of those parts.
        verdict: what the whole order would then come to.
        action: what would be done with it.
        order_shares: how many shares could be sent.
    """

    parts: tuple[JointPartView, ...]
    distance: float
    verdict: str
    action: str
    order_shares: int


class WhyNotView(msgspec.Struct, frozen=True):
    """Why a decision is not another.

    Attributes:
        decision: in one line.
        summary: what stands in the way, in one sentence.
        method: how the changes were found.
        rules: the rules that spoke against it, gravest first.
        to_act: the change of size after which something could be sent; null when no size does that, or some was.
        to_pass: the change of size after which no rule says anything; null when no size does that.
        is_archived_code: whether the archived code ran, and not that of the server.
        missing: why nothing was searched; "" when it was.
        venues: of each venue, what the order was expected to cost there, in parts, and why it was chosen or not.
        links: where to read on.
        together: the smallest change of several inputs after which something could be sent, or no rule says anything
            where something was; null where it was not asked for or not found.
    """

    decision: DecisionLine
    summary: str
    method: str
    rules: tuple[BindingRuleView, ...]
    to_act: ChangeView | None
    to_pass: ChangeView | None
    is_archived_code: bool
    missing: str
    venues: tuple[VenueView, ...]
    links: dict[str, str]
    together: JointChangeView | None = None


class ReasonPair(msgspec.Struct, frozen=True):
    """One reason, told twice from the same numbers.

    Attributes:
        rule: the rule.
        verdict: what it contributed.
        expert: with the numbers, for an expert.
        beginner: in plain words.
        numbers: the values that both speak of.
    """

    rule: str
    verdict: str
    expert: str
    beginner: str
    numbers: dict[str, Shown]


class ScorePartView(msgspec.Struct, frozen=True):
    """What one feature contributes to a score.

    Attributes:
        feature: the feature.
        value: of the symbol.
        z_score: how many standard deviations from the mean of all symbols.
        weight: what the policy gives it.
        contribution: to the score; all of them add up to it.
    """

    feature: str
    value: Shown
    z_score: Shown
    weight: Shown
    contribution: Shown


class ExplainedRowView(msgspec.Struct, frozen=True):
    """A symbol's row of the day plan.

    Attributes:
        plan_sequence: place of the plan's entry in the log.
        plan_entry: id of that entry.
        session_on: the session at whose close it was made.
        as_of: that close.
        policy_digest: the policy that made it.
        proposed_order_shares: the order that the plan wants; null when none could be computed.
        fields: everything that the plan hands to an order.
        score_parts: what made the score, largest first.
        rank: place by score, from 1; null without a score.
        n_ranked: how many symbols have a score.
    """

    plan_sequence: int
    plan_entry: str
    session_on: str
    as_of: str
    policy_digest: str
    proposed_order_shares: int | None
    fields: dict[str, Shown]
    score_parts: tuple[ScorePartView, ...]
    rank: int | None
    n_ranked: int


class ExplanationView(msgspec.Struct, frozen=True):
    """What became of a symbol, and why.

    Attributes:
        symbol: of which share.
        account_id: for whom.
        as_of: market time of what the headline tells: of the decision, or of the plan while none rests on it.
        headline: in one sentence.
        plan_row: its row of the newest day plan.
        decision: its newest decision; null when none is found.
        is_of_plan: whether that decision rests on that plan, and not on an earlier one.
        reasons: every rule that spoke, for experts and beginners from the same numbers.
        counterfactual: what would have changed it; null without a decision.
        links: where to read on.
        signal: what the signal service says of it, in the view that was asked for; null where nothing tells it.
    """

    symbol: str
    account_id: str
    as_of: str
    headline: str
    plan_row: ExplainedRowView
    decision: DecisionLine | None
    is_of_plan: bool
    reasons: tuple[ReasonPair, ...]
    counterfactual: WhyNotView | None
    links: dict[str, str]
    signal: StoryView | None = None


def why_not_view(found: WhyNot) -> WhyNotView:
    """Why a decision is not another, for a client."""
    line = decision_line(found.record)
    return WhyNotView(
        decision=line,
        summary=_summary(found),
        method=ONE_STEP,
        rules=tuple(_binding_view(rule) for rule in found.rules),
        to_act=_change_view(found.finding.to_act),
        to_pass=_change_view(found.finding.to_pass),
        is_archived_code=found.is_archived_code,
        missing=found.finding.missing,
        venues=tuple(venue_view(each) for each in venue_answers(found.run.values)),
        links=decision_links(line.decision_id, line.symbol),
        together=_joint_view(found.finding.together),
    )


def _joint_view(change: JointChange | None) -> JointChangeView | None:
    if change is None:
        return None
    parts = tuple(_joint_part(part) for part in change.parts)
    return JointChangeView(parts, change.distance, change.verdict, change.action, change.order_shares)


def _joint_part(part: JointPart) -> JointPartView:
    needed, fails_at = told_apart(shown(part.needed, part.unit), shown(part.fails_at, part.unit))
    recorded, needed = told_apart(shown(part.recorded, part.unit), needed)
    return JointPartView(part.input, part.unit, recorded, needed, fails_at, part.range_frac)


def _summary(found: WhyNot) -> str:
    if not found.rules:
        return NOTHING_SPOKE
    spoke = ", ".join(rule.rule.rule_id for rule in found.rules)
    count = "1 rule spoke" if len(found.rules) == 1 else f"{len(found.rules)} rules spoke"
    change = found.finding.to_act or found.finding.to_pass
    if change is None:
        return f"{count} against it ({spoke}); no other size of this order alone would have changed that."
    wanted = "something could have been sent" if found.finding.to_act else "no rule would have spoken"
    return f"{count} against it ({spoke}); with an order of {change.needed:,} shares {wanted}."


def _binding_view(binding: BindingRule) -> BindingRuleView:
    search = binding.search
    return BindingRuleView(
        rule=binding.rule.rule_id,
        verdict=binding.outcome.verdict.label,
        outcome=binding.outcome.outcome.value,
        at_size=binding.at_size,
        require=binding.require,
        because=binding.outcome.because,
        plain=binding.outcome.plain,
        source=binding.source,
        operands=tuple(
            OperandView(each.name, each.unit, each.kind, shown(each.value, each.unit)) for each in binding.operands
        ),
        margins=tuple(margin_view(margin) for margin in binding.margins),
        changes=tuple(view for change in search.changes if (view := _change_view(change))) if search else (),
        powerless=search.powerless if search else (),
        absent=dict(binding.absent),
    )


def _change_view(change: Change | None) -> ChangeView | None:
    if change is None:
        return None
    needed, fails_at = told_apart(shown(change.needed, change.unit), shown(change.fails_at, change.unit))
    recorded, needed = told_apart(shown(change.recorded, change.unit), needed)
    moved = None if isinstance(change.needed, bool) else shown(change.needed - change.recorded, change.unit)
    return ChangeView(
        input=change.input,
        unit=change.unit,
        recorded=recorded,
        needed=needed,
        change=moved,
        fails_at=fails_at,
        verdict=change.verdict,
        action=change.action,
        order_shares=change.order_shares,
    )


def explanation_view(
    found: Explanation, counterfactual: WhyNot | None, signal: StoryView | None = None
) -> ExplanationView:
    """What became of a symbol, for a client."""
    decision = None if found.decision is None else decision_line(found.decision)
    said_of = found.decision if found.decision is not None and found.is_of_plan else found.row.plan
    return ExplanationView(
        symbol=found.symbol,
        account_id=found.account_id,
        as_of=instant_text(said_of.entry.as_of),
        headline=_headline(found),
        plan_row=_plan_row(found),
        decision=decision,
        is_of_plan=found.is_of_plan,
        reasons=() if counterfactual is None else tuple(_reason(rule) for rule in counterfactual.rules),
        counterfactual=None if counterfactual is None else why_not_view(counterfactual),
        links=_links(found),
        signal=signal,
    )


def _headline(found: Explanation) -> str:
    if found.decision is not None and found.is_of_plan:
        facts = found.decision.entry.facts
        return (
            f"{facts['verdict']}: {facts['proposed_order_shares']:,} shares of {found.symbol} were asked for, "
            f"{facts['order_shares']:,} may be sent."
        )
    proposed = found.row.fields["proposed_order_shares"]
    if proposed is None:
        return f"No order in {found.symbol}: the plan lacks data for it."
    if proposed == 0:
        return f"No order in {found.symbol}: the plan is content with the position."
    return f"The plan wants {proposed:,} shares of {found.symbol}; no order was decided on it yet."


def _plan_row(found: Explanation) -> ExplainedRowView:
    row, facts = found.row, found.row.plan.entry.facts
    units = {node.name: node.unit.name for node in row.run.plan.nodes}
    return ExplainedRowView(
        plan_sequence=row.plan.sequence,
        plan_entry=digest_text(row.plan.entry_id),
        session_on=facts["session_on"].isoformat(),
        as_of=instant_text(row.plan.entry.as_of),
        policy_digest=digest_text(facts["policy_digest"]),
        proposed_order_shares=row.fields["proposed_order_shares"],
        fields={name: shown(value, _unit(name)) for name, value in row.fields.items()},
        score_parts=tuple(_part_view(part, units.get(part.feature, "")) for part in row.parts),
        rank=row.rank,
        n_ranked=row.n_ranked,
    )


def _unit(field: str) -> str:
    annotation = annotation_of_name(field)
    return "" if annotation is None else str(annotation.__name__)


def _part_view(part: ScorePart, unit: str) -> ScorePartView:
    return ScorePartView(
        feature=part.feature,
        value=shown(part.value, scalar_unit(unit)),
        z_score=shown(part.z_score, "Score"),
        weight=shown(part.weight),
        contribution=shown(part.contribution, "Score"),
    )


def _reason(rule: BindingRule) -> ReasonPair:
    numbers = {each.name: shown(each.value, each.unit) for each in rule.operands}
    outcome = rule.outcome
    return ReasonPair(rule.rule.rule_id, outcome.verdict.label, outcome.because, outcome.plain, numbers)


def _links(found: Explanation) -> dict[str, str]:
    plan = {"plan_entry": f"/internal/log/entries/{found.row.plan.sequence}"}
    if found.decision is None or found.decision.decision_id is None:
        return plan
    return plan | decision_links(found.decision.decision_id.hex(), found.symbol)
