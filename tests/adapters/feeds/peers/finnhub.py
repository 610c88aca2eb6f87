"""Finnhub's company news, earnings calendar and past earnings, after finnhub.io/docs/api."""

from __future__ import annotations

from typing import Any

from tests.adapters.feeds.peers.server import Asked, Reply

KEY = "c0ffee"
NEWS: list[Any] = [
    {
        "category": "company",
        "datetime": 1795185000,  # 2026-11-20T14:30:00Z
        "headline": "Apple &amp; friends",
        "id": 1,
        "image": "",
        "related": "AAPL",
        "source": "Wire",
        "summary": "They rose.",
        "url": "https://n/1",
    },
    {"datetime": 0, "headline": "No time", "id": 2},
    {"datetime": 1795185000, "headline": "", "id": 3},
    "no object",
]
CALENDAR: list[Any] = [
    {
        "date": "2026-10-29",
        "epsActual": 1.9,
        "epsEstimate": 1.8,
        "hour": "amc",
        "quarter": 4,
        "revenueActual": 1.0e11,
        "revenueEstimate": None,
        "symbol": "AAPL",
        "year": 2026,
    },
    {"date": "2027-01-28", "epsActual": None, "hour": "bmo", "quarter": 1, "symbol": "AAPL", "year": 2027},
    {"date": "2027-04-29", "hour": "noon", "quarter": 2, "symbol": "AAPL", "year": 2027},
]
PAST = [{"actual": 1.5, "estimate": 1.4, "period": "2026-06-30", "quarter": 3, "symbol": "AAPL", "year": 2026}]


def finnhub(asked: Asked) -> Reply:
    """The answer to a request."""
    if asked.query.get("token") != KEY:
        return Reply({"error": "Invalid API key"}, 401)
    answers: dict[str, Any] = {
        "/company-news": NEWS,
        "/calendar/earnings": {"earningsCalendar": CALENDAR},
        "/stock/earnings": PAST,
    }
    path = "/" + asked.path.lstrip("/")
    return Reply(answers[path]) if path in answers else Reply({"error": "not found"}, 404)
