"""Alpaca's trade updates, by its own stream client: each one rings, and says no more than that it is time to look."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from adapters.brokers.alpaca.calls import EXTRA
from adapters.brokers.extra import broker_library

_CLOSING_S, _STARTING_S = 2.0, 0.01


class Bell:
    """Rings while the stream is up; the client connects again by itself. Nothing depends on it but how soon we look."""

    def __init__(self, address: str, key: str, secret: str, rung: Callable[[], None]) -> None:
        stream = broker_library("alpaca.trading.stream", EXTRA)
        logging.getLogger("alpaca.trading.stream").setLevel(logging.CRITICAL)  # a stream that is down harms nothing

        async def heard(_update: Any) -> None:  # noqa: ANN401  # the client awaits it
            rung()

        self._stream = stream.TradingStream(key, secret, raw_data=True, url_override=address)
        self._stream.subscribe_trade_updates(heard)
        self._thread = threading.Thread(target=self._stream.run, name="Alpaca trade updates", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the stream."""
        client = self._stream
        until_s = time.monotonic() + _CLOSING_S
        while client._stop_stream_event is None and time.monotonic() < until_s:  # noqa: SLF001  # until then it starts
            time.sleep(_STARTING_S)
        loop = client._loop  # noqa: SLF001  # it tells nobody, and waits five seconds without being closed
        if loop is not None and loop.is_running():
            for ending in (client.stop_ws(), client.close()):
                asyncio.run_coroutine_threadsafe(ending, loop).result(_CLOSING_S)
        self._thread.join(_CLOSING_S)
