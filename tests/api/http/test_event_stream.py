from __future__ import annotations

from api.http.event_stream import beginning, end, event, heartbeat


def test_an_event_has_an_id_a_kind_and_one_line_of_data() -> None:
    assert event("fill", b'{"a":1}', 7) == b'id: 7\nevent: fill\ndata: {"a":1}\n\n'
    assert event("fill", b"{}") == b"event: fill\ndata: {}\n\n"


def test_a_heartbeat_is_a_comment_that_holds_the_place() -> None:
    assert heartbeat(7) == b": heartbeat\nid: 7\n\n"


def test_a_stream_begins_with_how_soon_to_come_back_and_ends_with_why() -> None:
    assert beginning().startswith(b"retry: 1000\n: ")
    assert end("draining") == b'event: end\ndata: {"reason":"draining"}\n\n'
