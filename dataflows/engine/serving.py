"""Every feature of the newest bars, as they close: only what is new is computed.

A value beside a bar that has closed never changes: it stands on what was known by then. So a new bar needs its own
row of every node and no other one. 1. The last rows of each column that windows read are kept (`tails`). 2. Of each
domain's facts as many are kept as later rows can stand on (`known_facts`), and what kernels derive of facts stays with
the frame that it was derived from (`nodes.kernels.derived`). 3. Each node is called with its windows of rows, once for
the shares whose facts are as they were, once for those with news. 4. The contract is held to the new row.

The values are those of the whole history, bit for bit; tests over the catalog advance through sessions and compare.
Whatever would change a row that was served before is refused with DataError: start anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from dataflows.engine.evaluation import called, checked
from dataflows.engine.guards import Guard
from dataflows.engine.known_facts import KnownFacts, Retention
from dataflows.engine.plan import CONSTANT_KINDS, NodeKind, Plan, PlanNode
from dataflows.engine.refresh import PANEL, SEGMENTS, SYMBOL, Refresh
from dataflows.engine.tails import Flags, Tails
from dataflows.engine.warm_up import own_window
from nodes.kernels.arrays import Index
from nodes.vocabulary.domains import CARRIERS, SOURCE_DOMAINS
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_text
from policies.contracts import SourceTerm

CLOSED_AT = "closed_at"


@dataclass(frozen=True)
class Served:
    """The newest rows.

    Attributes:
        symbols: shares with a new bar, sorted.
        values: the value of each node beside the newest bar of each of these shares; an Absent where it has none.
    """

    symbols: tuple[str, ...]
    values: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Keeping:
    """What later rows can stand on.

    Attributes:
        facts: what is kept of each input of facts; everything where it says nothing.
        marked: nodes that read of their window its first row, their own, and those where a column is not 1: its name.
    """

    facts: Mapping[str, Retention] = field(default_factory=dict)
    marked: Mapping[str, str] = field(default_factory=dict)


class Serving:
    """Serves the outputs of a session plan, session after session.

    Args:
        plan: the plan.
        snapshot: everything known so far.
        known_at: until when it was known.
        keeping: what is kept of each input of facts, and of windows.
    """

    def __init__(self, plan: Plan, snapshot: Any, known_at: datetime, keeping: Keeping) -> None:  # noqa: ANN401
        self._plan, self._snapshot, self._known_at = plan, snapshot, known_at
        self._windows = {node.name: own_window(node, plan.params) for node in plan.nodes}
        self._facts = {
            name: KnownFacts(frame, _of_its_share(name, keeping.facts.get(name, Retention())), known_at)
            for name, frame in _fact_frames(snapshot).items()
        }
        self._by_share = {
            node.name: tuple(name for name in node.arguments if name in self._facts and self._facts[name].is_by_share)
            for node in plan.nodes
        }
        self._of_marks = keeping.marked
        self._newest_on = snapshot.panel["session_on"].max()
        self.values, self._tails = self._started(snapshot)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every share that ever had a bar, sorted."""
        return tuple(self._tails.symbols)

    def latest(self, name: str) -> pl.Series:
        """The newest value of a column beside the newest bar of every share."""
        every = np.arange(len(self._tails.symbols))
        return self._tails.column(name, every, 1, *self._tails.layout(every, 1))

    def advanced(self, news: Any, known_at: datetime) -> Served:  # noqa: ANN401
        """Takes in what is new and serves its rows. Raises DataError for news that change what was served.

        Args:
            news: a snapshot of what is new: bars of the panel, facts that became known; the whole index panel.
            known_at: until when it was known.
        """
        self._judged(news, known_at)
        for name, frame in _fact_frames(news).items():
            if frame.height:
                self._facts[name].told(frame, self._known_at)
        self._snapshot, self._known_at = (
            replace(news, **{name: item.base for name, item in self._facts.items()}),
            known_at,
        )
        served = Served((), {})
        for panel in _rounds(news.panel):
            served = self._row(panel)
        return served

    def rebased(self) -> None:
        """Derives anew what news had set apart: worth doing between refreshes, when news have come for many shares."""
        for facts in self._facts.values():
            facts.rebased()

    def _judged(self, news: Any, known_at: datetime) -> None:  # noqa: ANN401
        strangers = sorted(_fact_frames(news).keys() - self._facts.keys())
        panel = news.panel
        if strangers:
            message = f"facts of {', '.join(strangers)} were not there before"
        elif known_at <= self._known_at:
            message = f"news as of {instant_text(known_at)}, which is not after {instant_text(self._known_at)}"
        elif (panel[CLOSED_AT] <= self._known_at).any():
            row = panel.filter(pl.col(CLOSED_AT) <= self._known_at)
            message = f"the bar of {row[SYMBOL][0]} on {row['session_on'][0]} closed by {instant_text(self._known_at)}"
        else:
            return
        raise DataError(f"{message}; start anew from all facts")

    def _started(self, snapshot: Any) -> tuple[dict[str, Any], Tails]:  # noqa: ANN401
        refresh = Refresh(self._plan)
        values = refresh.latest(snapshot)
        starts = np.flatnonzero(
            (snapshot.panel[SYMBOL] != snapshot.panel[SYMBOL].shift(1)).fill_null(value=True).to_numpy()
        )
        sizes = np.diff(np.append(starts, snapshot.panel.height))
        depths = dict.fromkeys((node.name for node in self._plan.nodes), 1)
        for node in self._plan.nodes:
            for name in node.arguments:
                depths[name] = max(depths[name], self._windows[node.name])
        columns = {
            node.name: (values[node.name], np.minimum(sizes, refresh.rows_of(node.name)))
            for node in self._plan.nodes
            if node.unit.name.endswith("Column") and isinstance(values[node.name], pl.Series)
        }
        symbols = snapshot.panel[SYMBOL].gather(starts).to_list()
        return values, Tails(symbols, sizes, depths, columns, SYMBOL)

    def _row(self, panel: pl.DataFrame) -> Served:
        symbols = panel[SYMBOL].to_list()
        which = self._tails.places(symbols)
        self._tails.grown(which)
        self._newest_on = max(self._newest_on, panel["session_on"].max())
        guard = _RowGuard(replace(self._snapshot, panel=panel), self._facts, self._newest_on)
        row = _Row(self._tails, symbols, which)
        for node in self._plan.nodes:
            value = self._value(node, panel, row)
            if node.contract is not None:
                value = guard.held(node, node.contract, value)
            self._kept(node, value, which)
            row.values[node.name] = value
        return Served(tuple(symbols), row.values)

    def _kept(self, node: PlanNode, value: Any, which: Index) -> None:  # noqa: ANN401
        if node.name in self._tails:
            if not isinstance(value, pl.Series):
                message = f"{node.name} became {value}, and had values before"
                raise DataError(f"{message}; start anew from all facts")
            self._tails.appended(node.name, value, which)
        elif isinstance(value, pl.Series) and node.unit.name.endswith("Column"):
            message = f"{node.name} has values now, and had none before"
            raise DataError(f"{message}; start anew from all facts")

    def _value(self, node: PlanNode, panel: pl.DataFrame, row: _Row) -> Any:  # noqa: ANN401
        if node.kind in CONSTANT_KINDS:
            return node.value
        if node.kind is NodeKind.INPUT:
            return checked(node, panel if node.name == PANEL else getattr(self._snapshot, node.name))
        window = self._windows[node.name]
        touched = [name for name in self._by_share[node.name] if self._facts[name].touched]
        groups = row.groups(frozenset().union(*(self._facts[name].touched for name in touched)))
        mark = self._of_marks.get(node.name, "")
        layouts = [row.layout(group, window, mark) for group in groups]
        parts = [_newest_row(node, self._called(node, row, layout), layout) for layout in layouts]
        return row.joined(groups, parts)

    def _called(self, node: PlanNode, row: _Row, layout: _Layout) -> Any:  # noqa: ANN401
        return called(node, [self._argument(name, row, layout) for name in node.arguments])

    def _argument(self, name: str, row: _Row, layout: _Layout) -> Any:  # noqa: ANN401
        if name == SEGMENTS:
            return layout.segments
        if name in self._facts and self._facts[name].is_by_share and layout.group.has_news:
            return self._facts[name].of(layout.group.symbols)
        if name in self._tails:
            return row.column(name, layout)
        return row.values[name]


