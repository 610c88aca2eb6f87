"""The told day plan as answers: its picks, their reasons, what is missing; in words for a beginner or an expert."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from api.http.schemas.decisions import MarginView, margin_view
from api.http.schemas.signal_words import (
    View,
    change_text,
    let_be_text,
    pick_margins,
    pick_text,
    plan_text,
    unit_name,
)
from api.use_cases.signal_plan import Pick, Reason, SignalPlan
from api.use_cases.signal_sources import Source
from api.use_cases.why_not import margins
from api.views.shown import Shown, shown, told_apart
from dataflows.engine.decision import RuleOutcome
from dataflows.engine.plan import Plan
from dataflows.engine.run import OrderRun
from governance.gate_counterfactual import GateChange


class SourceView(msgspec.Struct, frozen=True):
    """One source of the plan.

    Attributes:
        name: inference, portfolio, risk, forecasts, sentiment, events or halts.
        state: "used", "missing" or "not asked".
        because: why it is missing or was not asked; who answered where it was used.
    """

    name: str
    state: str
    because: str


class PickReasonView(msgspec.Struct, frozen=True):
    """One reason of a pick.

    Attributes:
        name: the feature, forecast or tone.
        value: of the share.
        contribution: what it adds to the conviction.
        ablation: by how much the conviction falls when the reason is made neutral and all is weighed again.
        is_cited: whether it is among those that the pick is told by.
    """

    name: str
    value: Shown
    contribution: Shown
    ablation: Shown
    is_cited: bool


class SpokenRuleView(msgspec.Struct, frozen=True):
    """A rule that was not content.

    Attributes:
        rule: its id.
        verdict: what it contributed.
        expert: why, for an expert.
        beginner: why, for a beginner.
    """

    rule: str
    verdict: str
    expert: str
    beginner: str


class PreviewView(msgspec.Struct, frozen=True):
    """What the trading policy would say of the pick's order now; nothing was sent.

    Attributes:
        verdict: pass, warn, clip, review or deny.
        action: act, hold or deny.
        order_shares: how many shares could be sent.
        expected_cost_usd: what trading them is expected to cost.
        expected_cost_bps: the same, of their worth.
        rules: the rules that spoke.
        margins: how far each comparison of each guardrail is from turning.
    """

    verdict: str
    action: str
    order_shares: int
    expected_cost_usd: Shown
    expected_cost_bps: Shown
    rules: tuple[SpokenRuleView, ...]
    margins: dict[str, tuple[MarginView, ...]]


class PickView(msgspec.Struct, frozen=True):
    """What the plan does with one share, and why.

    Attributes:
        symbol: the share.
        side: "own", or "leave" for a share that is sold or sold short.
        is_shown: whether the rules of picks let it be shown.
        text: in words, for the view that was asked for; of a pick that is held back, why it is.
        numbers: every number that any view tells, by name: the same in each; empty for a pick that is held back.
        reasons: strongest first; empty for a pick that is held back.
        rules: rules of picks that spoke.
        margins: how far the rules of picks are from turning; for experts.
        preview: what the trading policy would say of its order now; for experts, null without an order.
        decision_ids: decisions made on this row, newest first.
    """

    symbol: str
    side: str
    is_shown: bool
    text: str
    numbers: dict[str, Shown]
    reasons: tuple[PickReasonView, ...]
    rules: tuple[SpokenRuleView, ...]
    margins: tuple[MarginView, ...]
    preview: PreviewView | None
    decision_ids: tuple[str, ...]


class SignalsView(msgspec.Struct, frozen=True):
    """The day plan as the signal service tells it.

    Attributes:
        signal_id: digest of what was joined and what came of it: the same in every view.
        view: "beginner" or "expert".
        text: the plan in words.
        is_degraded: whether a source is missing.
        missing: the sources that are.
        sources: what each source came to.
        policies: family and version of the policies of signals and of picks.
        book_volatility_frac: volatility of the whole plan, per session.
        picks: shares that the plan goes some way with, the largest targets first.
    """

    signal_id: str
    view: str
    text: str
    is_degraded: bool
    missing: tuple[str, ...]
    sources: tuple[SourceView, ...]
    policies: tuple[str, ...]
    book_volatility_frac: Shown
    picks: tuple[PickView, ...]


class TurnView(msgspec.Struct, frozen=True):
    """The smallest change of one number that would change the pick, found by running again what decides it.

    Attributes:
        input: the number.
        unit: its unit.
        recorded: what it is.
        needed: the nearest value that changes the pick.
        fails_at: the value next to it that does not.
        then: what it would be then: "selected" or "not selected" by the plan; pass, warn, review or deny by the rules.
        text: the same in words, for the view that was asked for.
    """

    input: str
    unit: str
    recorded: Shown
    needed: Shown
    fails_at: Shown
    then: str
    text: str


class StoryView(msgspec.Struct, frozen=True):
    """What the signal service says of one share.

    Attributes:
        signal_id: digest of what was joined and what came of it: that of the plan as it is told.
        view: "beginner" or "expert".
        text: the pick in words; that the plan lets the share be where it is none.
        pick: the pick; null where the plan lets the share be.
        changes: what would change it: its place in the plan first, then whether it is shown.
        missing: the sources that the plan had to do without.
    """

    signal_id: str
    view: str
    text: str
    pick: PickView | None
    changes: tuple[TurnView, ...]
    missing: tuple[str, ...]


def story_view(told: SignalPlan, symbol: str, view: View, changes: tuple[GateChange, ...]) -> StoryView:
    """What is said of one share, for a client."""
    pick = told.pick(symbol)
    seen = None if pick is None else pick_view(pick, view, ())
    return StoryView(
        signal_id=told.signal_id,
        view=view.value,
        text=let_be_text(symbol) if seen is None else seen.text,
        pick=seen,
        changes=tuple(_turn_view(change, view) for change in changes),
        missing=tuple(source.name for source in told.missing),
    )


def _turn_view(change: GateChange, view: View) -> TurnView:
    recorded, needed = told_apart(shown(change.recorded, change.unit), shown(change.needed, change.unit))
    needed, fails_at = told_apart(needed, shown(change.fails_at, change.unit))
    return TurnView(
        input=change.input,
        unit=change.unit,
        recorded=recorded,
        needed=needed,
        fails_at=fails_at,
        then=change.verdict,
        text=change_text(change, view),
    )


def signals_view(told: SignalPlan, view: View, decided: dict[str, tuple[str, ...]]) -> SignalsView:
    """The told plan for a client; `decided` names the decisions on each share."""
    return SignalsView(
        signal_id=told.signal_id,
        view=view.value,
        text=plan_text(told, view),
        is_degraded=bool(told.missing),
        missing=tuple(source.name for source in told.missing),
        sources=tuple(_source_view(source) for source in told.sources),
        policies=told.policies,
        book_volatility_frac=shown(told.book_volatility_frac, "Frac"),
        picks=tuple(pick_view(pick, view, decided.get(pick.symbol, ())) for pick in told.picks),
    )


def pick_view(pick: Pick, view: View, decision_ids: tuple[str, ...]) -> PickView:
    """A pick for a client."""
    is_expert = pick.is_shown and view is View.EXPERT
    return PickView(
        symbol=pick.symbol,
        side="own" if pick.side > 0 else "leave",
        is_shown=pick.is_shown,
        text=pick_text(pick, view) if pick.is_shown else _held_back(pick, view),
        numbers=_numbers(pick) if pick.is_shown else {},
        reasons=tuple(_reason_view(reason) for reason in pick.reasons) if pick.is_shown else (),
        rules=_spoken(pick.gate.failed),
        margins=tuple(margin_view(margin) for margin in pick_margins(pick)) if is_expert else (),
        preview=_preview_view(*pick.preview) if is_expert and pick.preview is not None else None,
        decision_ids=decision_ids,
    )


def _held_back(pick: Pick, view: View) -> str:
    said = [rule.plain if view is View.BEGINNER else rule.because for rule in pick.gate.failed]
    return f"{pick.symbol} is held back. {' '.join(said)}"


def _numbers(pick: Pick) -> dict[str, Shown]:
    return {name: shown(value, unit_name(name)) for name, value in pick.numbers.items()}


def _reason_view(reason: Reason) -> PickReasonView:
    return PickReasonView(
        name=reason.name,
        value=shown(reason.value, unit_name(reason.name)),
        contribution=shown(reason.claimed_score, "Score"),
        ablation=shown(reason.observed_score, "Score"),
        is_cited=reason.is_cited,
    )


def _source_view(source: Source) -> SourceView:
    return SourceView(source.name, source.state.value, source.because)


def _spoken(failed: Iterable[RuleOutcome]) -> tuple[SpokenRuleView, ...]:
    return tuple(SpokenRuleView(rule.rule_id, rule.verdict.label, rule.because, rule.plain) for rule in failed)


def _preview_view(run: OrderRun, plan: Plan) -> PreviewView:
    decision = run.decision
    return PreviewView(
        verdict=decision.verdict.label,
        action=decision.action.value,
        order_shares=decision.order_shares,
        expected_cost_usd=shown(run.values["expected_cost_usd"], "Usd"),
        expected_cost_bps=shown(run.values["expected_cost_bps"], "Bps"),
        rules=_spoken(decision.failed),
        margins={
            rule.rule_id: tuple(
                margin_view(margin) for margin in margins(plan.node(rule.node).doc.formula, plan, run.proposed)
            )
            for rule in plan.rules
        },
    )
