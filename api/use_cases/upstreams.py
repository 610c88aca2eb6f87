"""What a server asks and does not own: watched in a thread, with every outage written down and told of once.

The thread asks an upstream how it is when nobody else has for a while, and when its circuit has rested: an outage is
noticed at night, and ends by itself. What is to be written down waits in memory while the disk is full.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Self

import structlog

from adapters.upstreams.circuit import CircuitState
from adapters.upstreams.outages import Harm, Outage, OutageBook
from adapters.upstreams.upstream import News, Standing, Upstream
from api.use_cases.background import Background
from nodes.vocabulary.errors import AssayError

PAUSE_S = 0.2
_log = structlog.get_logger("assay.upstreams")


@dataclass(frozen=True, slots=True)
class Watched:
    """An upstream and how to ask how it is.

    Attributes:
        upstream: what is asked.
        probe: a cheap question to it, asked through it; None where it is asked all the time anyway.
    """

    upstream: Upstream
    probe: Callable[[], object] | None = None


@dataclass
class Upstreams:
    """The upstreams of a process.

    Attributes:
        watched: each by its name.
        book: where outages are written down; None where nothing may be written.
        background: keeps how the thread does that watches them.
        raised: called with an outage when it was written down, by the first of a home's workers to do so.
    """

    watched: Mapping[str, Watched] = field(default_factory=dict)
    book: OutageBook | None = None
    background: Background = field(default_factory=partial(Background, "upstream-watch"))
    raised: Callable[[Outage], object] | None = None

    def __post_init__(self) -> None:
        self._news: deque[tuple[str, News]] = deque()
        self._unraised: deque[Outage] = deque()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        known = () if self.book is None else self.book.open_ones()
        self._open = {outage.upstream for outage in known}  # of a process that is no more
        self._unraised.extend(known)  # it may have died before it raised them; one that was raised stays one
        for name, each in self.watched.items():
            each.upstream.news = partial(self.note, name)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How each of them is."""
        return tuple(each.upstream.standing for each in self.watched.values())

    def outages(self, count: int) -> tuple[Outage, ...]:
        """The newest outages of the home."""
        return () if self.book is None else self.book.newest(count)

    def note(self, name: str, news: News) -> None:
        """Have news of an upstream written down at the next look."""
        self._news.append((name, news))

    def looked(self) -> None:
        """Ask those how they are that nobody else asks, and write down what is new. Raises AssayError if it cannot."""
        for each in self.watched.values():
            if each.probe is not None and each.upstream.wants_probe:
                _probe(each.probe)
        self._write_down()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._serve, name="upstream-watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
        self.close()

    def close(self) -> None:
        """Let go of the book; the upstreams are closed by whoever opened them, who may have to ask one to the end."""
        if self.book is not None:
            self.book.close()

    def _serve(self) -> None:
        with self.background.running():
            while not self._is_over.wait(self.background.pause_s(PAUSE_S)):
                self.background.round(self.looked)

    def _write_down(self) -> None:
        for name, each in self.watched.items():
            if name in self._open and each.upstream.standing.good_at and not self._is_told(name):
                self._news.append((name, News(None, is_over=True)))
        while self._news:
            name, news = self._news[0]
            self._written(name, news)
            self._news.popleft()
        while self._unraised and self.raised is not None:
            self.raised(self._unraised[0])
            self._unraised.popleft()
        for name in self._open:
            self._add_harm(name)

    def _is_told(self, name: str) -> bool:
        """Whether something of it waits to be written down, or it is away now."""
        is_away = self.watched[name].upstream.standing.state is not CircuitState.CLOSED
        return is_away or any(each == name for each, _ in self._news)

    def _written(self, name: str, news: News) -> None:
        if self.book is None:
            _tell(name, news, Harm())
            return
        if news.begun is not None:
            self._open.add(name)
            if self.book.begun(news.begun):
                _tell(name, news, Harm())
                self._unraised.append(news.begun)
            return
        harm = self.watched[name].upstream.harm() if name in self.watched else Harm()
        if self.book.ended(name, harm):
            _tell(name, news, harm)
        self._open.discard(name)

    def _add_harm(self, name: str) -> None:
        if self.book is not None and name in self.watched:
            harm = self.watched[name].upstream.harm()
            if harm != Harm():
                self.book.harmed(name, harm)


def _probe(ask: Callable[[], object]) -> None:
    """Ask how an upstream is; what it says is noted by itself."""
    try:
        ask()
    except AssayError:
        return


def _tell(name: str, news: News, harm: Harm) -> None:
    if news.begun is not None:
        outage = news.begun
        _log.error("upstream away", upstream=name, because=outage.because, noticed_after_s=outage.noticed_after_s)
    else:
        _log.warning("upstream back", upstream=name, n_from_memory=harm.n_from_memory, n_refused=harm.n_refused)