@dataclass(frozen=True)
class _Group:
    """Shares of a row that are computed together: their places in it, and their lines among all shares."""

    symbols: tuple[str, ...]
    places: Index
    which: Index
    has_news: bool


@dataclass(frozen=True)
class _Layout:
    """The last rows of some shares, one after the other.

    Attributes:
        group: the shares.
        n_rows: how many rows at most.
        mark: the column whose rows of 1 are left out; "" where none are.
        kept: how many rows each share has.
        inside: which of so many rows are there; None where all are.
    """

    group: _Group
    n_rows: int
    mark: str
    kept: Index
    inside: Flags | None

    @cached_property
    def segments(self) -> Index:
        """First row of each share, then the height."""
        return np.append(0, np.cumsum(self.kept)).astype(np.int64)


class _Row:
    """One new bar of some shares."""

    def __init__(self, tails: Tails, symbols: Sequence[str], which: Index) -> None:
        self.values: dict[str, Any] = {}
        self._tails = tails
        self._every = _Group(tuple(symbols), np.arange(len(which)), which, has_news=False)
        self._groups: dict[frozenset[str], tuple[_Group, ...]] = {frozenset(): (self._every,)}
        self._columns: dict[tuple[str, int, str, bytes], pl.Series] = {}
        self._layouts: dict[tuple[int, str, bool, bytes], _Layout] = {}

    def groups(self, touched: frozenset[str]) -> tuple[_Group, ...]:
        """The shares without news and those with, as far as there are any."""
        if touched not in self._groups:
            every = self._every
            has_news = np.array([name in touched for name in every.symbols], dtype=np.bool_)
            found = []
            for flag in (False, True):
                places = np.flatnonzero(has_news == flag)
                if len(places):
                    symbols = tuple(every.symbols[place] for place in places)
                    found.append(_Group(symbols, places, every.which[places], has_news=flag))
            self._groups[touched] = tuple(found)
        return self._groups[touched]

    def layout(self, group: _Group, n_rows: int, mark: str) -> _Layout:
        """The last rows of a group, those alone that are marked where a column marks them."""
        key = (n_rows, mark, group.has_news, group.which.tobytes())
        if key not in self._layouts:
            kept, inside = self._tails.layout(group.which, n_rows)
            if mark and n_rows > 1:
                inside = self._tails.marked(mark, group.which, n_rows)
                kept = np.count_nonzero(inside, axis=1)
            self._layouts[key] = _Layout(group, n_rows, mark, kept, inside)
        return self._layouts[key]

    def column(self, name: str, layout: _Layout) -> pl.Series:
        """The rows of a column."""
        which = layout.group.which
        if layout.n_rows == 1 and len(which) == len(self._every.places):
            return self.values[name]  # type: ignore[no-any-return]  # a column
        key = (name, layout.n_rows, layout.mark, which.tobytes())
        if key not in self._columns:
            self._columns[key] = self._tails.column(name, which, layout.n_rows, layout.kept, layout.inside)
        return self._columns[key]

    def joined(self, groups: Sequence[_Group], parts: Sequence[Any]) -> Any:  # noqa: ANN401
        """The values of groups in the order of the shares; an absence of one is one of all."""
        if len(parts) == 1:
            return parts[0]
        absent = [part for part in parts if not isinstance(part, pl.Series | pl.DataFrame)]
        if absent:
            return absent[0]
        order = np.argsort(np.concatenate([group.places for group in groups]))
        return pl.concat(list(parts))[order]


