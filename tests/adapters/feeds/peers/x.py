"""X's `GET /2/tweets/search/recent`, after docs.x.com."""

from __future__ import annotations

from typing import Any

from tests.adapters.feeds.peers.server import Asked, Reply

KEY = "AAAAbearer"


def post_id(epoch_ms: int) -> str:
    """The id of a post made at that time."""
    return str((epoch_ms - 1_288_834_974_657) << 22)


MADE_MS = 1_795_185_000_500  # 2026-11-20T14:30:00.500Z
FIRST, EDITED = post_id(MADE_MS), post_id(MADE_MS + 60_000)
PAGES: dict[str | None, dict[str, Any]] = {
    None: {
        "data": [
            {"id": "7", "text": "$AAPL to the moon", "created_at": "2026-11-20T15:00:00.000Z"},
            {"id": "8", "text": "no time"},
            {"id": "eight", "text": "no number", "created_at": "2026-11-20T15:00:00.000Z"},
        ],
        "meta": {"result_count": 3, "next_token": "b26v89c19zqg8o3f"},
    },
    "b26v89c19zqg8o3f": {
        "data": [
            {
                "id": EDITED,
                "text": "fixed &amp; done",
                "created_at": "2026-11-20T14:30:00.000Z",
                "edit_history_tweet_ids": [FIRST, EDITED],
            }
        ],
        "meta": {"result_count": 1},
    },
}


def x(asked: Asked) -> Reply:
    """The answer to a request."""
    if asked.headers.get("Authorization") != f"Bearer {KEY}":
        return Reply({"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}, 401)
    if asked.path != "/2/tweets/search/recent":
        return Reply({"title": "Not Found"}, 404)
    return Reply(PAGES[asked.query.get("next_token")])
