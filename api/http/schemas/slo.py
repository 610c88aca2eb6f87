"""Service level objectives in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from api.use_cases.slo import ObjectiveStatus, WindowStatus
from nodes.vocabulary.instants import instant_text
from policies.slo import SloPolicy


class BurnView(msgspec.Struct, frozen=True):
    """How fast a budget burns over a window.

    Attributes:
        window: its name.
        long_s: its long stretch.
        short_s: its short one.
        burn_ratio: from which rate on somebody is told, over both.
        severity: how loudly.
        long_ratio: burn rate over the long stretch: 1 uses up the budget of a period in a period; null without events.
        short_ratio: over the short one.
        long_known_s: how much of the long stretch is known.
        is_burning: whether it burns too fast.
        since: since when; null while it does not.
    """

    window: str
    long_s: int
    short_s: int
    burn_ratio: float
    severity: str
    long_ratio: float | None
    short_ratio: float | None
    long_known_s: float
    is_burning: bool
    since: str | None


class ObjectiveView(msgspec.Struct, frozen=True):
    """How an objective stands.

    Attributes:
        objective: its name, with the value of the label that parts it.
        about: what it promises.
        good_frac: the share of events that must be good.
        total: events of the period; null when nothing was counted yet.
        bad: those that were bad.
        bad_frac: their share; null without events.
        known_since: the first moment of the period that is known.
        budget_left_frac: what of its budget is left, below zero when more than all is used up; null without events.
        windows: how fast it burns.
    """

    objective: str
    about: str
    good_frac: float
    total: float | None
    bad: float | None
    bad_frac: float | None
    known_since: str | None
    budget_left_frac: float | None
    windows: tuple[BurnView, ...]


class SloView(msgspec.Struct, frozen=True):
    """How every objective stands.

    Attributes:
        policy: family and version of the objectives.
        as_of: now.
        period_days: over which a budget is reckoned.
        is_burning: whether any budget burns too fast.
        objectives: in the policy's order.
    """

    policy: str
    as_of: str
    period_days: int
    is_burning: bool
    objectives: tuple[ObjectiveView, ...]


def slo_view(policy: SloPolicy, at: datetime, found: Sequence[ObjectiveStatus]) -> SloView:
    """How every objective stands, for clients."""
    is_burning = any(window.is_burning for each in found for window in each.windows)
    named = f"{policy.family} v{policy.version}"
    return SloView(named, instant_text(at), policy.period_days, is_burning, tuple(map(_objective, found)))


def _objective(found: ObjectiveStatus) -> ObjectiveView:
    period = found.period
    return ObjectiveView(
        objective=found.name,
        about=found.objective.about,
        good_frac=found.objective.good_frac,
        total=None if period is None else period.total,
        bad=None if period is None else period.bad,
        bad_frac=None if period is None or period.total <= 0 else period.bad / period.total,
        known_since=None if period is None else instant_text(period.since),
        budget_left_frac=found.budget_left_frac,
        windows=tuple(map(_burn, found.windows)),
    )


def _burn(found: WindowStatus) -> BurnView:
    return BurnView(
        window=found.window.id,
        long_s=found.window.long_s,
        short_s=found.window.short_s,
        burn_ratio=found.window.burn_ratio,
        severity=found.window.severity,
        long_ratio=found.long_ratio,
        short_ratio=found.short_ratio,
        long_known_s=found.long_known_s,
        is_burning=found.is_burning,
        since=None if found.since is None else instant_text(found.since),
    )
