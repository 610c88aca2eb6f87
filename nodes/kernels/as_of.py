"""As-of joins: what stood, to the knowledge of each instant, beside each of many questions.

Of the events known at an instant the newest stands, in its newest revision (or its first). An old period's late
revision never replaces a newer period, and a retracted event gives way to the one before it. Equal instants are decided
by the sequence number: the fact committed last is the newest, the one committed first the first print.

    formula   of the facts f of a key with f.known_at <= at (or < at), the greatest (event_at, known_at, sequence)
    unit      the facts' own. Missing: null where nothing was known, and for a question without an instant
    source    Snodgrass and Ahn (1985), A Taxonomy of Time in Databases, section 4: valid and transaction time

Questions are sorted, not facts: there are fewer of them. Each fact falls to the first question that could see it; only
the newest event of each question can stand there or later in its key, and a running maximum carries it on. Memory is a
few integers a fact and a question.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from nodes.kernels.arrays import Index

_NOTHING = -1
_UNITS = (1_000_000_000, 1_000_000, 1_000, 1)
_ROOM = 2**40
_LONG_AGO = np.iinfo(np.int64).min
_KEY = "_key"


@dataclass(frozen=True)
class _Places:
    """The distinct pairs of key and instant at which questions are asked, sorted.

    Attributes:
        of_question: place of each question; -1 for one that finds nothing.
        key: of each place.
    """

    of_question: Index
    key: Index


@dataclass(frozen=True)
class _Facts:
    """Facts that a question can see.

    Attributes:
        row: of the fact in its frame.
        slot: the first place that sees it.
        event: event_at in nanoseconds.
        known: known_at in nanoseconds.
        sequence: of the fact.
    """

    row: Index
    slot: Index
    event: Index
    known: Index
    sequence: Index

    def kept(self, which: Index) -> _Facts:
        """Some of the facts, by position."""
        return _Facts(self.row[which], self.slot[which], self.event[which], self.known[which], self.sequence[which])


def newest_known(
    facts: pl.DataFrame,
    by: Sequence[str],
    questions: pl.DataFrame,
    columns: Sequence[str],
    *,
    strictly_before: bool = False,
) -> pl.DataFrame:
    """For each question the columns of the newest event's newest revision, in the order of the questions.

    Args:
        facts: `by`, event_at, known_at, sequence, the columns, and is_retracted where facts are taken back. Any order.
        by: columns that say what a fact is about; a null there is a key like any other.
        questions: `by` and `at`, the instant of each question.
        columns: what to take from the facts; null where nothing was known.
        strictly_before: whether a fact known at exactly the instant of a question is unseen.
    """
    places, slots = _placed(facts, by, questions, strictly_before=strictly_before)
    seen = _seen(facts, slots, len(places.key))
    taken_back = facts["is_retracted"].to_numpy()[seen.row] if "is_retracted" in facts.columns else seen.row < 0
    stands = (
        _standing_with_retractions(seen, taken_back, places.key) if taken_back.any() else _standing(seen, places.key)
    )
    return _taken(facts, columns, np.append(stands, _NOTHING)[places.of_question])


def newest_first_prints(
    facts: pl.DataFrame,
    by: Sequence[str],
    questions: pl.DataFrame,
    columns: Sequence[str],
    *,
    strictly_before: bool = False,
) -> pl.DataFrame:
    """For each question the columns of the newest event's first revision; otherwise as `newest_known`.

    A retraction takes no first print back: what was printed first stays what was printed first.
    """
    printed = facts.sort("known_at", "sequence").unique([*by, "event_at"], keep="first", maintain_order=True)
    kept = printed.drop("is_retracted", strict=False)
    return newest_known(kept, by, questions, columns, strictly_before=strictly_before)


def _placed(
    facts: pl.DataFrame, by: Sequence[str], questions: pl.DataFrame, *, strictly_before: bool
) -> tuple[_Places, Index]:
    """The places at which questions are asked, and the first place that sees each fact, past the last for none."""
    names = questions.select(by).unique(maintain_order=True).with_row_index(_KEY)
    asks = np.flatnonzero(questions["at"].is_not_null().to_numpy())
    of_question = np.full(questions.height, _NOTHING, dtype=np.int64)
    if not len(asks):
        return _Places(of_question, asks), np.zeros(facts.height, dtype=np.int64)
    known, at = _nanoseconds(facts["known_at"]), _nanoseconds(questions["at"])[asks]
    fact_levels, levels, width = _levels(known, at, strictly_before=strictly_before)
    points = _codes(questions, by, names)[asks] * width + levels
    order = np.argsort(points)
    is_new = _changes(points[order])
    of_question[asks[order]] = np.cumsum(is_new) - 1
    distinct = points[order][is_new]
    key, fact_key = distinct // width, _codes(facts, by, names)
    slots: Index = np.searchsorted(distinct, fact_key * width + fact_levels)
    slots[np.append(key, _NOTHING)[slots] != fact_key] = len(key)
    return _Places(of_question, key), slots


def _seen(facts: pl.DataFrame, slots: Index, n_places: int) -> _Facts:
    """The facts that some question can see."""
    row = np.flatnonzero(slots < n_places)
    events, known = _nanoseconds(facts["event_at"]), _nanoseconds(facts["known_at"])
    every = _Facts(np.arange(len(slots)), slots, events, known, facts["sequence"].to_numpy())
    return every if len(row) == len(slots) else every.kept(row)


def _nanoseconds(instants: pl.Series) -> Index:
    return instants.dt.cast_time_unit("ns").to_physical().fill_null(0).to_numpy()


def _codes(frame: pl.DataFrame, by: Sequence[str], names: pl.DataFrame) -> Index:
    """The number of each row's key, -1 where it has none. Runs of one key are looked up once: facts come sorted."""
    if frame.is_empty():
        return np.empty(0, dtype=np.int64)
    is_new = frame.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in by)).to_series()
    starts = is_new.to_numpy().copy()
    starts[0] = True
    run_keys = frame.select(by).filter(pl.Series(starts))
    found = run_keys.join(names, on=list(by), how="left", nulls_equal=True, maintain_order="left")[_KEY]
    codes: Index = found.cast(pl.Int64).fill_null(_NOTHING).to_numpy()
    return codes if len(codes) == len(starts) else codes[np.cumsum(starts) - 1]


