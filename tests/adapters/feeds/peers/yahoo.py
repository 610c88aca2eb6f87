"""Yahoo's chart with its cookie and crumb, in the form that yfinance reads; Yahoo documents none of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.adapters.feeds.peers.server import Asked, Reply

HOSTS = ("fc.yahoo.com", "query1.finance.yahoo.com", "query2.finance.yahoo.com", "guce.yahoo.com")
_ZONE = ZoneInfo("America/New_York")
Row = tuple[str, Any, Any, Any, Any, Any]


def epoch(day: str) -> int:
    """The opening of a day."""
    on = date.fromisoformat(day)
    return int(datetime(on.year, on.month, on.day, 9, 30, tzinfo=_ZONE).timestamp())


def chart(rows: list[Row], splits: list[tuple[str, float, float]], dividends: list[tuple[str, float]]) -> Any:
    """A chart of (day, open, high, low, close, volume)."""
    quote = {name: [row[n] for row in rows] for n, name in enumerate(("open", "high", "low", "close", "volume"), 1)}
    events = {
        "splits": {
            str(epoch(day)): {"date": epoch(day), "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
            for day, new, old in splits
        },
        "dividends": {str(epoch(day)): {"date": epoch(day), "amount": amount} for day, amount in dividends},
    }
    result = {
        "meta": {"currency": "USD", "symbol": "AAPL", "exchangeTimezoneName": "America/New_York"},
        "timestamp": [epoch(row[0]) for row in rows],
        "events": events,
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": quote["close"]}]},
    }
    return {"chart": {"result": [result], "error": None}}


ROWS: list[Row] = [
    ("2026-11-18", 90.0, 92.0, 89.0, 91.428571, 7000),
    ("2026-11-19", 91.5, 93.0, 91.0, 92.857143, 14000),
    ("2026-11-20", 93.0, 94.0, 92.0, 93.25, 21000),
]
CHART = chart(ROWS, [("2026-11-20", 7, 1)], [("2026-11-19", 0.47), ("2026-11-20", 0.5)])


def yahoo(asked: Asked) -> Reply:
    """The answer to a request."""
    if asked.path == "/v1/test/getcrumb":
        return Reply("crumb", kind="text/plain")
    if asked.path.startswith("/v8/finance/chart/"):
        return Reply(CHART)
    headers = {"Set-Cookie": "A3=d=x; Domain=.yahoo.com; Path=/; Max-Age=31557600; Secure"}
    return Reply("", 404, headers, kind="text/html")
