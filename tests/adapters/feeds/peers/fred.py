"""FRED's `/fred/series/observations` by real-time period, after fred.stlouisfed.org/docs/api/fred."""

from __future__ import annotations

from tests.adapters.feeds.peers.server import Asked, Reply

KEY = "abcdefghijklmnopqrstuvwxyz123456"
GDP = [
    ("2026-04-01", "2026-07-30", "2026-08-26", "30000.1"),
    ("2026-04-01", "2026-08-27", "9999-12-31", "30111.5"),
    ("2026-07-01", "2026-10-29", "9999-12-31", "30500.0"),
]


def fred(asked: Asked) -> Reply:
    """The answer to a request, paged by limit and offset."""
    if asked.path != "/fred/series/observations":
        return Reply("", 404)
    if asked.query.get("api_key") != KEY:
        return _bad("Bad Request. The value for variable api_key is not registered.")
    if asked.query["series_id"] != "GDP":
        return _bad("Bad Request. The series does not exist.")
    since = asked.query["realtime_start"]
    stood = [row for row in GDP if row[2] >= since]
    offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
    page = [
        {"realtime_start": max(start, since), "realtime_end": end, "date": day, "value": value}
        for day, start, end, value in stood[offset : offset + limit]
    ]
    return Reply({"output_type": 1, "count": len(stood), "offset": offset, "limit": limit, "observations": page})


def _bad(message: str) -> Reply:
    return Reply({"error_code": 400, "error_message": message}, 400)
