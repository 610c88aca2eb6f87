"""SEC's submissions and company facts, after sec.gov/search-filings/edgar-application-programming-interfaces."""

from __future__ import annotations

from typing import Any

from tests.adapters.feeds.peers.server import Asked, Reply


def _filings(*rows: tuple[str, str, str, str]) -> dict[str, list[str]]:
    names = ("accessionNumber", "form", "filingDate", "acceptanceDateTime")
    table = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    return {**table, "reportDate": ["2026-09-26"] * len(rows), "items": [""] * len(rows)}


SUBMISSIONS: dict[str, Any] = {
    "cik": "0000320193",
    "tickers": ["AAPL"],
    "filings": {
        "recent": _filings(
            ("0000320193-26-000108", "10-K", "2026-11-20", "2026-11-20T18:01:00.000Z"),
            ("0000320193-26-000090", "10-Q", "2026-07-31", "2026-07-31T18:05:00.000Z"),
            ("0000320193-26-000091", "8-K", "soon", ""),
        ),
        "files": [{"name": "CIK0000320193-submissions-001.json", "filingCount": 1}],
    },
}
OLDER = _filings(("0000320193-09-000214", "10-K", "2009-10-27", "2009-10-27T16:18:29.000Z"))
FACTS: dict[str, Any] = {
    "cik": 320193,
    "entityName": "Apple Inc.",
    "facts": {
        "us-gaap": {
            "Assets": {
                "units": {
                    "USD": [
                        {
                            "end": "2026-09-26",
                            "val": 380000000000,
                            "accn": "0000320193-26-000108",
                            "fy": 2026,
                            "fp": "FY",
                            "form": "10-K",
                            "filed": "2026-11-20",
                        },
                        {"end": "2026-09-26", "val": "many", "accn": "0000320193-26-000108", "filed": "2026-11-20"},
                    ]
                }
            }
        }
    },
}


def edgar(asked: Asked) -> Reply:
    """The answer to a request; without an identity there is none."""
    if "@" not in asked.headers.get("User-Agent", ""):
        return Reply("Your Request Originates from an Undeclared Automated Tool", 403, kind="text/html")
    answers: dict[str, Any] = {
        "/submissions/CIK0000320193.json": SUBMISSIONS,
        "/submissions/CIK0000320193-submissions-001.json": OLDER,
        "/api/xbrl/companyfacts/CIK0000320193.json": FACTS,
    }
    return Reply(answers[asked.path]) if asked.path in answers else Reply("NoSuchKey", 404, kind="application/xml")
