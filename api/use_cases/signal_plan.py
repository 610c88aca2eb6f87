"""The day plan as the signal service tells it: each pick with its reasons, its risk in money and what the rules say.

    read       the newest PLAN entry of the account and the run that it archived        day_plan
    ask        every source beside it; one that fails is missing, with its reason        signal_sources
    join       a run of the dataflow `signals` over all of it: evidence, reasons, risk   signal_join
    judge      each pick by the rules of policies/picks: what they deny is not shown     here
    preview    each candidate order by the trading policy, as an order would be judged   here

Nothing is written. The same entry, the same sources and the same policies give the same bytes, so that the digest of
the run of `signals` names what was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from api.use_cases.day_plan import DayPlan, PlanRow
from api.use_cases.deciding import OrderRequest, order_snapshot
from api.use_cases.desk import Desk
from api.use_cases.signal_join import Joined
from api.use_cases.signal_sources import Source, State
from dataflows.engine.plan import Plan
from dataflows.engine.run import GateRun, OrderRun, Runner, SessionRun
from dataflows.signals import PickSnapshot
from nodes.journal.account import AccountState
from nodes.kernels.reason_tables import cited_reasons, reasons_by_symbol
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.verdict import Action

_OF_ROW = (
    "composite_score",
    "close_price_usd",
    "volatility_frac",
    "estimated_spread_bps",
    "adv_shares",
    "bar_age_sessions",
)
_OF_SESSION = {"beta_frac": "last_beta_frac", "position_weight_frac": "position_weight_frac"}
_OF_SIGNALS = (
    "forecast_return_frac",
    "forecast_low_frac",
    "tone_score",
    "fitness_frac",
    "bad_day_loss_usd",
    "risk_share_frac",
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a pick.

    Attributes:
        name: the feature, forecast or tone.
        value: of the share.
        claimed_score: what it adds to the conviction.
        observed_score: by how much the conviction fell when it was made neutral and all was weighed again.
        is_cited: whether it is among the strongest that speak for the pick.
        is_high: whether the value is above that of the other shares; a tone, above zero.
    """

    name: str
    value: float | None
    claimed_score: float
    observed_score: float
    is_cited: bool
    is_high: bool


class Preview(NamedTuple):
    """What the trading policy would say of an order now.

    Attributes:
        run: the order run.
        plan: the plan that it was a run of.
    """

    run: OrderRun
    plan: Plan


@dataclass(frozen=True)
class Pick:
    """What the plan does with one share, and why.

    Attributes:
        symbol: the share.
        side: 1 to own it, -1 to be short of it or to leave it.
        numbers: every number that any view of it may tell, by name; None where it is not known.
        reasons: the strongest first.
        gate: what the rules of picks say of it.
        rules: the plan of these rules.
        preview: what the trading policy would say of its order now; None without an order, or for an earlier plan.
    """

    symbol: str
    side: int
    numbers: Mapping[str, Any]
    reasons: tuple[Reason, ...]
    gate: GateRun
    rules: Plan
    preview: Preview | None = None

    @property
    def is_shown(self) -> bool:
        """Whether readers see it: no rule of picks denies it."""
        return self.gate.action is not Action.DENY

    @property
    def cited(self) -> tuple[Reason, ...]:
        """The reasons that are cited for it."""
        return tuple(reason for reason in self.reasons if reason.is_cited)


@dataclass(frozen=True)
class SignalPlan:
    """The day plan as it is told.

    Attributes:
        plan: the plan of the log.
        run: the run of `signals` over it; its trace's digest names what is told.
        sources: what each source came to.
        picks: shares that the plan goes some way with, the largest targets first.
        book_volatility_frac: volatility of the whole plan, per session; None where it is not known.
        policies: family and version of the policies of signals and of picks.
        told_id: digest of the run, the rules and what was so when they were asked: of all that is told.
    """

    plan: DayPlan
    run: SessionRun
    sources: tuple[Source, ...]
    picks: tuple[Pick, ...]
    book_volatility_frac: float | None
    policies: tuple[str, str]
    told_id: bytes

    @property
    def signal_id(self) -> str:
        """The digest of what was joined and what came of it."""
        return self.run.trace.digest.hex()

    @property
    def missing(self) -> tuple[Source, ...]:
        """The sources that the plan had to do without."""
        return tuple(source for source in self.sources if source.state is State.MISSING)

    def pick(self, symbol: str) -> Pick | None:
        """The pick of a share; None where the plan lets it be."""
        return next((pick for pick in self.picks if pick.symbol == symbol), None)


