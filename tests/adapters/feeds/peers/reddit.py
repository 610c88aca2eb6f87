"""Reddit's application-only tokens and listings of new posts, after reddit.com/dev/api."""

from __future__ import annotations

import base64
from typing import Any

from tests.adapters.feeds.peers.server import Asked, Reply

ID, SECRET = "client", "s3cret"
_BASIC = "Basic " + base64.b64encode(f"{ID}:{SECRET}".encode()).decode()


def post(name: str, title: str, at: float, **more: Any) -> dict[str, Any]:
    """One post of a listing."""
    fields = {"name": f"t3_{name}", "title": title, "selftext": "", "permalink": f"/r/stocks/comments/{name}/"}
    return {"kind": "t3", "data": {**fields, "created_utc": at, "edited": False, **more}}


AT = 1_795_185_000.0  # 2026-11-20T14:30:00Z
PAGES: dict[str | None, dict[str, Any]] = {
    None: {
        "after": "t3_b",
        "children": [
            post("a", "Apple or Microsoft?", AT, selftext="Which one", edited=AT + 300),
            post("b", "[deleted]", AT, selftext="[removed]"),
            post("c", "No time", 0),
            {"kind": "t3"},
        ],
    },
    "t3_b": {"after": "t3_d", "children": [post("d", "Old", AT - 40 * 86_400), post("e", "Weather", AT - 60)]},
}


def reddit(asked: Asked) -> Reply:
    """The answer to a request."""
    if asked.path == "/api/v1/access_token":
        if asked.headers.get("Authorization") != _BASIC:
            return Reply({"message": "Unauthorized", "error": 401}, 401)
        return Reply({"access_token": "t0ken", "token_type": "bearer", "expires_in": 86_400, "scope": "*"})
    if asked.headers.get("Authorization") != "bearer t0ken":
        return Reply({"message": "Unauthorized", "error": 401}, 401)
    if asked.path != "/r/stocks/new":
        return Reply({"message": "Not Found", "error": 404}, 404)
    return Reply({"kind": "Listing", "data": PAGES[asked.query.get("after")]})
