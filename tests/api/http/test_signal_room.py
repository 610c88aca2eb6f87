from __future__ import annotations

from functools import partial

import msgspec

from api.http.signal_room import KEPT_ANSWERS, SignalRoom
from api.use_cases.signal_desk import SignalDesk
from api.use_cases.signal_sources import upstreams
from tests.api.http.serving import Served


class Answer(msgspec.Struct):
    """An answer of a number."""

    number: int


def test_an_answer_is_written_once_under_its_tag(home: Served) -> None:
    room = SignalRoom(SignalDesk(home.service, upstreams(home.service)))
    made = [room.written("tag", partial(Answer, number)) for number in range(3)]
    assert made == [b'{"number":0}'] * 3


def test_the_oldest_answers_are_forgotten(home: Served) -> None:
    room = SignalRoom(SignalDesk(home.service, upstreams(home.service)))
    for number in range(KEPT_ANSWERS + 1):
        room.written(str(number), partial(Answer, number))
    assert room.written("0", lambda: Answer(99)) == b'{"number":99}'
    assert room.written(str(KEPT_ANSWERS), lambda: Answer(99)) == b'{"number":16}'


def test_an_application_has_one_room(home: Served) -> None:
    home.get("/api/v1/plan")
    first = home.application.state["signals"]
    home.get("/api/v1/explain/AAPL")
    assert home.application.state["signals"] is first