def _levels(known: Index, at: Index, *, strictly_before: bool) -> tuple[Index, Index, int]:
    """Whole numbers under a width, for the knowledge of facts and for instants: seen where the second is no less.

    Where the instants are whole seconds, say, the knowledge is rounded up to them: that is exact, and leaves room for
    the key in one integer. Otherwise both are ranked.
    """
    first, last = int(at.min()), int(at.max())
    for unit in _UNITS:
        width = (last - first) // unit + 2
        if width < _ROOM and not ((at - first) % unit).any():
            within = np.clip(known, first - 1, last + 1) - first + (1 if strictly_before else 0)
            return -(-within // unit), (at - first) // unit, width
    instants = _distinct(at)
    from_on = known + 1 if strictly_before else known
    return np.searchsorted(instants, from_on), np.searchsorted(instants, at), len(instants) + 1


def _distinct(values: Index) -> Index:
    """The distinct values, sorted. Sorting is faster here than the hashing of numpy.unique."""
    ordered = np.sort(values)
    return ordered[_changes(ordered)]


def _changes(ordered: Index) -> npt.NDArray[np.bool_]:
    """Whether each value differs from the one before it; the first one does."""
    differs = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=differs[1:])
    return differs


def _standing(facts: _Facts, key: Index) -> Index:
    """The row of the fact that stands at each place, -1 for none."""
    newest = np.full(len(key), _LONG_AGO)
    np.maximum.at(newest, facts.slot, facts.event)
    newest = _running_maximum(newest, key)
    few = facts.kept(np.flatnonzero(facts.event >= newest[facts.slot]))
    order = np.lexsort((few.sequence, few.known, few.slot))
    last = order[np.append(_changes(few.slot[order])[1:], True)] if len(order) else order
    stands = np.full(len(key), _NOTHING, dtype=np.int64)
    stands[few.slot[last]] = few.row[last]
    return _carried(stands, key)


def _running_maximum(values: Index, key: Index) -> Index:
    """The greatest value so far within each key, keys being sorted."""
    levels = _distinct(values)
    ranked = np.searchsorted(levels, values) + key * len(levels)
    return levels[np.maximum.accumulate(ranked) - key * len(levels)] if len(values) else values


def _carried(stands: Index, key: Index) -> Index:
    """What stood last at or before each place of its key."""
    last = np.maximum.accumulate(np.where((stands != _NOTHING) | _changes(key), np.arange(len(key)), 0))
    return stands[last] if len(key) else stands


def _standing_with_retractions(facts: _Facts, is_retracted: npt.NDArray[np.bool_], key: Index) -> Index:
    """As `_standing`, where some facts are taken back: keys with a retraction are gone through fact by fact."""
    affected = np.isin(key[facts.slot], key[facts.slot[is_retracted]])
    stands = _standing(facts.kept(np.flatnonzero(~affected)), key)
    few = facts.kept(np.flatnonzero(affected))
    taken_back = is_retracted[affected]
    order = np.lexsort((few.sequence, few.event, few.known, key[few.slot]))
    begins = np.flatnonzero(_changes(key[few.slot[order]]))
    for begin, end in zip(begins, [*begins[1:], len(order)], strict=True):
        mine = order[begin:end]
        first, last = np.searchsorted(key, key[few.slot[mine[0]]] + np.array([0, 1]))
        events = zip(
            few.slot[mine].tolist(),
            few.event[mine].tolist(),
            few.row[mine].tolist(),
            taken_back[mine].tolist(),
            strict=True,
        )
        stands[first:last] = _stepped(events, int(first), int(last))
    return stands


def _stepped(facts: Iterable[tuple[int, int, int, bool]], first: int, last: int) -> Index:
    """The row that stands at each place of one key, from its facts in the order of knowledge."""
    stands = np.full(last - first, _NOTHING, dtype=np.int64)
    row_of: dict[int, int] = {}
    events: list[int] = []
    for slot, event, row, is_retracted in facts:
        if is_retracted and row_of.pop(event, None) is not None:
            events.remove(event)
        elif not is_retracted:
            if event not in row_of:
                insort(events, event)
            row_of[event] = row
        stands[slot - first :] = row_of[events[-1]] if events else _NOTHING
    return stands


def _taken(facts: pl.DataFrame, columns: Sequence[str], rows: Index) -> pl.DataFrame:
    """The columns of the facts at some rows, null for none."""
    wanted = pl.Series(rows, dtype=pl.Int64)
    return facts.select(pl.col(list(columns)).gather(wanted.set(wanted == _NOTHING, None)))