@dataclass(frozen=True)
class Live:
    """What is so now, and not at the close that a plan was made at.

    Attributes:
        halted: the shares that are halted; None where nothing tells halts, or they are not asked for.
        desk: the account's desk, for previews; None for an earlier plan than the account's newest.
        state: the account.
        order: runs the trading policy's order plan without a salt: what it says is not kept.
        is_now: whether what is so now is told at all; False for a plan as of an earlier instant.
    """

    halted: frozenset[str] | None = None
    desk: Desk | None = None
    state: AccountState | None = None
    order: Runner | None = None
    is_now: bool = True

    @property
    def content(self) -> tuple[Any, ...]:
        """What of it can move what is told."""
        halted = None if self.halted is None else tuple(sorted(self.halted))
        known = None if self.state is None or self.order is None else (self.state.digest, self.order.plan.digest)
        return self.is_now, halted, known


def signal_plan(found: Joined, judge: Runner, live: Live, names: tuple[str, str]) -> SignalPlan:
    """A joined day plan with its picks judged.

    Args:
        found: the plan with all that was joined.
        judge: runs the policy of picks in force.
        live: what is so now.
        names: family and version of the policies of signals and of picks.
    """
    volatility = found.run.values["book_volatility_frac"]
    picks = sorted(_picks(found, judge, live), key=lambda pick: (-abs(pick.numbers["target_weight_frac"] or 0.0),
                                                                  pick.symbol))  # fmt: skip
    return SignalPlan(
        plan=found.plan,
        run=found.run,
        sources=(*found.sources, _halts(live)),
        picks=tuple(picks),
        book_volatility_frac=None if isinstance(volatility, Absent) else volatility,
        policies=names,
        told_id=digest("told", found.run.trace.digest, judge.plan.digest, encode((found.beside, live.content))),
    )


def _halts(live: Live) -> Source:
    if not live.is_now:
        return Source("halts", State.UNASKED, "halts are told of now, and the plan of an earlier instant")
    if live.halted is None:
        return Source("halts", State.MISSING, "nothing tells halts here")
    return Source("halts", State.USED, "")


def _picks(found: Joined, judge: Runner, live: Live) -> Iterator[Pick]:
    sides = _cells(found.run.values["pick_side"], len(found.plan.rows))
    columns = _columns(found)
    by_symbol = _reasons(found)
    for place, (symbol, row) in enumerate(found.plan.rows.items()):
        side = int(sides[place] or 0)
        if not side:
            continue
        numbers = _numbers(row, {name: cells[place] for name, cells in columns.items()}, found.plan)
        snapshot = _pick_snapshot(found, numbers, (symbol, side), live)
        yield Pick(
            symbol=symbol,
            side=side,
            numbers=numbers,
            reasons=_told_reasons(by_symbol.get(symbol, []), side, found, numbers | _features(found, place)),
            gate=judge.gate(snapshot, found.plan.as_of),
            rules=judge.plan,
            preview=_preview(found.plan, row, live),
        )


def _columns(found: Joined) -> dict[str, list[Any]]:
    """Every column that numbers are taken from, one value a share; None where there is none."""
    size, values, weighed = len(found.plan.rows), found.run.values, found.run.values["weighed_evidence"]
    columns = {name: _cells(values[name], size) for name in _OF_SIGNALS}
    columns |= {name: _cells(found.recorded.values.get(node), size) for name, node in _OF_SESSION.items()}
    columns["position_shares"] = _cells(found.recorded.values.get("position_shares"), size)
    for name in ("conviction_score", "known_frac"):
        columns[name] = _cells(weighed[name] if isinstance(weighed, pl.DataFrame) else None, size)
    return columns


def _cells(row: object, size: int) -> list[Any]:
    return row.to_list() if isinstance(row, pl.Series) else [None] * size


