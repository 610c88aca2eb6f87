"""The stream of trade updates rings, comes back by itself, and ends."""

from __future__ import annotations

import threading

from adapters.brokers.alpaca.bell import Bell
from tests.adapters.brokers.alpaca.facade import KEY, SECRET, Exchange, served


def test_a_bell_whose_stream_never_was_ends() -> None:
    bell = Bell("ws://127.0.0.1:9/stream", KEY, SECRET, lambda: None)
    bell.close()
    assert not bell._thread.is_alive()


def test_a_bell_rings_with_each_update_and_not_after_its_end() -> None:
    exchange, rung = Exchange(), threading.Event()
    with served(exchange) as address:
        bell = Bell(f"{address.replace('http', 'ws')}/stream", KEY, SECRET, rung.set)
        while not exchange.listening:
            rung.wait(0.02)
        exchange.told("new", {})
        assert rung.wait(5.0)
        bell.close()
    assert not bell._thread.is_alive()
