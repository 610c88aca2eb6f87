"""What a feed is: a source that brings the facts of a window of time, and how it is to be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from adapters.feeds.faults import BeyondReachError, IncompleteError, NotThereError, UnreachableError
from adapters.feeds.files.parsed import Parsed, nothing_parsed
from adapters.feeds.files.tables import reject
from adapters.feeds.line import Line
from adapters.lake.facts.domain import Domain
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True, slots=True)
class Window:
    """What a run asks for.

    Attributes:
        from_at: facts from here on; overlaps what was fetched before, so that late corrections come in.
        until: up to here.
        fetched_at: when it is asked.
        seen_until: up to when runs before brought all there was; None on the first run of this scope.
    """

    from_at: datetime
    until: datetime
    fetched_at: datetime
    seen_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How a source is to be asked.

    Attributes:
        rate: questions that we allow ourselves, e.g. "60/minute".
        overlap: how far each window reaches back into what was fetched before.
        reach: how far the first window reaches back.
        is_vintaged: whether the source says of each revision when it became known; a changed fact of one that does
            not is known from the fetch that brought the change.
    """

    rate: str
    overlap: timedelta
    reach: timedelta
    is_vintaged: bool = False


class Source(Protocol):
    """A feed."""

    @property
    def name(self) -> str:
        """Short name; the `source` of its facts."""
        ...

    @property
    def pace(self) -> Pace:
        """How it is to be asked."""
        ...

    @property
    def scope(self) -> str:
        """What it is asked for, in words; another scope begins at the beginning."""
        ...

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        """The facts of a window, a part at a time; what cannot be read is set aside in them.

        Raises:
            EdgeError: the source cannot be asked further; what was brought so far is good.
        """
        ...


def each(
    subjects: Iterable[str], domain: Domain, source: str, fetch: Callable[[str], Iterator[Parsed]]
) -> Iterator[Parsed]:
    """The facts of every subject: one that cannot be read is set aside, one that does not answer holds up no other.

    Raises:
        EdgeError: the vendor refused or asks for rest; or, at the end, the first subject that did not answer, else
            those whose answers could not be used.
    """
    silent: list[UnreachableError] = []
    unread: list[str] = []
    for subject in subjects:
        try:
            yield from fetch(subject)
        except DataError as error:
            yield nothing_parsed(domain, source, reject(subject, 0, "", "", str(error)))
            if not isinstance(error, (NotThereError, BeyondReachError)):
                unread.append(subject)
        except UnreachableError as error:
            silent.append(error)
    if silent:
        raise silent[0]
    if unread:
        raise IncompleteError(source, unread)
