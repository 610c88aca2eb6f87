"""The bundled data as facts, so that what asks the lake can be tried without a file of one's own.

The ids of its securities are their symbols. Its splits and dividends are those that `adapters.lake.actions` infers from
neighbouring sessions; none of its adjusted closes is stored.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adapters.feeds.files.fields import Typed
from adapters.feeds.files.lean_identity import lease_facts
from adapters.feeds.files.leases import SCHEMA
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import no_rejects
from adapters.lake.actions import ActionKind, CorporateAction
from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.domains.factors import FACTORS
from adapters.lake.factor_laws import POINTS
from adapters.lake.instant_laws import AT_CLOSE, Law, Rule
from adapters.lake.lake import bundled_lake

SOURCE = "bundled"
_CLOSE = Timing(AT_CLOSE, "session_on", AT_CLOSE, "session_on")
_OPEN = Timing(Law(Rule.SESSION_OPEN), "ex_on", Law(Rule.SESSION_OPEN), "ex_on")
_ACTION_SCHEMA = {
    "security_id": pl.String,
    "kind": pl.String,
    "ex_on": pl.Date,
    "ratio": pl.Float64,
    "amount_usd": pl.Float64,
    "detail": pl.String,
}


def bundled_facts() -> Iterator[Parsed]:
    """Identity, bars, actions and the index. Raises EdgeError or DataError when they are not as the manifest says."""
    lake = bundled_lake()
    spans = lake.panel.group_by("symbol").agg(pl.col("session_on").min()).sort("symbol")
    leases = [(symbol, symbol, first_on, None, None, None) for symbol, first_on in spans.iter_rows()]
    yield lease_facts(pl.DataFrame(leases, schema=SCHEMA, orient="row"), SOURCE, SOURCE, no_rejects())
    bars = lake.panel.with_columns(security_id="symbol")
    yield facts_of(BARS_DAILY, placed(_numbered(bars), SOURCE, _CLOSE), SOURCE, SOURCE)
    yield _actions(lake.actions)
    index = lake.index_panel.with_columns(factor=pl.lit("sp500"), period_on="session_on", unit=pl.lit(POINTS))
    levels = index.rename({"close_usd": "value"})
    yield facts_of(FACTORS, placed(_numbered(levels), SOURCE, _CLOSE), SOURCE, SOURCE)


def _actions(actions: tuple[CorporateAction, ...]) -> Parsed:
    rows = pl.DataFrame([_row(action) for action in actions], schema=_ACTION_SCHEMA, orient="row")
    timed = placed(_numbered(rows), SOURCE, _OPEN)
    in_force = Typed(timed.rows.with_columns(effective_at="event_at"), timed.rejected)
    return facts_of(CORPORATE_ACTIONS, in_force, SOURCE, SOURCE)


def _row(action: CorporateAction) -> tuple[object, ...]:
    is_split = action.kind is ActionKind.SPLIT
    ratio = action.new_shares / action.old_shares if is_split else None
    amount_usd = None if is_split else float(action.dividend_usd)
    return action.symbol, action.kind.value, action.ex_on, ratio, amount_usd, "inferred from neighbouring sessions"


def _numbered(rows: pl.DataFrame) -> Typed:
    return Typed(rows.with_row_index("line", 1).with_columns(pl.col("line").cast(pl.Int64)), no_rejects())
