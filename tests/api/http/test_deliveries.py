"""Outcomes cross from other threads to the loop, together, and none is lost."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from api.http.deliveries import Deliveries


def test_outcomes_of_another_thread_arrive() -> None:
    async def all_of_them() -> list[int]:
        deliveries, futures = Deliveries(), [Future[int]() for _ in range(500)]
        waiting = [deliveries.awaited(future) for future in futures]

        def resolve() -> None:
            for number, future in enumerate(futures):
                future.set_result(number)

        threading.Thread(target=resolve).start()
        return await asyncio.wait_for(asyncio.gather(*waiting), 10)

    assert asyncio.run(all_of_them()) == list(range(500))


def test_an_error_arrives_as_one() -> None:
    async def failing() -> None:
        future = Future[int]()
        waiting = Deliveries().awaited(future)
        future.set_exception(ValueError("no"))
        await waiting

    with pytest.raises(ValueError, match="no"):
        asyncio.run(failing())


def test_whoever_gives_up_does_not_disturb_the_others() -> None:
    async def one_gives_up() -> int:
        deliveries, first, second = Deliveries(), Future[int](), Future[int]()
        gone, staying = deliveries.awaited(first), deliveries.awaited(second)
        gone.cancel()
        first.set_result(1)
        second.set_result(2)
        return await asyncio.wait_for(staying, 10)

    assert asyncio.run(one_gives_up()) == 2
