"""Reading the lake: what a reading is, and what all of them share.

A reading is a plain function. Its first argument is the standpoint that it is made from; its others are what users give
it, and the columns of its answer are declared beside it. HTTP (`api.http.readings`) and the command line
(`api.cli.reading`) are made from that: what can be asked in one can be asked in the other, in the same words.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import polars as pl
from deltalake.exceptions import DeltaError

from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore, TableVersion
from adapters.sql.alerts import AlertBox
from adapters.upstreams.kept import KeptAnswers
from adapters.upstreams.upstream import Upstream
from api.use_cases.resilience_terms import resilience_terms
from nodes.vocabulary.errors import DataError, EdgeError
from policies.resilience_terms import ResilienceTerms

ALERTS = "alerts.db"
N_READERS = 4
PATIENCE_S = 5.0
LAKE = "lake"
KEPT_BYTES = 64 * 1024**2
"""What the answers take that are kept to be given again."""
_T = TypeVar("_T")
_FAULTS = (OSError, pl.exceptions.PolarsError, DeltaError)
_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Says:
    """What a parameter means.

    Attributes:
        text: in words.
        least: smallest number taken.
        most: largest number taken.
        pattern: that a text must fit as a whole.
    """

    text: str
    least: int | None = None
    most: int | None = None
    pattern: str | None = None


Symbol = Annotated[str, Says("Ticker, e.g. AAPL.", pattern=r"^[A-Za-z0-9.:/_-]{1,64}$")]
StartOn = Annotated[date | None, Says("First day, e.g. 2013-01-02.")]
EndOn = Annotated[date | None, Says("Last day.")]


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A lake, seen with the knowledge of an instant.

    Attributes:
        store: the facts.
        as_of: nothing that became known later is seen.
    """

    store: FactStore
    as_of: datetime

    @property
    def today_on(self) -> date:
        """The day that it was in New York."""
        return self.as_of.astimezone(_NEW_YORK).date()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a reading is told.

    Attributes:
        name: of the argument.
        kind: its type, without None.
        default: what it is when it is not given; `inspect.Parameter.empty` where it must be.
        says: what it means.
        is_place: whether it is part of the path.
    """

    name: str
    kind: Any
    default: Any
    says: Says
    is_place: bool


@dataclass(frozen=True, eq=False)
class Reading:
    """One question that can be asked of the lake.

    Attributes:
        name: of its command, and with `read_` before it of its operation.
        path: where HTTP answers it, below `/api/v1`.
        tag: the area that it belongs to.
        rows: answers it: every row, in a stated order.
        columns: of the answer.
        domains: the tables that it reads.
        also: tables that it reads where they are there.
    """

    name: str
    path: str
    tag: str
    rows: Callable[..., pl.DataFrame]
    columns: Mapping[str, pl.DataType]
    domains: tuple[Domain, ...]
    also: tuple[Domain, ...] = ()

    @property
    def summary(self) -> str:
        """The question in one line."""
        return self.text.splitlines()[0].rstrip(".")

    @property
    def text(self) -> str:
        """The question in words."""
        return inspect.getdoc(self.rows) or self.name

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it is told, in order."""
        hints = get_type_hints(self.rows, include_extras=True)
        given = list(inspect.signature(self.rows).parameters.values())[1:]
        return tuple(_parameter(each, hints[each.name], self.path) for each in given)

    def answer(self, at: Standpoint, asked: Mapping[str, Any]) -> pl.DataFrame:
        """Every row of the answer.

        Raises:
            EdgeError: a table that it reads is not there.
            DataError: what is asked for was not known.
        """
        held = set(at.store.domains())
        missing = [domain.name for domain in self.domains if domain.name not in held]
        if missing:
            raise no_table(missing[0])
        return self.rows(at, **asked).select(pl.col(name).cast(kind) for name, kind in self.columns.items())

    def versions(self, store: FactStore) -> dict[str, TableVersion]:
        """Which content the tables have that it reads."""
        held = set(store.domains())
        return {each.name: store.version(each) for each in (*self.domains, *self.also) if each.name in held}


@dataclass(frozen=True, slots=True)
class LakeAnswer:
    """An answer of the lake, as it is kept.

    Attributes:
        frame: every row.
        versions: of the tables that it was read from.
        as_of: by whose knowledge.
        stored_at: nothing that was stored later is in it.
    """

    frame: pl.DataFrame
    versions: Mapping[str, TableVersion]
    as_of: datetime
    stored_at: datetime


