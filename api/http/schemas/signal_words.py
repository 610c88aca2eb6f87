"""The told day plan in words, twice from the same numbers: for who has never traded, and for who does it for a living.

A number enters a sentence as `api.views.shown` writes it, so that both views print the same digits. What a beginner
reads stays short: one sentence a share, what it may cost, what would change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from api.use_cases.signal_plan import Pick, Reason, SignalPlan
from api.use_cases.why_not import Margin, is_free, margins
from api.views.shown import shown, told_apart
from governance.gate_counterfactual import GateChange
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.units import annotation_of_name
from nodes.vocabulary.verdict import Verdict


class View(Enum):
    """Who reads."""

    BEGINNER = "beginner"
    EXPERT = "expert"


_PHRASES: Mapping[str, tuple[str, str]] = {
    "momentum_frac": ("its price did better than the rest", "its price did worse than the rest"),
    "volatility_frac": ("its price jumps more than the rest", "its price is calmer than the rest"),
    "drawdown_frac": ("it fell further from its best price than the rest", "it is nearer its best price than the rest"),
    "beta_frac": ("it moves more than the market", "it moves less than the market"),
    "forecast_return_frac": ("its forecast beats the rest", "its forecast is behind the rest"),
    "tone_score": ("the news on it is good", "the news on it is bad"),
    "model_score": ("the trained model likes it more than the rest", "the trained model likes it less than the rest"),
}
"""What a reason says to a beginner: where its value is high, and where it is low.

High is above the other shares, no more: a price that rose more than the rest may have fallen. Only news is good or bad.
"""

_SOURCES: Mapping[str, str] = {
    "inference": "how the shares score",
    "forecasts": "the forecasts",
    "sentiment": "what the news says",
    "portfolio": "how much to hold of each share",
    "risk": "how the shares move together",
    "events": "when firms tell their results",
    "halts": "if trade in a share is stopped",
}
_OPERANDS: Mapping[str, str] = {
    "composite_score": "its score",
    "fitness_frac": "how well its reasons hold up",
    "known_frac": "how much we know of it",
    "bar_age_sessions": "the age of its price",
    "bad_day_loss_frac": "what it can lose on a bad day",
    "book_volatility_frac": "how much the whole plan moves in a day",
    "next_event_sessions": "the time to its results",
    "forecast_support_frac": "its forecast",
    "tone_support_score": "the score of its news",
}
"""What a beginner knows a number by."""


def number_text(name: str, value: Any) -> str:  # noqa: ANN401  # any number of a pick
    """A number as every view writes it."""
    return shown(value, unit_name(name)).text


def unit_name(name: str) -> str:
    """The unit that a number's name declares."""
    annotation = annotation_of_name(name)
    return "" if annotation is None else str(annotation.__name__)


def pick_text(pick: Pick, view: View) -> str:
    """A pick in words."""
    return beginner_text(pick) if view is View.BEGINNER else expert_text(pick)


def beginner_text(pick: Pick) -> str:
    """One sentence on what and why, one on the risk in money, one on what would change it."""
    parts = [_what_and_why(pick), _risk(pick), *_cut(pick), _change(pick)]
    return " ".join(part for part in parts if part)


def _what_and_why(pick: Pick) -> str:
    phrases = [phrase(reason) for reason in pick.cited]
    why = f": {_listed(phrases)}" if phrases else ""
    return f"{_order(pick)}{why}."


def _order(pick: Pick) -> str:
    order, held = pick.numbers["candidate_order_shares"], pick.numbers["position_shares"]
    if order is None:
        return f"We cannot tell yet what to do with {pick.symbol}"
    if order == 0:
        return f"Keep your {_shares(held)} of {pick.symbol}" if held else f"Wait with {pick.symbol}"
    return f"{'Buy' if order > 0 else 'Sell'} {_shares(abs(order))} of {pick.symbol}"


def _shares(count: int) -> str:
    return f"{count:,} share{'' if count == 1 else 's'}"


def phrase(reason: Reason) -> str:
    """What a reason says, for a beginner."""
    high, low = _PHRASES.get(reason.name, (f"its {_words(reason.name)} is high", f"its {_words(reason.name)} is low"))
    return high if reason.is_high else low


def _words(name: str) -> str:
    unit = name.rsplit("_", 1)
    return unit[0].replace("_", " ") if unit_name(name) else name.replace("_", " ")


def _listed(phrases: Iterable[str]) -> str:
    found = list(phrases)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _risk(pick: Pick) -> str:
    loss = pick.numbers["bad_day_loss_usd"]
    if not pick.numbers["target_weight_frac"]:
        return ""
    if loss is None:
        return "We do not know what it can lose in a day."
    return f"On a bad day it could lose {number_text('bad_day_loss_usd', loss)}."


def _cut(pick: Pick) -> list[str]:
    """What the trading policy would say of the order, where it is not content."""
    return [] if pick.preview is None else [rule.plain for rule in pick.preview.run.decision.failed]


