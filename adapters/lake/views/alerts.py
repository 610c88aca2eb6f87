"""Alerts about what was ingested: which facts deserve one, and carrying them from the lake to the alert box.

An alert is about an event, not about a row: its id is the digest of what happened, so a file that is imported twice, or
a feed that repeats itself, raises it once. `pumped` reads what lies behind the place that the box keeps for each table;
it can be run after every ingest and at every start, and nothing that was committed is ever missed. A fact that is
stored before it counts as known, as a filing of today that counts from tomorrow's opening, raises its alert then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from adapters.lake.domains.calendars import EARNINGS_CALENDAR
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.domains.estimates import EARNINGS_ACTUALS
from adapters.lake.domains.filings import FILINGS
from adapters.lake.domains.ownership import INSIDER_HOLDINGS
from adapters.lake.domains.ratings import RATINGS
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore
from adapters.sql.alerts import Alert, AlertBox
from nodes.vocabulary.canonical import digest, digest_text, encode

_RESULTS = "2.02"
_ALWAYS = datetime(2200, 1, 1, tzinfo=UTC)
_Row = Mapping[str, Any]


@dataclass(frozen=True)
class AlertRule:
    """Which facts of a table raise an alert.

    Attributes:
        domain: the table.
        kind: kind of the alert.
        where: which facts; a fact that was retracted raises none.
        title: one line about a fact.
        about: columns beside the keys that make it another event: a moved date is one, a repeated fact is none.
        symbol: column that names the share.
    """

    domain: Domain
    kind: str
    where: pl.Expr
    title: Callable[[_Row], str]
    about: tuple[str, ...] = ()
    symbol: str = "symbol"

    def alert(self, row: _Row) -> Alert:
        """The alert about one fact."""
        told = {name: row[name] for name in (*self.domain.keys, *self.about)}
        values = {name: row[name] for name in self.domain.values}
        return Alert(
            event_id=digest_text(digest("alert", self.kind.encode(), encode(told))),
            kind=self.kind,
            symbol=str(row[self.symbol]),
            title=self.title(row),
            detail="; ".join(f"{name} {value}" for name, value in values.items() if value is not None),
            event_at=row["event_at"],
            known_at=row["known_at"],
        )


ALERT_RULES: tuple[AlertRule, ...] = (
    AlertRule(
        FILINGS,
        "results-filed",
        pl.col("form").str.starts_with("8-K") & pl.col("items").str.contains(_RESULTS, literal=True),
        lambda row: f"{row['symbol']} filed results ({row['form']}, {row['filed_on']})",
    ),
    AlertRule(
        EARNINGS_CALENDAR,
        "earnings-scheduled",
        ~pl.col("is_confirmed"),
        lambda row: (
            f"{row['symbol']} {row['fiscal_year']} Q{row['fiscal_quarter']} is due {row['scheduled_at']:%Y-%m-%d}"
        ),
        about=("scheduled_at", "when"),
    ),
    AlertRule(
        EARNINGS_ACTUALS,
        "results-announced",
        pl.col("value").is_not_null(),
        lambda row: f"{row['symbol']} {row['fiscal_year']} Q{row['fiscal_quarter']}: {row['measure']} {row['value']:g}",
    ),
    AlertRule(
        RATINGS,
        "rating",
        pl.col("rating").is_not_null(),
        lambda row: f"{row['firm']} rates {row['symbol']} {row['rating']}",
        about=("rating",),
    ),
    AlertRule(
        INSIDER_HOLDINGS,
        "insider-trade",
        (pl.col("bought_shares") > 0) | (pl.col("sold_shares") > 0),
        lambda row: f"insider {row['insider_cik']} of {row['symbol']} traded (form {row['form']})",
    ),
    AlertRule(
        CORPORATE_ACTIONS,
        "corporate-action",
        pl.col("kind").is_not_null(),
        lambda row: f"{row['security_id']}: {row['kind']} on {row['ex_on']}",
        symbol="security_id",
    ),
)


def pumped(store: FactStore, box: AlertBox, known_at: datetime, rules: tuple[AlertRule, ...] = ALERT_RULES) -> int:
    """Raises the alerts of every fact that was committed since the last time. Returns how many were new.

    Args:
        store: the lake.
        box: where alerts are kept.
        known_at: now.
        rules: what deserves an alert.
    """
    return sum(_pumped(store, box, rule, known_at) for rule in rules)


def _pumped(store: FactStore, box: AlertBox, rule: AlertRule, known_at: datetime) -> int:
    source = f"{rule.domain.name}/{rule.kind}"
    read_to = box.read_to(source)
    facts = store.history(rule.domain, _ALWAYS, pl.col("sequence") > read_to).collect()
    if facts.is_empty():
        return 0
    is_known = pl.col("known_at") <= known_at
    deserving = facts.filter(is_known, rule.where, ~pl.col("is_retracted")).sort("sequence")
    return box.raised([rule.alert(row) for row in deserving.iter_rows(named=True)], source, _read_to(facts, is_known))


def _read_to(facts: pl.DataFrame, is_known: pl.Expr) -> int:
    """The last sequence that need not be looked at again: the one before the first that is not known yet."""
    unknown = facts.filter(~is_known)
    place: int = facts["sequence"].max() if unknown.is_empty() else unknown["sequence"].min() - 1  # type: ignore[assignment,operator]  # whole numbers, and there is one
    return place
