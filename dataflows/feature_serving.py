"""Features served as sessions close: what of a snapshot is new, and what is kept of each domain meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime

import polars as pl

from dataflows.engine.known_facts import Law, Retention
from dataflows.engine.plan import Plan
from dataflows.engine.serving import Keeping
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.units import Panel

_BY_SPLITS = (
    "consensus_eps_usd",
    "estimate_dispersion_frac",
    "estimates_count",
    "insider_holding_frac",
    "institutional_holding_frac",
    "institutions_count",
    "net_issuance_frac",
    "outstanding_shares",
)
"""Features whose windows are of splits alone (`nodes.kernels.split_basis`)."""
_INSTANT = pl.Datetime("ns", "UTC")

_DAY_S = 86_400


def feature_keeping(plan: Plan) -> Keeping:
    """What is kept while features are served.

    Args:
        plan: of the features, for the ages that its parameters say.
    """
    return Keeping(_retentions(plan), dict.fromkeys(_BY_SPLITS, "split_ratio"))


def _retentions(plan: Plan) -> Mapping[str, Retention]:
    """What is kept of each input of facts; of those that are not named, everything.

    Args:
        plan: of the features, for the ages that its parameters say.
    """
    ages = {name: int(value) for name, value in plan.params.items() if name.endswith(("_s", "_days"))}
    texts_s = max(ages.get("text_life_days", 0), ages.get("text_memory_days", 0)) * _DAY_S
    share, standing = Retention(Law.SHARE), Retention(Law.STANDING)
    quotes_s, interest_s = ages.get("option_max_age_s", 0), ages.get("option_interest_max_age_s", 0)
    return {
        "fundamentals": share,
        "estimates": share,
        "earnings_actuals": share,
        "earnings_calendar": share,
        "ratings": share,
        "insider_holdings": share,
        "options": Retention(Law.MOMENT, life_s=quotes_s, key=("quoted_at",)),
        "option_open_interest": Retention(Law.MOMENT, life_s=interest_s, key=("event_at",)),
        "short_interest": standing,
        "borrow": standing,
        "fails": standing,
        "text_scores": Retention(
            Law.LIVING, life_s=texts_s, key=("symbol", "text_id"), apart=("symbol", "channel"), value="score"
        ),
    }


def feature_news(snapshot: FeatureSnapshot, since: datetime) -> FeatureSnapshot:
    """What of a snapshot was not in that of an earlier instant: bars that closed and facts that became known since."""
    after = pl.lit(instant_ns(since)).cast(_INSTANT)
    frames = {item.name: getattr(snapshot, item.name) for item in fields(snapshot)}
    facts = {
        name: Panel(frame.filter(pl.col("known_at") > after))
        for name, frame in frames.items()
        if isinstance(frame, pl.DataFrame) and "known_at" in frame.columns
    }
    changed = {**facts, "panel": Panel(snapshot.panel.filter(pl.col("closed_at") > after))}
    return replace(snapshot, **changed)  # type: ignore[arg-type]  # fields by their names
