"""The catalogue is whole: each kind says when it happens and what to do."""

from __future__ import annotations

import re
from pathlib import Path

from api.http.problem_kinds import KINDS

FEEDS = Path("adapters/feeds")
"""Why a vendor did not serve: told by the feed's status and metrics, never as the answer to a client."""
SOURCES = [
    path
    for folder in ("api", "governance", "adapters")
    for path in Path(folder).rglob("*.py")
    if not path.is_relative_to(FEEDS)
]
ELSEWHERE = {"filled", "job-cancelled", "job-lost", "job-taken"}
"""Reasons that no client is told: they end inside a use case, or in the process of a job."""


def test_each_kind_is_named_as_a_path_and_said_in_sentences() -> None:
    for slug, kind in KINDS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", slug)
        assert kind.type == f"/problems/{slug}"
        assert kind.meaning.endswith(".")
        assert kind.mend.endswith(".")
        assert 400 <= kind.status < 600


def test_every_reason_that_an_error_gives_is_in_the_catalogue() -> None:
    given = {
        reason for path in SOURCES for reason in re.findall(r'reason="([a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    assert given - ELSEWHERE <= KINDS.keys()
