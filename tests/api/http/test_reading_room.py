"""Reading is bounded: so many views, so many children, so many signatures on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import BoundedSemaphore

import pytest

from api.http import reading_room
from api.http.reading_room import MIN_SIGNING_INTERVAL_S, N_VIEWS, BoundedCode, ReadingRoom
from governance.rows import CheckpointRow
from nodes.vocabulary.errors import EdgeError
from tests.api.http.serving import Served


class Echo:
    def answer(self, sources: Mapping[str, str], job: bytes) -> bytes:
        return job + str(len(sources)).encode()


def test_more_views_than_there_is_room_for_are_refused(home: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_room, "PATIENCE_S", 0.01)
    room = ReadingRoom(home.service)
    views = [room.view() for _ in range(N_VIEWS)]
    for view in views:
        view.__enter__()
    with pytest.raises(EdgeError, match="no room for more readers of the log") as refused, room.view():
        pass
    assert refused.value.reason == "queue-full"
    for view in views:
        view.__exit__(None, None, None)
    with room.view() as reader:
        assert reader.head().size > 0


def test_archived_code_runs_in_so_many_children_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_room, "PATIENCE_S", 0.01)
    slots = BoundedSemaphore(1)
    code = BoundedCode(Echo(), slots)
    assert code.answer({"nodes": ""}, b"job") == b"job1"
    with slots, pytest.raises(EdgeError, match="no room for more replays of archived code"):
        code.answer({}, b"job")


def test_a_checkpoint_on_demand_is_signed_once_a_second_at_most(home: Served) -> None:
    signed: list[int] = []
    now_s = 100.0

    def checkpoint() -> CheckpointRow:
        signed.append(1)
        return CheckpointRow(0, bytes(32), b"")

    room = ReadingRoom(replace(home.service, checkpoint=checkpoint), lambda: now_s)
    room.sign(10**9)
    room.sign(10**9)
    assert len(signed) == 1
    now_s += MIN_SIGNING_INTERVAL_S
    room.sign(10**9)
    assert len(signed) == 2


def test_what_a_checkpoint_covers_is_not_signed_again(home: Served) -> None:
    def checkpoint() -> CheckpointRow:
        raise AssertionError

    home.post("/internal/log/checkpoint")
    ReadingRoom(replace(home.service, checkpoint=checkpoint)).sign(0)
    ReadingRoom(replace(home.service, checkpoint=None)).sign(10**9)