class _RowGuard(Guard):
    """Holds one row of shares to contracts, by what is remembered of the facts."""

    def __init__(self, snapshot: Any, facts: Mapping[str, KnownFacts], newest_on: date) -> None:  # noqa: ANN401
        super().__init__(snapshot)
        self._known = facts
        self._newest_on = newest_on

    def _newest_bar_on(self) -> date | None:
        return self._newest_on

    def _shortest_lag(self, term: SourceTerm) -> timedelta | None:
        found = self._known_of(term)
        return None if found is None else found.shortest_lag

    def _seen(self, term: SourceTerm) -> pl.DataFrame | None:
        found = self._known_of(term)
        return None if found is None else found.seen

    def _known_of(self, term: SourceTerm) -> KnownFacts | None:
        carriers = SOURCE_DOMAINS[term.domain].carriers
        return next((self._known[name] for name in carriers if name in self._known), None)


def _fact_frames(snapshot: Any) -> dict[str, pl.DataFrame]:  # noqa: ANN401
    """The inputs of facts that a snapshot has."""
    found = {item.name: getattr(snapshot, item.name) for item in fields(snapshot)}
    return {name: item for name, item in found.items() if isinstance(item, pl.DataFrame) and "known_at" in item.columns}


def _of_its_share(carrier: str, retention: Retention) -> Retention:
    """The retention with the column that names the share in the facts of a carrier."""
    return replace(retention, subject=SOURCE_DOMAINS[CARRIERS[carrier]].subject)


def _rounds(panel: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The new bars, one a share at a time, the oldest first."""
    turn = panel.select(pl.int_range(pl.len()).over(SYMBOL)).to_series()
    for place in range(int(turn.to_numpy().max(initial=-1)) + 1):
        yield panel.filter(turn == place) if place or (turn != 0).any() else panel


def _newest_row(node: PlanNode, value: Any, layout: _Layout) -> Any:  # noqa: ANN401
    """The last row of each share."""
    if layout.n_rows == 1 or not isinstance(value, pl.Series) or not node.unit.name.endswith("Column"):
        return value
    return value.tail(1) if len(layout.kept) == 1 else value.gather(layout.segments[1:] - 1)
