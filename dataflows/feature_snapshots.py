"""Facts to the snapshot of the features: the panel as it was first printed, and every fact with all its revisions.

Bars, actions and index levels stand in the panel as they were known when their session closed: a correction that came
later changes no row, whenever it is asked. All other facts are handed over as they are; features join them themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import polars as pl

from dataflows.features import FeatureSnapshot
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.units import Panel

INDEX = "sp500"
_INSTANT = pl.Datetime("ns", "UTC")
_FIELD_OF = {"option_quotes": "options"}
_PRICES = ("open_usd", "high_usd", "low_usd", "close_usd")
_SPLIT, _DIVIDEND = "split", "dividend"
_ORDER = ("known_at", "sequence")
_UNREAD = ("batch", "source", "recorded_at")


def feature_snapshot(
    tables: Mapping[str, pl.DataFrame],
    as_of: datetime,
    index: str = INDEX,
    missing: Mapping[str, Absent] | None = None,
) -> FeatureSnapshot:
    """The snapshot of an instant. Raises DataError when no bar was known by then.

    Args:
        tables: facts of each domain, all revisions; what became known after the instant is left out here as well.
        as_of: the instant.
        index: the factor that serves as the index.
        missing: why facts of a domain are not there; what is unknown for it then says so.
    """
    known = {name: _known(frame, as_of) for name, frame in tables.items()}
    panel = _panel(known) if "bars_daily" in known else pl.DataFrame()
    if panel.is_empty():
        message = f"no bar was known by {as_of}; import bars, or ask for a later instant"
        raise DataError(message)
    session_on = panel["session_on"].max()
    if not isinstance(session_on, date):
        message = f"the newest session of the panel is {session_on!r}; import bars with their sessions"
        raise DataError(message)
    wanted = {item.name for item in fields(FeatureSnapshot)}
    facts: dict[str, Any] = {_FIELD_OF.get(name, name): Panel(frame) for name, frame in known.items()}
    facts = {**{_FIELD_OF.get(name, name): reason for name, reason in (missing or {}).items()}, **facts}
    return FeatureSnapshot(
        panel=Panel(panel),
        index_panel=Panel(_index(known, panel, index)),
        session_on=session_on,
        **{name: frame for name, frame in facts.items() if name in wanted},
    )


def _known(frame: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    at = pl.lit(instant_ns(as_of)).cast(_INSTANT)
    return frame.filter(pl.col("known_at") <= at).drop(_UNREAD, strict=False).sort(_ORDER)


def _printed(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The first fact of each key that says something, of those that are not taken back in the frame."""
    standing = _standing(frame, key).select(key)
    return _said(frame).sort(_ORDER).unique(key, keep="first", maintain_order=True).join(standing, on=key, how="semi")


def _standing(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The newest fact of each key, without those that are taken back.

    An event that is moved is stated anew and the old one taken back, in any order: each event is judged by itself.
    """
    events = frame.sort(_ORDER).unique([*key, "event_at"], keep="last", maintain_order=True)
    return _said(events).unique(key, keep="last", maintain_order=True)


def _said(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(~pl.col("is_retracted")) if "is_retracted" in frame.columns else frame


def _panel(known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    in_time = known["bars_daily"].filter(pl.col("known_at") <= pl.col("event_at"))
    bars = _printed(in_time, ["security_id", "session_on"]).sort("symbol", "session_on")
    ratios = _ratios(bars, known.get("corporate_actions"))
    joined = bars.join(ratios, on=["security_id", "session_on"], how="left", maintain_order="left")
    filled = joined.with_columns(pl.col("adjustment_ratio", "split_ratio").fill_null(1.0), closed_at=pl.col("event_at"))
    columns = ["symbol", "session_on", *_PRICES, "volume_shares", "adjustment_ratio", "split_ratio", "closed_at"]
    return _of_one_share_each(filled).select(columns)


def _of_one_share_each(bars: pl.DataFrame) -> pl.DataFrame:
    """Bars by symbol and session, without those of sessions in which two securities had one symbol.

    Nobody knows then which is meant. Where a symbol passes to another security, no return leads from one to the other:
    the ratio of that bar is null, and so is whatever spans it.
    """
    ordered = bars.sort("symbol", "session_on").filter(~pl.struct("symbol", "session_on").is_duplicated())
    before = pl.col("security_id").shift(1).over("symbol")
    is_another = (before != pl.col("security_id")).fill_null(value=False)
    return ordered.with_columns(adjustment_ratio=pl.when(~is_another).then("adjustment_ratio"))


def _ratios(bars: pl.DataFrame, actions: pl.DataFrame | None) -> pl.DataFrame:
    """The factors of the sessions on which actions took effect, each action as it stood at the session's close.

    An action is announced before it happens: what was corrected or called off by then is not what was announced first.
    """
    schema = {
        "security_id": pl.String,
        "session_on": pl.Date,
        "adjustment_ratio": pl.Float64,
        "split_ratio": pl.Float64,
    }
    if actions is None or actions.is_empty():
        return pl.DataFrame(schema=schema)
    effective = actions.filter(pl.col("kind").is_in([_SPLIT, _DIVIDEND]))
    told = _placed(bars, effective).filter(pl.col("known_at") <= pl.col("closed_at"))
    standing = _standing(told, ["security_id", "kind", "ex_on"]).sort("security_id", "session_on", "kind", "ex_on")
    found: dict[tuple[str, date], tuple[float, float]] = {}
    columns = ("security_id", "session_on", "kind", "ratio", "amount_usd", "close_usd")
    for security_id, session_on, kind, ratio, amount, close in standing.select(columns).iter_rows():
        total, split = found.get((security_id, session_on), (1.0, 1.0))
        if kind == _SPLIT and ratio:
            total, split = total * ratio, split * ratio
        elif kind == _DIVIDEND and amount and close:
            total *= 1.0 + amount / close
        found[security_id, session_on] = (total, split)
    rows = [(*key, *factors) for key, factors in found.items()]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _placed(bars: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """Actions beside the first session from their ex-date on; those from before a share's first bar are left out."""
    key = "security_id"
    sessions = bars.select(key, "session_on", "close_usd", closed_at="event_at", on="session_on").sort("session_on")
    firsts = bars.group_by(key, maintain_order=True).agg(first_on=pl.col("session_on").min())
    since = actions.join(firsts, on=key).filter(pl.col("ex_on") >= pl.col("first_on")).sort("ex_on")
    return since.join_asof(sessions, left_on="ex_on", right_on="on", by=key, strategy="forward", check_sortedness=False)


def _index(known: Mapping[str, pl.DataFrame], panel: pl.DataFrame, index: str) -> pl.DataFrame:
    """Levels of the index on the panel's sessions, as far as they were known at the close."""
    closes = panel.select("session_on", "closed_at").unique("session_on", keep="first", maintain_order=True)
    factors = known.get("factors")
    if factors is None:
        return pl.DataFrame(schema={"session_on": pl.Date, "close_usd": pl.Float64})
    levels = factors.filter(pl.col("factor") == index).join(closes, left_on="period_on", right_on="session_on")
    in_time = _printed(levels.filter(pl.col("known_at") <= pl.col("closed_at")), ["period_on"])
    return in_time.select(session_on="period_on", close_usd="value").sort("session_on")