def _numbers(row: PlanRow, own: Mapping[str, Any], plan: DayPlan) -> dict[str, Any]:
    loss = own["bad_day_loss_usd"]
    return {
        "target_weight_frac": row.target_weight_frac,
        "target_shares": row.target_shares,
        "candidate_order_shares": row.candidate_order_shares,
        **{name: row.fields[name] for name in _OF_ROW},
        **own,
        "bad_day_loss_frac": None if loss is None or plan.equity_usd <= 0 else loss / float(plan.equity_usd),
    }


def _features(found: Joined, place: int) -> dict[str, Any]:
    """What the features of the score are for one share."""
    features = found.known["inference"]
    return features.row(place, named=True) if isinstance(features, pl.DataFrame) else {}


def _reasons(found: Joined) -> Mapping[str, list[dict[str, Any]]]:
    reasons = found.run.values["pick_reasons"]
    return reasons_by_symbol(reasons) if isinstance(reasons, pl.DataFrame) else {}


def _told_reasons(
    rows: list[dict[str, Any]], side: int, found: Joined, values: Mapping[str, Any]
) -> tuple[Reason, ...]:
    named = frozenset(cited_reasons(rows, side, found.run.values["n_cited"]))
    reasons = [
        Reason(
            name=row["reason"],
            value=values.get(row["reason"]),
            claimed_score=row["claimed_score"],
            observed_score=row["observed_score"],
            is_cited=row["reason"] in named,
            is_high=row["claimed_score"] * _weight(found, row["reason"]) > 0.0,
        )
        for row in rows
    ]
    return tuple(sorted(reasons, key=lambda reason: (-side * reason.claimed_score, reason.name)))


def _weight(found: Joined, reason: str) -> float:
    """What a reason's own value is multiplied with in the conviction, but for a positive factor."""
    weights, values = found.run.values["evidence_weights"], found.run.values
    own: float = values["feature_weights"].get(reason, 0.0)
    of_kind: float = weights.get(reason, 0.0)
    return of_kind or own * float(weights["score"])


def _pick_snapshot(found: Joined, numbers: Mapping[str, Any], pick: tuple[str, int], live: Live) -> PickSnapshot:
    """What the rules of picks read of one share."""
    symbol, side = pick
    volatility, events = found.run.values["book_volatility_frac"], found.known["events"]
    known: dict[str, Any] = {
        "symbol": symbol,
        "is_lowering": is_lowering(numbers),
        "fitness_frac": numbers["fitness_frac"],
        "known_frac": numbers["known_frac"],
        "forecast_support_frac": _signed(numbers["forecast_return_frac"], side),
        "tone_support_score": _signed(numbers["tone_score"], side),
        "bad_day_loss_frac": numbers["bad_day_loss_frac"],
        "book_volatility_frac": None if isinstance(volatility, Absent) else volatility,
        "bar_age_sessions": numbers["bar_age_sessions"],
        "texts_are_told": not isinstance(found.known["sentiment"], Absent),
        "halts_are_told": live.halted is not None,
        "is_halted": None if live.halted is None else symbol in live.halted,
        "events_are_told": not isinstance(events, Absent),
        "next_event_sessions": None if isinstance(events, Absent) else events[symbol],
    }
    return PickSnapshot(**known)


def _signed(value: float | None, side: int) -> float | None:
    return None if value is None else side * value


def is_lowering(numbers: Mapping[str, Any]) -> bool | None:
    """Whether a pick's order only takes back what is held; None where the order or the holding is not known."""
    order, held = numbers["candidate_order_shares"], numbers["position_shares"]
    if order is None or held is None:
        return None
    return bool(order * held < 0 and abs(order) <= abs(held))


def _preview(plan: DayPlan, row: PlanRow, live: Live) -> Preview | None:
    """What the trading policy says of a candidate order now; None without one."""
    if not row.candidate_order_shares or live.desk is None or live.state is None or live.order is None:
        return None
    request = OrderRequest(plan.session_on, plan.as_of, row.fields, plan.trace, plan.entry_id)
    snapshot = order_snapshot(live.desk, live.state, request)
    return Preview(live.order.order(snapshot, plan.as_of, (plan.trace,)), live.order.plan)
