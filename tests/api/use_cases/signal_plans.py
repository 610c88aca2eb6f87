"""Told day plans for tests: on a real service, with sources that say what a test wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from api.use_cases.day_plan import newest_plan_record
from api.use_cases.service import Service
from api.use_cases.signal_desk import SignalDesk
from api.use_cases.signal_plan import SignalPlan
from api.use_cases.signal_sources import Upstreams, upstreams
from governance.rows import Record
from tests.api.use_cases.services import ACCOUNT

NO_EVENTS: Mapping[str, int] = dict.fromkeys(("AAPL", "FB", "GOOG", "IBM", "MSFT"), 250)


def sources(service: Service, **changes: Any) -> Upstreams:
    return replace(upstreams(service), **changes)


def told(service: Service, **changes: Any) -> SignalPlan:
    """The newest plan of the paper account, with some sources replaced."""
    with service.store.reader() as reader:
        return SignalDesk(service, sources(service, **changes)).plan(reader, ACCOUNT).answer


def plan_record(service: Service) -> Record:
    with service.store.reader() as reader:
        found = newest_plan_record(reader, ACCOUNT)
    assert found is not None
    return found


def texts(*rows: tuple[str, float]) -> pl.DataFrame:
    """Scores of texts that were known an hour before the first close of the paper market."""
    at = pl.lit("2013-01-02T20:00:00").str.to_datetime().dt.replace_time_zone("UTC").cast(pl.Datetime("ns", "UTC"))
    table = [
        {"text_id": f"t{number}", "symbol": symbol, "channel": "news", "score": score, "sequence": number}
        for number, (symbol, score) in enumerate(rows)
    ]
    return pl.DataFrame(table).with_columns(event_at=at, known_at=at)
