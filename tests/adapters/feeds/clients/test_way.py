"""Requests of a client library take the way that is set for them."""

from __future__ import annotations

from contextlib import closing

import pytest
import requests

from adapters.feeds.clients.way import Way, session
from tests.adapters.feeds.peers.server import Reply, running


def test_a_named_host_is_asked_at_another_address_with_path_and_query() -> None:
    with running(lambda _: Reply("here")) as peer, closing(session(Way(5.0, peer.url))) as opened:
        assert opened.get("https://vendor.example/a/b?c=1").text == "here"
        assert (peer.asked[0].path, peer.asked[0].query) == ("/a/b", {"c": "1"})


def test_a_library_that_sets_no_time_limit_gets_one() -> None:
    with (
        running(lambda _: Reply("late", delay_s=0.5)) as peer,
        closing(session(Way(0.1))) as opened,
        pytest.raises(requests.ReadTimeout, match="timed out"),
    ):
        opened.get(peer.url)
