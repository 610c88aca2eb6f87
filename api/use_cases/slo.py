"""Service level objectives at work: what was counted, how fast budgets burn, and who is told.

Burn rates are those of the Site Reliability Workbook: a budget burns too fast when it does so over a long stretch and
over the short one at its end, and when enough events were bad to tell. Each time that begins, one alert is raised; it
ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from adapters.sql.alert_tables import RaisedNotice
from adapters.sql.slo_samples import HOME, SloSamples, Stretch
from adapters.telemetry.counted import counted, series_of
from api.use_cases.policies import file_bytes
from api.use_cases.telling import Teller
from nodes.kernels.error_budgets import budget_left_frac, burn_ratio
from nodes.vocabulary.canonical import digest, encode
from policies.slo import BurnWindow, Objective, SloPolicy, parsed_slo_policy, shipped_slo_policy

SLO = "slo"
_ID_DIGITS = 24


@dataclass(frozen=True, slots=True)
class WindowStatus:
    """How fast a budget burns over a window.

    Attributes:
        window: as the policy has it.
        long_ratio: burn rate over its long stretch; None without events.
        short_ratio: over its short one.
        long_known_s: how much of the long stretch is known.
        is_burning: whether both are as high as somebody is told at, and enough events were bad.
        since: since when; None while it does not burn.
    """

    window: BurnWindow
    long_ratio: float | None
    short_ratio: float | None
    long_known_s: float
    is_burning: bool
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ObjectiveStatus:
    """How an objective stands.

    Attributes:
        name: the objective's, with the value of the label that parts it.
        objective: as the policy has it.
        period: what was counted in the period; None when nothing was yet.
        budget_left_frac: what of the period's budget is left; None without events.
        windows: how fast it burns.
    """

    name: str
    objective: Objective
    period: Stretch | None
    budget_left_frac: float | None
    windows: tuple[WindowStatus, ...]


def slo_policy(file: Path | None = None) -> SloPolicy:
    """The objectives in a file. Raises EdgeError when it cannot be read, PolicyError with every fault."""
    return shipped_slo_policy() if file is None else parsed_slo_policy(file_bytes(file), str(file))


@dataclass(frozen=True)
class SloKeeper:
    """Counts for objectives, and says how they stand.

    Attributes:
        policy: the objectives.
        samples: what was counted.
        exposition: the metrics of this server, its fellow workers included.
        clock: the shell's clock.
        teller: raises alerts; None where nobody is told.
        source: which of the home's servers this is: each has counters of its own.
    """

    policy: SloPolicy
    samples: SloSamples
    exposition: Callable[[], bytes]
    clock: Callable[[], datetime]
    teller: Teller | None = None
    source: str = ""

    def look(self) -> int:
        """Count, if it is time and no other process did, and tell of budgets that begin to burn. Returns how many."""
        now = self.clock()
        if not self.samples.has_turn(now, self.policy.sample_s, self.source):
            return 0
        looks = self.samples.has_turn(now, self.policy.sample_s, HOME)  # a gauge is of the home: one server looks
        series = series_of(self.exposition())
        shown = (each for objective in self.policy.objectives for each in counted(objective, series))
        found = [each for each in shown if each.is_counter or looks]
        longest_s = max(self.policy.period_s, *(window.long_s for window in self.policy.windows))
        self.samples.keep(now, found, now - timedelta(seconds=longest_s + 2 * self.policy.sample_s), self.source)
        return sum(self._told(each) for each in self.statuses(now))

    def statuses(self, now: datetime | None = None) -> tuple[ObjectiveStatus, ...]:
        """How every objective stands now, those of which nothing was counted included."""
        at = now or self.clock()
        since = self.samples.burning_since()
        return tuple(self._status(name, objective, at, since) for name, objective in self._named())

    def _named(self) -> Iterator[tuple[str, Objective]]:
        known = self.samples.objectives()
        for objective in self.policy.objectives:
            parts = [name for name in known if name.startswith(f"{objective.id}/")] if objective.by else []
            yield from ((name, objective) for name in (parts or [objective.id]))

    def _status(
        self, name: str, objective: Objective, at: datetime, since: dict[tuple[str, str], datetime]
    ) -> ObjectiveStatus:
        period = self._stretch(name, at, self.policy.period_s)
        left = None if period is None else budget_left_frac(period.bad, period.total, objective.good_frac)
        windows = tuple(
            self._window(name, objective, window, at, since.get((name, window.id))) for window in self.policy.windows
        )
        return ObjectiveStatus(name, objective, period, left, windows)

    def _window(  # what a window is about
        self, name: str, objective: Objective, window: BurnWindow, at: datetime, since: datetime | None
    ) -> WindowStatus:
        long, short = (self._stretch(name, at, span_s) for span_s in (window.long_s, window.short_s))
        ratios = [
            None if each is None else burn_ratio(each.bad, each.total, objective.good_frac) for each in (long, short)
        ]
        known_s = 0.0 if long is None else min((at - long.since).total_seconds(), float(window.long_s))
        is_telling = long is not None and long.bad >= objective.min_bad_count
        is_burning = is_telling and all(ratio is not None and ratio >= window.burn_ratio for ratio in ratios)
        return WindowStatus(window, ratios[0], ratios[1], known_s, is_burning, since if is_burning else None)

    def _stretch(self, name: str, at: datetime, span_s: int) -> Stretch | None:
        return self.samples.stretch(name, at - timedelta(seconds=span_s), at)

    def _told(self, status: ObjectiveStatus) -> int:
        n_told = 0
        for found in status.windows:
            if not found.is_burning:
                self.samples.calm(status.name, found.window.id)
                continue
            began_at = self.samples.burning(status.name, found.window.id, self.clock())
            if self.teller is not None:  # each time: whoever noticed may have died before it raised the alert
                n_told += self.teller.raised(slo_notice(status, found, began_at))
        return n_told


def slo_notice(status: ObjectiveStatus, found: WindowStatus, began_at: datetime) -> RaisedNotice:
    """The alert of a budget that burns too fast: another one each time that this begins."""
    window = found.window
    name = digest("alert", SLO.encode(), encode((status.name, window.id, began_at)))
    detail = (
        f"{status.objective.about} Its budget burns {found.long_ratio:.3g} times faster than allowed over "
        f"{_span(window.long_s)} and {found.short_ratio:.3g} times over {_span(window.short_s)}; somebody is told "
        f"from {window.burn_ratio:g} on. {_left(status.budget_left_frac)} assay slo status tells more"
    )
    return RaisedNotice(
        alert_id=f"alert-{name.hex()[:_ID_DIGITS]}",
        source=SLO,
        kind=window.id,
        severity=window.severity,
        account_id="",
        symbol="",
        title=f"error budget of {status.name} burns too fast ({window.id})",
        detail=detail,
        at=began_at,
    )


def _left(frac: float | None) -> str:
    """What is left of a period's budget, in words."""
    if frac is None:
        return "How much of the period's budget is left is not known."
    if frac < 0.0:
        return f"The period's budget is used up {1.0 - frac:.3g} times over."
    return f"Of the period's budget {frac:.1%} is left."


def _span(span_s: int) -> str:
    """A stretch of time in the largest unit that it is a whole number of."""
    for unit, unit_s in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count, rest = divmod(span_s, unit_s)
        if count and not rest:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{span_s} s"