def _change(pick: Pick) -> str:
    found = nearest_margin(pick)
    if found is None:
        return ""
    name = found.operand
    way = "over" if found.comparison.partition(" ")[2][:1] == "<" else "under"
    limit, now = number_text(name, found.limit_value), number_text(name, found.value)
    return f"We drop it if {_OPERANDS[name]} goes {way} {limit}: it is {now} now."


def let_be_text(symbol: str) -> str:
    """That the plan lets a share be."""
    return f"The plan lets {symbol} be: it is not held and not bought."


def change_text(change: GateChange, view: View) -> str:
    """What a change of one number would bring about."""
    needed, fails_at = (shown(value, change.unit) for value in (change.needed, change.fails_at))
    if view is View.EXPERT:
        needed, fails_at = told_apart(needed, fails_at)
        now = number_text(change.input, change.recorded)
        return f"{change.input} {now} -> {needed.text} (not yet at {fails_at.text}): {change.verdict}"
    name = _OPERANDS.get(change.input)
    if name is None:
        return f"It would change if {_words(change.input)} were {needed.text}."
    falls = "fell under" if isinstance(change.needed, float) else "fell to"
    way = falls if change.needed < change.recorded else "rose to"
    ends = {"selected": "It would join the plan", "not selected": "It would leave the plan", "deny": "We would drop it"}
    return f"{ends.get(change.verdict, 'We would show it')} if {name} {way} {needed.text}."


def nearest_margin(pick: Pick) -> Margin | None:
    """Of what would hold the pick back, were it to turn, the comparison that has the least room left, of its limit.

    Rules that only ask somebody first hold nothing back, nor do those that let the pick be for what it is.
    """
    plan, values = pick.rules, pick.gate.values
    texts = [plan.node(rule.node).doc.formula for rule in plan.rules if rule.effect is Verdict.DENY]
    turning = [margin for text in texts if not is_free(text, values) for margin in margins(text, plan, values)]
    found = [margin for margin in turning if margin.operand in _OPERANDS and _room(margin) is not None]
    return min(found, key=lambda margin: (_room(margin) or 0.0, margin.operand), default=None)


def _room(margin: Margin) -> float | None:
    if margin.margin is None or isinstance(margin.value, Absent) or float(margin.margin) < 0.0:
        return None
    return float(margin.margin) / max(abs(float(margin.limit_value)), 1e-9)


def pick_margins(pick: Pick) -> tuple[Margin, ...]:
    """How far each comparison of the rules of picks was from turning, warnings apart."""
    plan = pick.rules
    return tuple(
        margin
        for rule in plan.rules
        if rule.effect is not Verdict.WARN
        for margin in margins(plan.node(rule.node).doc.formula, plan, pick.gate.values)
    )


def expert_text(pick: Pick) -> str:
    """Weights, scores, reasons, costs and guardrails in a few lines."""
    told = pick.numbers
    named = (
        "target_weight_frac",
        "conviction_score",
        "composite_score",
        "fitness_frac",
        "beta_frac",
        "volatility_frac",
    )
    parts = [f"{name} {number_text(name, told[name])}" for name in named]
    reasons = [
        f"{each.name} {each.claimed_score:+.3f}{'' if each.is_cited else ' (not cited)'}" for each in pick.reasons
    ]
    text = f"{_order(pick)}. {', '.join(parts)}. Reasons: {', '.join(reasons) or 'none'}."
    text += f" bad_day_loss_usd {number_text('bad_day_loss_usd', told['bad_day_loss_usd'])}."
    return " ".join([text, *_expert_preview(pick)])


def _expert_preview(pick: Pick) -> list[str]:
    if pick.preview is None:
        return []
    decision, cost = pick.preview.run.decision, pick.preview.run.values["expected_cost_bps"]
    words = "unknown" if isinstance(cost, Absent) else number_text("expected_cost_bps", cost)
    spoke = "; ".join(rule.because for rule in decision.failed)
    return [
        f"Guardrails: {decision.verdict.label}, {decision.order_shares:,} shares may be sent, expected cost {words}.",
        *([f"{spoke}."] if spoke else []),
    ]


def plan_text(told: SignalPlan, view: View) -> str:
    """The whole plan in words: how many picks, what all of it risks, and what is not known."""
    n_shown = sum(pick.is_shown for pick in told.picks)
    n_hidden = len(told.picks) - n_shown
    if view is View.EXPERT:
        missing = "; ".join(f"{source.name}: {source.because}" for source in told.missing) or "none"
        volatility = number_text("book_volatility_frac", told.book_volatility_frac)
        return (
            f"{n_shown} of {len(told.picks)} picks shown under {' and '.join(told.policies)}; "
            f"book_volatility_frac {volatility} a session. Missing sources: {missing}."
        )
    held = f" We hold back {n_hidden}." if n_hidden else ""
    unknown = _listed(_SOURCES[source.name] for source in told.missing) if told.missing else ""
    gaps = f" We do not know today: {unknown}." if unknown else ""
    return f"Today's plan shows {n_shown} share{'' if n_shown == 1 else 's'}.{held}{gaps}"
