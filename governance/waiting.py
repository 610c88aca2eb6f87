"""Work that waits for the writer, and how its outcome reaches whoever asked: a thread's future or an event loop's.

Futures of an event loop may only be touched in its thread. Handing each over by itself would wake the loop once a
request; those of one commit are handed over together.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar

from governance.ports import SavepointTransaction

_T = TypeVar("_T")
Work: TypeAlias = Callable[[SavepointTransaction], _T]

Place: TypeAlias = tuple[str, str]
"""An account and an idempotency key in it."""

PutBack: TypeAlias = Callable[[Exception], Future[Any] | None]
"""Asked, in the writer's thread and outside the transaction, about what a piece of work raised: a future after which
the work is to be run again, or None when the error is its outcome, e.g. since it has waited long enough. It must return
at once, and the future must resolve."""


class LoopFuture(Awaitable[_T], Protocol[_T]):
    """What an event loop waits for: `asyncio.Future`."""

    def cancel(self) -> bool:
        """Stop waiting."""
        ...

    def cancelled(self) -> bool:
        """Whether nobody waits any more."""
        ...

    def done(self) -> bool:
        """Whether it has an outcome or nobody waits any more."""
        ...

    def result(self) -> _T:
        """The outcome."""
        ...

    def set_result(self, result: _T, /) -> None:
        """Give it its outcome."""
        ...

    def set_exception(self, error: BaseException, /) -> None:
        """Give it an error for an outcome."""
        ...


class Loop(Protocol):
    """The event loop of another thread: `asyncio.AbstractEventLoop`."""

    def create_future(self) -> LoopFuture[Any]:
        """A future to wait for in the loop."""
        ...

    def call_soon_threadsafe(self, callback: Callable[[Iterable[LoopItem[Any]]], object], items: Any, /) -> object:  # noqa: ANN401
        """Call back in the loop's thread."""
        ...


class Attempt:
    """A block whose exception is kept for the one it belongs to, instead of ending the writer's thread."""

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        self.error = error
        return True


class Item(ABC):
    """A piece of work that waits.

    Attributes:
        error: what it raised; None before it ran and when it went well.
        put_back: what decides whether it is run again.
        place: the account and key that it will ask for; None when that is not known.
    """

    __slots__ = ("error", "place", "put_back", "result", "work")

    def __init__(self, work: Work[Any], put_back: PutBack | None, place: Place | None = None) -> None:
        self.work = work
        self.put_back = put_back
        self.place = place
        self.result: Any = None
        self.error: BaseException | None = None

    @abstractmethod
    def begin(self) -> bool:
        """Whether anybody still wants it run."""

    @abstractmethod
    def resolve(self) -> None:
        """Tell the asker the outcome."""

    def run(self, transaction: SavepointTransaction) -> None:
        """Run the work in a savepoint of its own."""
        attempt = Attempt()
        with attempt, transaction.savepoint():
            self.result = self.work(transaction)
        self.error = attempt.error


class ThreadItem(Item, Generic[_T]):
    """Work whose asker waits in a thread."""

    __slots__ = ("future",)

    def __init__(self, work: Work[_T], put_back: PutBack | None, place: Place | None = None) -> None:
        super().__init__(work, put_back, place)
        self.future: Future[_T] = Future()

    def begin(self) -> bool:
        """Whether it was not cancelled; from then on it cannot be."""
        return self.future.running() or self.future.set_running_or_notify_cancel()

    def resolve(self) -> None:
        """Tell the outcome."""
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class LoopItem(Item, Generic[_T]):
    """Work whose asker waits in an event loop."""

    __slots__ = ("future", "loop")

    def __init__(self, loop: Loop, work: Work[_T], put_back: PutBack | None, place: Place | None = None) -> None:
        super().__init__(work, put_back, place)
        self.loop = loop
        self.future: LoopFuture[_T] = loop.create_future()

    def begin(self) -> bool:
        """Whether it was not cancelled."""
        return not self.future.cancelled()

    def resolve(self) -> None:
        """Tell the outcome, in the loop's own thread; nobody hears it who has gone."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def deliver(items: Sequence[Item]) -> None:
    """Tell each asker the outcome: those of one event loop by one call into it.

    Those who wait in threads hear it from the last to the first: who waits for one after the other is then woken once
    and finds all done, and does not take turns with this thread over every single one.
    """
    by_loop: dict[Loop, list[LoopItem[Any]]] = {}
    for item in reversed(items):
        if isinstance(item, LoopItem):
            by_loop.setdefault(item.loop, []).append(item)
        elif isinstance(item, ThreadItem):
            item.resolve()
    for loop, together in by_loop.items():
        together.reverse()
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody is left to hear it
            loop.call_soon_threadsafe(_resolve, together)


def _resolve(items: Iterable[LoopItem[Any]]) -> None:
    for item in items:
        item.resolve()