class DataRoom:
    """The lake as a server or a command reads it: opened when it is first asked for, by so many at once.

    Args:
        opened: opens it, and says in which folder it is.
        clock: now, in UTC.
        terms: how long it is waited for, and how old its answers may be.

    Attributes:
        upstream: the lake, as something that may not answer.
        kept: answers that can be given again.
        feeds: what is known of the feeds, told beside answers.
    """

    def __init__(
        self,
        opened: Callable[[], tuple[FactStore, Path]],
        clock: Callable[[], datetime],
        terms: ResilienceTerms | None = None,
    ) -> None:
        self._opened, self.clock = opened, clock
        self.terms = terms or resilience_terms()
        self.upstream = Upstream(LAKE, self.terms.lake, clock, _FAULTS)
        self.kept = KeptAnswers[LakeAnswer](_n_bytes, KEPT_BYTES, self.upstream.answered_from_memory)
        self.feeds = KeptAnswers[Any](lambda _: 1, 1)
        self._tables: frozenset[str] = frozenset()
        self._lake: tuple[FactStore, Path] | None = None
        self._box: AlertBox | None = None
        self._opening = threading.Lock()
        self._slots = threading.BoundedSemaphore(N_READERS)

    @contextmanager
    def store(self) -> Iterator[FactStore]:
        """The facts. Raises EdgeError when too many read at once for long, or there is no lake."""
        if not self._slots.acquire(timeout=PATIENCE_S):
            message = f"{N_READERS} readings are all that are answered at once; come back in a moment"
            raise EdgeError(message, reason="queue-full")
        try:
            yield self._open()[0]
        finally:
            self._slots.release()

    def open(self) -> None:
        """Open the lake, unless it is. The bundled data are made into one then, which takes longer than any answer."""
        self._open()

    def read(self, work: Callable[[FactStore], _T]) -> _T:
        """What the lake answers. Raises EdgeError when it does not, as `Upstream.asked`; else what the work raises."""
        self.open()
        return self.upstream.asked(lambda: self._worked(work))

    def probed(self) -> None:
        """Ask the lake how it is. Raises as `read`."""
        self.read(lambda store: store.domains())

    def _worked(self, work: Callable[[FactStore], _T]) -> _T:
        with self.store() as store:
            self._require_there(store)
            return work(store)

    def _require_there(self, store: FactStore) -> None:
        """Raises EdgeError when tables were there and are not: what was unmounted looks like an empty lake."""
        folder = Path(store.root)
        tables = DOMAINS.keys() & {each.name for each in folder.iterdir()} if folder.is_dir() else frozenset[str]()
        if gone := sorted(self._tables - tables):
            what = f"{', '.join(gone)} of the lake at {store.root}"
            raise EdgeError(f"{what} were there and are gone; mount or restore it, or restart the server without them")
        self._tables = frozenset(tables)

    def alerts(self) -> AlertBox:
        """The alerts of the lake, in a file beside its tables. Raises EdgeError when its folder cannot be written."""
        _, folder = self._open()
        with self._opening:
            if self._box is None:
                self._box = AlertBox(folder / ALERTS, self.clock)
            return self._box

    def _open(self) -> tuple[FactStore, Path]:
        with self._opening:
            if self._lake is None:
                self._lake = self._opened()
            return self._lake


def _n_bytes(answer: LakeAnswer) -> int:
    return int(answer.frame.estimated_size())


def no_table(name: str) -> EdgeError:
    """That the lake holds nothing of a domain, and how to change that."""
    return EdgeError(
        f"the lake holds no table {name!r}; import it with `assay data import`, or name another lake with ASSAY_LAKE",
        reason="no-table",
    )


def known_domain(name: str) -> Domain:
    """A domain by its name. Raises EdgeError when there is none."""
    if name not in DOMAINS:
        message = f"table {name!r} does not exist; name one of {', '.join(sorted(DOMAINS))}"
        raise EdgeError(message, reason="not-found")
    return DOMAINS[name]


def columns(*domains: Domain, known: bool = True) -> dict[str, pl.DataType]:
    """The keys and values of domains, with when each fact was true and known, and who said so."""
    found = {name: kind for domain in domains for name, kind in {**domain.keys, **domain.values}.items()}
    stamps = ("event_at", "known_at", "source") if known else ()
    return found | {name: domains[0].schema[name] for name in stamps}


def within(name: str, start_on: date | None, end_on: date | None) -> pl.Expr:
    """That a column of days lies between two days, both included; None leaves a side open."""
    after = pl.lit(value=True) if start_on is None else pl.col(name) >= start_on
    return after if end_on is None else after & (pl.col(name) <= end_on)


def not_known(what: str) -> DataError:
    """That something was not known at the instant."""
    return DataError(f"{what} was not known; check its name, or ask for a later instant", reason="not-known")


def _parameter(given: inspect.Parameter, hint: Any, path: str) -> Parameter:  # noqa: ANN401  # any annotation
    kind, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    says = next((each for each in notes if isinstance(each, Says)), Says(given.name.replace("_", " ")))
    kinds = [each for each in get_args(kind) if each is not type(None)]
    is_optional = len(kinds) == 1 and type(None) in get_args(kind)
    is_place = f"{{{given.name}}}" in path
    return Parameter(given.name, kinds[0] if is_optional else kind, given.default, says, is_place)
