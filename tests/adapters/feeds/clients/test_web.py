"""Plain questions over HTTP."""

from __future__ import annotations

import logging

import pytest

from adapters.feeds.clients.web import json_of, silence_telltales, web
from adapters.feeds.faults import MalformedError, RefusedError, UnreachableError
from adapters.feeds.feed_metrics import feed_metrics
from adapters.feeds.line import Line, Patience
from tests.adapters.feeds.peers.server import Reply, running


def _line() -> Line:
    return Line("vendor", "1000/second", Patience(attempts=1), feed_metrics())


def test_a_body_is_handed_over_as_it_came() -> None:
    with running(lambda _: Reply(b"\x00\xff")) as peer, web("vendor", _line()) as client:
        assert client.content(f"{peer.url}/x", {"a": "1"}) == b"\x00\xff"
        assert peer.asked[0].query == {"a": "1"}


def test_a_redirect_is_followed() -> None:
    with running(lambda _: Reply("there")) as peer, web("vendor", _line()) as client:
        peer.first(Reply("", 302, {"Location": "/elsewhere"}))
        assert client.content(peer.url) == b"there"


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply("", 403), RefusedError),
        (Reply(hangs_up=True), UnreachableError),
        (Reply("plain", headers={"Content-Encoding": "gzip"}), MalformedError),
    ],
)
def test_an_answer_other_than_success_says_what_to_do(reply: Reply, fault: type[Exception]) -> None:
    with running(lambda _: reply) as peer, web("vendor", _line()) as client, pytest.raises(fault, match="vendor"):
        client.content(peer.url)


def test_a_port_that_nobody_listens_at_is_unreachable() -> None:
    with (
        web("vendor", _line()) as client,
        pytest.raises(UnreachableError, match="vendor did not answer: ConnectError"),
    ):
        client.content("http://127.0.0.1:1/")


def test_libraries_that_log_addresses_are_silenced() -> None:
    logging.getLogger("httpx").setLevel(logging.DEBUG)
    silence_telltales()
    assert logging.getLogger("httpx").getEffectiveLevel() == logging.WARNING


def test_a_body_that_is_no_json_is_malformed() -> None:
    assert json_of(b"[1]", "vendor") == [1]
    with pytest.raises(MalformedError, match="vendor answered what cannot be read: no JSON"):
        json_of(b"[1", "vendor")
