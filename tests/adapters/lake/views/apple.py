"""A lake with a few of Apple's numbers, as its filings stated them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.feeds.files.companyfacts import company_facts
from adapters.lake.facts.store import FactStore

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_Row = tuple[str | None, str, float, str, str, str]

ASSETS: tuple[_Row, ...] = (
    (None, "2008-09-27", 39572000000, "0001193125-09-153165", "10-Q", "2009-07-22"),
    (None, "2008-09-27", 39572000000, "0001193125-09-214859", "10-K", "2009-10-27"),
    (None, "2008-09-27", 36171000000, "0001193125-10-012091", "10-K/A", "2010-01-25"),
    (None, "2008-09-27", 36171000000, "0001193125-10-238044", "10-K", "2010-10-27"),
    (None, "2009-09-26", 53851000000, "0001193125-09-214859", "10-K", "2009-10-27"),
    (None, "2009-09-26", 47501000000, "0001193125-10-012091", "10-K/A", "2010-01-25"),
)
INCOME: tuple[_Row, ...] = (
    ("2007-09-30", "2008-09-27", 4834000000, "0001193125-09-214859", "10-K", "2009-10-27"),
    ("2008-09-28", "2009-09-26", 5704000000, "0001193125-09-214859", "10-K", "2009-10-27"),
    ("2008-09-28", "2009-09-26", 8235000000, "0001193125-10-012091", "10-K/A", "2010-01-25"),
    ("2008-09-28", "2008-12-27", 2255000000, "0001193125-10-012085", "10-Q", "2010-01-25"),
    ("2009-09-27", "2009-12-26", 3378000000, "0001193125-10-012085", "10-Q", "2010-01-25"),
    ("2008-12-28", "2009-03-28", 1620000000, "0001193125-10-088957", "10-Q", "2010-04-21"),
    ("2008-09-28", "2009-03-28", 3875000000, "0001193125-10-088957", "10-Q", "2010-04-21"),
)


def _entry(row: _Row) -> dict[str, Any]:
    start, end, value, accession, form, filed = row
    entry = {"end": end, "val": value, "accn": accession, "fy": 2009, "fp": "FY", "form": form, "filed": filed}
    return entry if start is None else entry | {"start": start}


def apple_facts() -> bytes:
    """A companyfacts.json of Apple's assets and net income."""
    concepts = {
        "Assets": {"units": {"USD": [_entry(row) for row in ASSETS]}},
        "NetIncomeLoss": {"units": {"USD": [_entry(row) for row in INCOME]}},
    }
    return json.dumps({"cik": 320193, "entityName": "Apple Inc.", "facts": {"us-gaap": concepts}}).encode()


def apple_lake(folder: Path, clock: Callable[[], datetime] = lambda: NOW) -> FactStore:
    """The lake."""
    store, parsed = FactStore(folder, clock), company_facts(apple_facts(), "AAPL")
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    return store
