"""Followers of alerts: nothing is lost, and nothing is late."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

from adapters.lake.domains.ratings import RATINGS
from adapters.lake.facts.store import FactStore
from api.http.alert_tails import AlertTails
from api.use_cases.data_reading import DataRoom
from tests.adapters.lake.views.holding import at, clock, held
from tests.api.sample_lake import sample_store


def _rated(store: FactStore, firm: str) -> None:
    row = {"symbol": "ACME", "firm": firm, "rated_on": date(2020, 6, 8), "rating": "Buy", "score": 1.0}
    held(store, RATINGS, [row | {"event_at": at("2020-06-08 20:00"), "known_at": at("2020-06-09 13:30")}])


async def _told(events: AsyncIterator[bytes], count: int) -> list[Any]:
    """So many alerts from a stream."""
    found: list[Any] = []
    async for part in events:
        found += [json.loads(line[6:]) for line in part.splitlines() if line.startswith(b"data: ")]
        if len(found) >= count:
            break
    return found


def test_the_stream_resumes_behind_the_last_id(tmp_path: Path) -> None:
    """SVC-EVT-03: nothing is lost or doubled over a broken connection."""
    store = sample_store(tmp_path / "lake")
    tails = AlertTails(DataRoom(lambda: (store, tmp_path / "lake"), clock))
    first = asyncio.run(_told(tails.events(0), 2))
    rest = asyncio.run(_told(tails.events(2), 2))
    assert [each["sequence"] for each in (*first, *rest)][:4] == [1, 2, 3, 4]


def test_an_alert_comes_within_a_second_of_its_ingestion_by_another_program(tmp_path: Path) -> None:
    """SVC-EVT-03: the best of three, since the machine is shared."""
    store = sample_store(tmp_path / "lake")
    tails = AlertTails(DataRoom(lambda: (FactStore(tmp_path / "lake", clock), tmp_path / "lake"), clock))

    async def waited_s(firm: str) -> float:
        place = await asyncio.to_thread(lambda: (tails.looked(), tails.last())[1])
        following = asyncio.ensure_future(_told(tails.events(place), 1))
        await asyncio.sleep(0.4)
        await asyncio.to_thread(_rated, store, firm)
        began_s = time.monotonic()
        told = await following
        assert told[0]["title"] == f"{firm} rates ACME Buy"
        return time.monotonic() - began_s

    assert min(asyncio.run(waited_s(firm)) for firm in ("One", "Two", "Three")) < 1.0
