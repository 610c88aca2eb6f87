"""What can be read of the lake itself: tables, where their facts come from, what was set aside, how the feeds are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import polars as pl

from adapters.lake.domains.feed_runs import FEED_RUNS
from adapters.lake.facts.domain import INSTANT
from api.use_cases.data_imports import source_states, table_states
from api.use_cases.data_reading import Reading, Says, Standpoint, known_domain, no_table
from api.use_cases.feeds import feed_states

TAG = "sources"
_PATH = "/sources"
Table = Annotated[str, Says("Name of the table.", pattern=r"^[a-z0-9_]{1,64}$")]


def tables(at: Standpoint) -> pl.DataFrame:
    """Every table there can be: facts known by the instant, version, digest, and when its facts become known."""
    return pl.DataFrame([asdict(each) for each in table_states(at.store, at.as_of)], schema=_TABLES)


def table_sources(at: Standpoint) -> pl.DataFrame:
    """Where the facts of each table come from, and how far each source has come: its watermark."""
    return pl.DataFrame([asdict(each) for each in source_states(at.store, at.as_of)], schema=_SOURCES)


def feeds(at: Standpoint) -> pl.DataFrame:
    """How each feed was: its watermark, its last run, what ended it, and whether it rests."""
    return pl.DataFrame([asdict(each) for each in feed_states(at.store, at.as_of)], schema=_FEEDS)


def quarantine(at: Standpoint, table: Table) -> pl.DataFrame:
    """Rows that were set aside by the instant, the newest first, each with the reason and its own text."""
    domain = known_domain(table)
    if table not in at.store.domains():
        raise no_table(table)
    rows = at.store.quarantine(domain).filter(pl.col("recorded_at") <= at.as_of)
    return rows.collect().sort("recorded_at", "row", descending=True)


_S, _I = pl.String(), pl.Int64()
_TABLES = {"domain": _S, "n_facts": _I, "version": _I, "digest": _S, "doc": _S, "lag": _S}
_SOURCES = {"domain": _S, "source": _S, "n_facts": _I, "newest_event_at": INSTANT, "newest_known_at": INSTANT}
_FEEDS = {
    "feed": _S, "watermark": INSTANT, "last_run_at": INSTANT, "outcome": _S, "detail": _S, "n_failures": _I,
    "breaker": _S, "rests_until_at": INSTANT,
}  # fmt: skip
_QUARANTINE = {"source": _S, "batch": _S, "recorded_at": INSTANT, "reason": _S, "row": _S}

READINGS: tuple[Reading, ...] = (
    Reading("tables", f"{_PATH}/tables", TAG, tables, _TABLES, ()),
    Reading("sources", f"{_PATH}/watermarks", TAG, table_sources, _SOURCES, ()),
    Reading("feeds", f"{_PATH}/feeds", TAG, feeds, _FEEDS, (), (FEED_RUNS,)),
    Reading("quarantine", f"{_PATH}/quarantine/{{table}}", TAG, quarantine, _QUARANTINE, ()),
)
