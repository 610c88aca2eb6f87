"""Holds features to their contracts while a session plan runs.

What stands on a source as a whole (no fact young enough, a fact known before it could be) makes a feature absent, with
the reason. What is of one row (its share's newest fact is too old, its value is out of range) makes that row unknown,
and the breach is told beside the run. Either way the order that needs it is denied.

A row's staleness is measured at that row's own close, so that a session alone and the same session inside twenty years
see the same rows. Order plans have no contracts, and pay nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from dataflows.engine.plan import PlanNode
from nodes.kernels.derived import kept
from nodes.kernels.standing import at_rows
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.domains import SOURCE_DOMAINS
from policies.contracts import Contract, SourceTerm

_NS = 1_000_000_000
_DAY_S = 86_400
_INSTANT = pl.Datetime("ns", "UTC")
_BARS = "bars_daily"


@dataclass(frozen=True, slots=True)
class Breach:
    """A feature that did not hold its contract in a run.

    Attributes:
        feature: name of the node.
        reason: what was wrong, with the value.
        n_rows: rows that became unknown; 0 when the whole feature became absent.
    """

    feature: str
    reason: str
    n_rows: int


class Guard:
    """Holds the nodes of one run to their contracts. Sources are looked at once a run.

    Args:
        snapshot: what the run reads.
    """

    def __init__(self, snapshot: Any) -> None:  # noqa: ANN401  # the snapshot type of the dataflow
        self._snapshot = snapshot
        self._faults: dict[SourceTerm, str] = {}
        self._stale: dict[SourceTerm, pl.Series | None] = {}
        self.breaches: list[Breach] = []

    def held(self, node: PlanNode, contract: Contract, value: Any) -> Any:  # noqa: ANN401  # a node's value
        """The value as far as the contract lets it stand."""
        if not isinstance(value, pl.Series):
            return value
        for term in contract.sources:
            reason = self._source_fault(term)
            if reason:
                return self._absent(node, reason)
        if str(value.dtype).lower() != contract.dtype:
            return self._absent(node, f"is {value.dtype}, its contract says {contract.dtype}")
        for term in contract.sources:
            value = self._without(
                node, value, self._stale_rows(term), f"{term.domain} is staler than its contract lets"
            )
        value = self._within(node, contract, value)
        if contract.missing == "never" and value.null_count():
            return self._absent(node, f"misses {value.null_count()} of {len(value)} values, its contract says never")
        return value

    def _absent(self, node: PlanNode, reason: str) -> Absent:
        self.breaches.append(Breach(node.name, reason, 0))
        return Absent(node.name, reason)

    def _without(self, node: PlanNode, value: pl.Series, wrong: pl.Series | None, reason: str) -> pl.Series:
        """The column without some rows."""
        if wrong is None or len(wrong) != len(value):
            return value
        n_rows = int((wrong & value.is_not_null()).sum())
        if not n_rows:
            return value
        self.breaches.append(Breach(node.name, reason, n_rows))
        return value.set(wrong, None)

    def _within(self, node: PlanNode, contract: Contract, value: pl.Series) -> pl.Series:
        """The column without values out of range."""
        low, high = contract.low, contract.high
        least, most = value.min(), value.max()
        if least is None or most is None:
            return value
        is_low = low is not None and least < low  # type: ignore[operator]  # numbers, as the dtype says
        is_high = high is not None and most > high  # type: ignore[operator]
        if not (is_low or is_high):
            return value
        outside = pl.repeat(value=False, n=len(value), eager=True)
        if low is not None:
            outside |= (value < low).fill_null(value=False)
        if high is not None:
            outside |= (value > high).fill_null(value=False)
        worst = most if is_high else least
        return self._without(node, value, outside, f"was {worst!r}, outside [{low}, {high}]")

    def _source_fault(self, term: SourceTerm) -> str:
        if term not in self._faults:
            self._faults[term] = self._looked_at(term)
        return self._faults[term]

    def _looked_at(self, term: SourceTerm) -> str:
        """What is wrong with a source as a whole, or nothing."""
        if term.domain == _BARS:
            return self._bars_fault(term)
        if SOURCE_DOMAINS[term.domain].least_lag_s is None or not term.lag_s:
            return ""
        shortest = self._shortest_lag(term)
        if shortest is None or (shortest_s := int(shortest.total_seconds())) >= term.lag_s:
            return ""
        return f"a fact of {term.domain} was known {shortest_s} s after its event, its contract says {term.lag_s} s"

    def _bars_fault(self, term: SourceTerm) -> str:
        session_on = self._given("session_on")
        if term.max_staleness_s is None or not isinstance(self._given("panel"), pl.DataFrame):
            return ""
        if not isinstance(session_on, date):
            return ""
        newest_on = self._newest_bar_on()
        if newest_on is None:
            return "no bar is known"
        age_s = (session_on - newest_on).days * _DAY_S
        if age_s <= term.max_staleness_s:
            return ""
        return f"the newest bar is of {newest_on}, {age_s} s before {session_on}; at most {term.max_staleness_s} s"

    def _newest_bar_on(self) -> date | None:
        """The newest session of the panel."""
        newest_on = self._given("panel")["session_on"].max()
        return newest_on if isinstance(newest_on, date) else None

    def _shortest_lag(self, term: SourceTerm) -> timedelta | None:
        """The shortest time between an event of a source and its knowledge; None where none is told."""
        facts = self._facts(term)
        lag = None if facts is None else (facts["known_at"] - facts["event_at"]).min()
        return lag if isinstance(lag, timedelta) else None

    def _seen(self, term: SourceTerm) -> pl.DataFrame | None:
        """The instants at which something of a source became known, by share: symbol, at, seen_at."""
        facts = self._facts(term)
        return None if facts is None else known_instants(facts, SOURCE_DOMAINS[term.domain].subject)

    def _facts(self, term: SourceTerm) -> pl.DataFrame | None:
        """The facts of a source as the snapshot carries them, where they state when they were known."""
        for carrier in SOURCE_DOMAINS[term.domain].carriers:
            frame = self._given(carrier)
            if isinstance(frame, pl.DataFrame) and "known_at" in frame.columns:
                return frame
        return None

    def _given(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._snapshot, name, None)

    def _stale_rows(self, term: SourceTerm) -> pl.Series | None:
        if term not in self._stale:
            self._stale[term] = self._too_old(term)
        return self._stale[term]

    def _too_old(self, term: SourceTerm) -> pl.Series | None:
        """The rows at whose close the newest fact known of their share was too old; None where none can be."""
        subject = SOURCE_DOMAINS[term.domain].subject
        panel = self._given("panel")
        is_there = isinstance(panel, pl.DataFrame) and "closed_at" in panel.columns
        seen = self._seen(term) if is_there and term.max_staleness_s is not None else None
        if seen is None or term.max_staleness_s is None:
            return None
        closed_at = panel["closed_at"].cast(_INSTANT)
        symbol = panel["symbol"] if subject is not None else pl.repeat("", panel.height, eager=True)
        newest = at_rows(seen, {"symbol": symbol}, closed_at)["seen_at"]
        age_ns = closed_at.cast(pl.Int64) - newest.cast(pl.Int64)
        oldest_ns = age_ns.max()
        if not isinstance(oldest_ns, int) or oldest_ns <= term.max_staleness_s * _NS:
            return None
        stale: pl.Series = age_ns.fill_null(0) > term.max_staleness_s * _NS
        return stale


@kept
def known_instants(facts: pl.DataFrame, subject: str | None) -> pl.DataFrame:
    """The instants at which something became known, by share: symbol, at, seen_at."""
    about = pl.lit("") if subject is None else pl.col(subject)
    steps = facts.select(symbol=about, at=pl.col("known_at").cast(_INSTANT)).drop_nulls().unique()
    return steps.with_columns(seen_at=pl.col("at"))
