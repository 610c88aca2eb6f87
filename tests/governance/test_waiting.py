"""Outcomes that reach their askers: those of one loop together, those of threads each by itself."""

from __future__ import annotations

import asyncio

from governance.ports import SavepointTransaction
from governance.waiting import Attempt, LoopItem, ThreadItem, deliver


def _number(_transaction: SavepointTransaction) -> int:
    return 7


def test_an_attempt_keeps_what_was_raised() -> None:
    attempt = Attempt()
    with attempt:
        raise KeyError("lost")
    assert isinstance(attempt.error, KeyError)


def test_an_asker_in_a_thread_and_one_in_a_loop_both_hear_the_outcome() -> None:
    loop = asyncio.new_event_loop()
    threaded: ThreadItem[int] = ThreadItem(_number, None)
    looped: LoopItem[int] = LoopItem(loop, _number, None)
    for item in (threaded, looped):
        assert item.begin()
        item.result = 7
    deliver([threaded, looped])
    assert threaded.future.result() == 7
    assert loop.run_until_complete(looped.future) == 7
    loop.close()


def test_an_asker_who_has_gone_hears_nothing() -> None:
    loop = asyncio.new_event_loop()
    item: LoopItem[int] = LoopItem(loop, _number, None)
    item.future.cancel()
    assert not item.begin()
    item.resolve()
    assert item.future.cancelled()
    loop.close()
