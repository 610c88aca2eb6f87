"""Arriving rows: which are facts of their domain, and which are set aside, with the value, the place and the mend.

A table that is no table of the domain (a column missing, or one too many) is refused whole: its owner must act. A row
that cannot be a fact goes to quarantine as the text of its values, and the rest is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from adapters.lake.facts.domain import INSTANT, Domain
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_ns, instant_text

SET_ASIDE = ("reason", "row")
_NO_ROWS = pl.Schema({"reason": pl.String(), "row": pl.String()})
_AS_TEXT = "_as_text"


@dataclass(frozen=True)
class Arrivals:
    """What arrived in one batch.

    Attributes:
        facts: keys, values, event_at, known_at, is_retracted, in their types.
        set_aside: reason and row of each row that is no fact.
    """

    facts: pl.DataFrame
    set_aside: pl.DataFrame


def arrivals(domain: Domain, frame: pl.DataFrame, rejected: pl.DataFrame | None, now: datetime) -> Arrivals:
    """The rows of a frame, judged. Raises DataError when the frame is no table of the domain.

    Args:
        domain: whose facts they should be.
        frame: keys, values, event_at, known_at, and is_retracted where something is taken back.
        rejected: rows that the reader set aside: `reason`, and whatever says where they were.
        now: nothing can have been known later.
    """
    kinds = {**domain.keys, **domain.values, "event_at": INSTANT, "known_at": INSTANT, "is_retracted": pl.Boolean()}
    full = frame if "is_retracted" in frame.columns else frame.with_columns(is_retracted=pl.lit(value=False))
    _refuse_other_columns(domain, full, kinds)
    given = full.select(*kinds)
    typed = given.with_columns(_cast(name, given.schema[name], kind) for name, kind in kinds.items())
    reasons = _first_reason(domain, given, typed, now)
    lost = reasons.is_not_null()
    bad = given.filter(lost).select(reasons.filter(lost), pl.struct(given.columns).alias(_AS_TEXT))
    parts = [_texts(bad), _rejected(rejected)]
    return Arrivals(typed.filter(~lost), pl.concat(parts))


def _refuse_other_columns(domain: Domain, frame: pl.DataFrame, kinds: Mapping[str, pl.DataType]) -> None:
    missing, unknown = sorted(set(kinds) - set(frame.columns)), sorted(set(frame.columns) - set(kinds))
    if missing or unknown:
        message = (
            f"a batch for {domain.name!r} lacks columns {missing} and has unknown columns {unknown}; "
            f"give exactly {sorted(kinds)}, with null where a value is missing"
        )
        raise DataError(message)


def _cast(name: str, given: pl.DataType, kind: pl.DataType) -> pl.Expr:
    """A column in its type; null where its value has no place in it. Times without a zone have no place."""
    column = pl.col(name)
    if given == kind:
        return column
    is_time = isinstance(given, pl.Datetime)
    if is_time != isinstance(kind, pl.Datetime) or (isinstance(given, pl.Datetime) and given.time_zone is None):
        return pl.lit(None, dtype=kind).alias(name)
    lossless = column.cast(kind, strict=False)
    return pl.when(lossless.cast(given, strict=False) == column).then(lossless).alias(name)


def _first_reason(domain: Domain, given: pl.DataFrame, typed: pl.DataFrame, now: datetime) -> pl.Series:
    """The first reason for which a row is no fact, null where it is one."""
    both = typed.with_columns(given[name].alias(f"_given_{name}") for name in given.columns)
    known = pl.col("known_at")
    reasons = [
        *(_lost(name, given.schema[name], kind) for name, kind in typed.schema.items() if given.schema[name] != kind),
        *(_absent(name) for name in (next(iter(domain.keys)), "event_at", "known_at", "is_retracted")),
        _reason(
            known.cast(pl.Int64) > instant_ns(now),
            pl.format(
                f"known_at was {{}}, expected nothing later than {instant_text(now)}; correct its clock", _shown(known)
            ),
        ),
        *_too_old(domain, now),
        *(_infinite(name) for name, kind in typed.schema.items() if kind.is_float()),
        # What takes a fact back says which one by its keys and event; of values it needs none.
        *(_reason(~rule & ~pl.col("is_retracted"), pl.lit(words)) for words, rule in domain.rules.items()),
    ]
    return both.select(pl.coalesce(reasons).alias("reason"))["reason"]


def _reason(breaks: pl.Expr, words: pl.Expr) -> pl.Expr:
    return pl.when(breaks.fill_null(value=False)).then(words)


def _lost(name: str, given: pl.DataType, kind: pl.DataType) -> pl.Expr:
    value = pl.col(f"_given_{name}")
    was = value.cast(pl.String, strict=False).fill_null("?")
    words = pl.format(f"{name} was {{}} ({given}), expected {kind}; supply it in that type", was)
    return _reason(pl.col(name).is_null() & value.is_not_null(), words)


def _absent(name: str) -> pl.Expr:
    return _reason(pl.col(name).is_null(), pl.lit(f"{name} was missing; supply it"))


def _infinite(name: str) -> pl.Expr:
    value = pl.col(name)
    return _reason(~value.is_finite(), pl.format(f"{name} was {{}}, expected a number or null; supply one", value))


def _shown(instant: pl.Expr) -> pl.Expr:
    return instant.dt.to_string("%Y-%m-%dT%H:%M:%SZ")


def _too_old(domain: Domain, now: datetime) -> list[pl.Expr]:
    """What retention removed does not come back."""
    if domain.retention_days is None:
        return []
    cut_at = now - timedelta(days=domain.retention_days)
    event = pl.col("event_at")
    words = f"event_at was {{}}, before the {domain.retention_days} days that are kept; leave it out"
    return [_reason(event.cast(pl.Int64) < instant_ns(cut_at), pl.format(words, _shown(event)))]


def _texts(bad: pl.DataFrame) -> pl.DataFrame:
    return bad.select("reason", row=pl.col(_AS_TEXT).struct.json_encode()).cast(_NO_ROWS)


def _rejected(rejected: pl.DataFrame | None) -> pl.DataFrame:
    if rejected is None or rejected.is_empty():
        return pl.DataFrame(schema=_NO_ROWS)
    if "reason" not in rejected.columns:
        message = f"rows set aside have columns {rejected.columns} and none of them is 'reason'; say why each was"
        raise DataError(message)
    rest = [name for name in rejected.columns if name != "reason"]
    return _texts(rejected.select("reason", pl.struct(rest).alias(_AS_TEXT)))
