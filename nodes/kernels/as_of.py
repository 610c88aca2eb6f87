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
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from nodes.kernels.arrays import Index
from nodes.kernels.derived import DERIVED
from nodes.kernels.steps import Ladder, few, gathered, key_codes, named

_NOTHING = -1
_UNITS = (1_000_000_000, 1_000_000, 1_000, 1)
_ROOM = 2**40
_PART = 65_536
_LONG_AGO = np.iinfo(np.int64).min
_KEY = "_key"


@dataclass(frozen=True)
class _Scale:
    """Instants as whole numbers under a width, so that a key and an instant fit one integer.

    Where the instants of the questions are whole seconds, say, the knowledge of facts is rounded up to them, which is
    exact: a question sees a fact where its number is no less. Otherwise the instants are ranked.

    Attributes:
        instants: of the questions, distinct and sorted; empty where they are counted in units.
        first: the first of them.
        last: the last of them.
        unit: nanoseconds of a unit.
        lead: 1 where a fact is seen only after the instant at which it was known.
    """

    instants: Index
    first: int
    last: int
    unit: int
    lead: int

    @property
    def width(self) -> int:
        """Over every number that is given."""
        return len(self.instants) + 1 if len(self.instants) else (self.last - self.first) // self.unit + 2

    def of_questions(self, at: Index) -> Index:
        """The numbers of questions' instants."""
        return np.searchsorted(self.instants, at) if len(self.instants) else (at - self.first) // self.unit

    def of_facts(self, known: Index) -> Index:
        """The least number of a question that sees each fact."""
        if len(self.instants):
            return np.searchsorted(self.instants, known + self.lead)
        within = np.clip(known, self.first - 1, self.last + 1) + (self.lead - self.first)
        return -(-within // self.unit)


@dataclass(frozen=True)
class _Places:
    """The distinct pairs of key and instant at which questions are asked, sorted.

    Attributes:
        of_question: place of each question; -1 for one that finds nothing.
        key: of each place.
        point: key and instant of each place in one integer.
        scale: of the instants.
    """

    of_question: Index
    key: Index
    point: Index
    scale: _Scale


@dataclass(frozen=True)
class _Facts:
    """Facts that a question can see.

    Attributes:
        row: of the fact in its frame.
        slot: the first place that sees it; until that is found, the number of its key.
        event: event_at in nanoseconds.
        known: known_at in nanoseconds.
        sequence: of the fact.
    """

    row: Index
    slot: Index
    event: Index
    known: Index
    sequence: Index

    @property
    def columns(self) -> tuple[Index, ...]:
        """All of them, in order."""
        return self.row, self.slot, self.event, self.known, self.sequence

    def kept(self, which: Index | slice) -> _Facts:
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
    if not strictly_before and few(questions.height, facts.height):
        steps = DERIVED.of(facts, ("newest_known", tuple(by)), lambda: _steps(facts, by))
        return _taken(facts, columns, steps.found(named([questions[name] for name in by]), questions["at"]))
    keyed, names = _keyed(facts, by)
    places = _places(by, questions, names, lead=1 if strictly_before else 0)
    return _taken(facts, columns, np.append(_all_standing(facts, keyed, places), _NOTHING)[places.of_question])


def _steps(facts: pl.DataFrame, by: Sequence[str]) -> Ladder:
    """The row that stands from each instant on at which something became known of a key: nothing moves between."""
    keyed, names = _keyed(facts, by)
    asked = facts.select(*by, at="known_at").drop_nulls("at").unique()
    places = _places(by, asked, names, lead=0)
    instants = np.empty(len(places.key), dtype=np.int64)
    instants[places.of_question] = _nanoseconds(asked["at"])
    return Ladder.of_sorted(key_codes(names.select(by)), places.key, instants, _all_standing(facts, keyed, places))


def _all_standing(facts: pl.DataFrame, keyed: _Facts, places: _Places) -> Index:
    """The row of the fact that stands at each place, -1 for none."""
    if "is_retracted" in facts.columns and facts["is_retracted"].any():
        return _standing_with_retractions(keyed, facts["is_retracted"].to_numpy(), places)
    return _standing(_candidates(keyed, places), places.key)


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


def _places(by: Sequence[str], questions: pl.DataFrame, names: pl.DataFrame, lead: int) -> _Places:
    keys = _codes(questions.select(by), by, names)
    has_instant = questions["at"].is_not_null().to_numpy() if questions["at"].null_count() else True
    asks = np.flatnonzero((keys != _NOTHING) & has_instant)
    at = _nanoseconds(questions["at"])[asks]
    scale = _scale(at, lead)
    points = keys[asks] * scale.width + scale.of_questions(at)
    order = np.argsort(points)
    ordered = points[order]
    is_new = _changes(ordered)
    of_question = np.full(questions.height, _NOTHING, dtype=np.int64)
    of_question[asks[order]] = np.cumsum(is_new) - 1
    distinct = ordered[is_new]
    return _Places(of_question, distinct // scale.width, distinct, scale)


def _scale(at: Index, lead: int) -> _Scale:
    first, last = (int(at.min()), int(at.max())) if len(at) else (0, 0)
    for unit in _UNITS:
        if (last - first) // unit + 2 < _ROOM and not ((at - first) % unit).any():
            return _Scale(at[:0], first, last, unit, lead)
    return _Scale(_distinct(at), first, last, 1, lead)


def _candidates(facts: _Facts, places: _Places) -> _Facts:
    """The facts that may stand somewhere, found part by part: a part fits the processor's cache."""
    newest = np.full(len(places.key) + 1, _LONG_AGO)
    found = [facts.kept(slice(0, 0))]
    for start in range(0, len(facts.row), _PART):
        part = _slotted(facts.kept(slice(start, start + _PART)), places)
        np.maximum.at(newest, part.slot, part.event)
        found.append(part.kept(np.flatnonzero((part.event >= newest[part.slot]) & (part.slot < len(places.key)))))
    return _Facts(*(np.concatenate(columns) for columns in zip(*(part.columns for part in found), strict=True)))


def _slotted(facts: _Facts, places: _Places) -> _Facts:
    """Facts with the first place that sees them, past the last for none, in the place of their key."""
    levels = places.scale.of_facts(facts.known)
    slots = np.searchsorted(places.point, facts.slot * places.scale.width + levels)
    slots[np.append(places.key, _NOTHING)[slots] != facts.slot] = len(places.key)
    return replace(facts, slot=slots)


def _keyed(facts: pl.DataFrame, by: Sequence[str]) -> tuple[_Facts, pl.DataFrame]:
    """Facts with the number of their key in the place of their slot, and the names of the keys with their numbers."""
    runs, run = _runs(facts, by)
    names = runs.unique(maintain_order=True).with_row_index(_KEY)
    key, row = _codes(runs, by, names)[run], np.arange(facts.height)
    every = _Facts(
        row, key, _nanoseconds(facts["event_at"]), _nanoseconds(facts["known_at"]), _whole(facts["sequence"])
    )
    if not (facts["event_at"].null_count() or facts["known_at"].null_count()):
        return every, names
    has_both = facts["event_at"].is_not_null() & facts["known_at"].is_not_null()
    return every.kept(np.flatnonzero(has_both.to_numpy())), names


def _whole(numbers: pl.Series) -> Index:
    whole = numbers.cast(pl.Int64)
    return (whole.fill_null(_NOTHING) if whole.null_count() else whole).to_numpy()


def _nanoseconds(instants: pl.Series) -> Index:
    whole = instants.cast(pl.Datetime("ns", getattr(instants.dtype, "time_zone", None))).cast(pl.Int64)
    return (whole.fill_null(0) if whole.null_count() else whole).to_numpy()


def _runs(frame: pl.DataFrame, by: Sequence[str]) -> tuple[pl.DataFrame, Index]:
    """The keys of runs of equal keys, and the run of each row. Facts come sorted by key, so that runs are few."""
    if frame.is_empty():
        return frame.select(by), np.empty(0, dtype=np.int64)
    if len(by) == 1 and frame.height > 1 and frame[by[0]].n_unique() == 1:
        return frame.select(by).head(1), np.zeros(frame.height, dtype=np.int64)
    is_new = frame.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in by)).to_series()
    starts = is_new.to_numpy().copy()
    starts[0] = True
    return frame.select(by)[np.flatnonzero(starts)], np.cumsum(starts) - 1


