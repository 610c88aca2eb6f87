"""Every feature of every domain for a panel of shares: what research reads, and what `assay pit audit` tries to break.

The nodes are those of the trading dataflows: one definition. A feature joins its facts itself, at each bar's close, so
that changing what became known later must not change it. `FeatureSnapshot` hands over facts with all their revisions,
known by the run's instant; it joins nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dataflows.engine.catalog import NodeModule, installed_modules
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from nodes.vocabulary.units import Panel
from policies.parse import ParsedPolicy

NAME = "features"
"""What a policy names as its strategy that gives parameters of features and decides nothing."""
STAGES = ("market", "features")
PARAMETERS = Path(__file__).resolve().parents[1] / "policies" / "features" / "v1.yaml"
"""The shipped parameters of all features."""


@dataclass(frozen=True)
class FeatureSnapshot:
    """What the features read, as it was known at the close of the session. A frame of facts that is None is not known.

    Attributes:
        panel: bars as in `us_equities.SessionSnapshot`, with closed_at and split_ratio.
        index_panel: levels of the index, sorted by session: session_on, close_usd.
        session_on: the session.
        factors: facts: factor, period_on, value.
        fundamentals: facts: symbol, concept, unit, period_start_on, period_end_on, value.
        estimates: facts: symbol, fiscal_year, fiscal_quarter, analyst, measure, value, basis.
        earnings_actuals: facts: symbol, fiscal_year, fiscal_quarter, measure, value, consensus, basis.
        earnings_calendar: facts: symbol, fiscal_year, fiscal_quarter, scheduled_at.
        ratings: facts: symbol, firm, rated_on, score.
        ownership_13f: facts: symbol, filer, kind, put_call, period_on, shares.
        insider_holdings: facts: symbol, insider_cik, period_on, shares_owned, bought_shares, sold_shares.
        options: quotes: underlying_id, expiry_on, strike_usd, right, quoted_at, bid_usd, ask_usd.
        option_open_interest: facts: underlying_id, expiry_on, strike_usd, right, open_interest.
        short_interest: facts: symbol, settled_on, shares.
        borrow: facts: symbol, day_on, available_shares, fee_rate_frac.
        fails: facts: symbol, settled_on, shares.
        text_scores: facts of one model: text_id, symbol, channel, score.

    Facts have event_at, known_at and sequence beside these, and is_retracted where some are taken back.
    """

    panel: Panel
    index_panel: Panel
    session_on: date
    factors: Panel | None = None
    fundamentals: Panel | None = None
    estimates: Panel | None = None
    earnings_actuals: Panel | None = None
    earnings_calendar: Panel | None = None
    ratings: Panel | None = None
    ownership_13f: Panel | None = None
    insider_holdings: Panel | None = None
    options: Panel | None = None
    option_open_interest: Panel | None = None
    short_interest: Panel | None = None
    borrow: Panel | None = None
    fails: Panel | None = None
    text_scores: Panel | None = None


def features_dataflow(modules: Iterable[NodeModule]) -> Dataflow:
    """The dataflow of every feature that has a contract in some modules."""
    names = {name for entry in modules if entry.sheet is not None for name in entry.sheet.contracts}
    return Dataflow(NAME, Kind.SESSION, STAGES, FeatureSnapshot, tuple(sorted(names)))


def compiled_features(parameters: ParsedPolicy, modules: Iterable[NodeModule] | None = None) -> Plan:
    """The plan of all features. Raises PolicyError or PlanError with every fault.

    Args:
        parameters: the policy that gives every parameter.
        modules: node modules to use in place of the installed ones.
    """
    found = tuple(installed_modules(STAGES) if modules is None else modules)
    return compiled_dataflow(parameters, features_dataflow(found), found)
