"""Replaying decisions and plans of a log: given ones, or a sample spread over the whole of it."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.archived_code import ChildProcess
from governance.entries import EntryKind
from governance.findings import Progress
from governance.ports import LogStore
from governance.replay import ReplayReport, replays
from governance.rows import Record


def replayed(
    store: LogStore, records: Sequence[Record], progress: Progress | None = None, *, with_current_code: bool = False
) -> tuple[ReplayReport, ...]:
    """A report on each entry, in their order; see `governance.replay.replays`."""
    with store.reader() as reader:
        return replays(reader, records, ChildProcess(), progress, with_current_code=with_current_code)


def replayed_sample(store: LogStore, n_replays: int, progress: Progress | None = None) -> tuple[ReplayReport, ...]:
    """A report on decisions and session runs spread evenly over the log, at most `n_replays` of each."""
    with store.reader() as reader:
        records = [
            record
            for kind in (EntryKind.PLAN, EntryKind.DECISION)
            for record in _spread(tuple(reader.of_kind(kind)), n_replays)
        ]
    return replayed(store, records, progress)


def _spread(records: Sequence[Record], n_wanted: int) -> list[Record]:
    if len(records) <= n_wanted:
        return list(records)
    return [records[at * (len(records) - 1) // max(n_wanted - 1, 1)] for at in range(n_wanted)]