def _codes(keys: pl.DataFrame, by: Sequence[str], names: pl.DataFrame) -> Index:
    """The number of each key, -1 for one that has none."""
    found = keys.join(names, on=list(by), how="left", nulls_equal=True, maintain_order="left")[_KEY]
    return _whole(found)


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
    few = few.kept(_greatest(few.known, few.slot, len(key)))
    last = _greatest(few.sequence, few.slot, len(key))
    stands = np.full(len(key), _NOTHING, dtype=np.int64)
    stands[few.slot[last]] = few.row[last]
    return _carried(stands, key)


def _greatest(values: Index, slot: Index, n_slots: int) -> Index:
    """Positions of the greatest values of each slot."""
    most = np.full(n_slots, _LONG_AGO)
    np.maximum.at(most, slot, values)
    return np.flatnonzero(values == most[slot])


def _running_maximum(values: Index, key: Index) -> Index:
    """The greatest value so far within each key, keys being sorted."""
    levels = _distinct(values)
    ranked = np.searchsorted(levels, values) + key * len(levels)
    return levels[np.maximum.accumulate(ranked) - key * len(levels)] if len(values) else values


def _carried(stands: Index, key: Index) -> Index:
    """What stood last at or before each place of its key."""
    last = np.maximum.accumulate(np.where((stands != _NOTHING) | _changes(key), np.arange(len(key)), 0))
    return stands[last] if len(key) else stands


def _standing_with_retractions(every: _Facts, is_taken_back: npt.NDArray[np.bool_], places: _Places) -> Index:
    """As `_standing`, where some facts are taken back: keys with a retraction are gone through fact by fact."""
    slotted, key = _slotted(every, places), places.key
    facts = slotted.kept(np.flatnonzero(slotted.slot < len(key)))
    is_retracted = is_taken_back[facts.row]
    if not is_retracted.any():
        return _standing(facts, key)
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
    return gathered([facts[name] for name in columns], rows)
