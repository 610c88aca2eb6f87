"""A snapshot is archived by month, each month once, and comes back the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from governance.snapshots import SnapshotArchive, restored_snapshot
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import DataError, LogError


@dataclass(frozen=True)
class Snapshot:
    panel: pl.DataFrame
    index_panel: pl.DataFrame
    positions: pl.DataFrame
    equity_usd: Decimal
    session_on: date
    note: str | None = None


class Bodies:
    """A body store in memory."""

    def __init__(self) -> None:
        self.contents: dict[bytes, bytes] = {}
        self.n_puts = 0

    def put(self, content: bytes) -> bytes:
        self.n_puts += 1
        ref = hashlib.sha256(content).digest()
        self.contents[ref] = content
        return ref


def _snapshot(n_days: int) -> Snapshot:
    days = [date(2005, 1, 3) + timedelta(days=at) for at in range(n_days)]
    rows = [(symbol, day) for symbol in ("AAA", "BBB") for day in days if symbol == "AAA" or day.month > 1]
    panel = pl.DataFrame(rows, schema={"symbol": pl.String, "session_on": pl.Date}, orient="row")
    return Snapshot(
        panel=panel.with_columns(close_usd=pl.col("session_on").dt.ordinal_day().cast(pl.Float64) / 7.0),
        index_panel=pl.DataFrame({"session_on": days, "close_usd": [float(at) for at in range(n_days)]}),
        positions=pl.DataFrame({"symbol": ["AAA"], "position_shares": [5]}),
        equity_usd=Decimal("1000000.00"),
        session_on=days[-1],
    )


def test_a_snapshot_comes_back_the_same() -> None:
    bodies, snapshot = Bodies(), _snapshot(70)
    archived = SnapshotArchive().archived(snapshot, bodies.put)
    again = restored_snapshot(Snapshot, archived.index, bodies.contents.__getitem__)
    assert encode(again) == encode(snapshot)


def test_a_snapshot_names_every_body_it_needs() -> None:
    bodies = Bodies()
    archived = SnapshotArchive().archived(_snapshot(70), bodies.put)
    assert set(archived.bodies) == bodies.contents.keys()
    assert len(archived.bodies) == 4


def test_only_the_running_month_and_the_index_are_put_for_the_next_session() -> None:
    bodies, archive = Bodies(), SnapshotArchive()
    archive.archived(_snapshot(69), bodies.put)
    before = bodies.n_puts
    archive.archived(_snapshot(70), bodies.put)
    assert bodies.n_puts - before == 2


def test_a_closed_month_that_was_restated_is_put_again() -> None:
    bodies, archive, snapshot = Bodies(), SnapshotArchive(), _snapshot(70)
    archive.archived(snapshot, bodies.put)
    january = pl.col("session_on") == date(2005, 1, 5)
    changed = snapshot.panel.with_columns(pl.when(january).then(99.0).otherwise("close_usd").alias("close_usd"))
    restated = replace(snapshot, panel=changed)
    archived = archive.archived(restated, bodies.put)
    again = restored_snapshot(Snapshot, archived.index, bodies.contents.__getitem__)
    assert again.panel.equals(restated.panel)


def test_a_history_without_rows_keeps_its_columns() -> None:
    bodies, snapshot = Bodies(), _snapshot(3)
    empty = replace(snapshot, panel=snapshot.panel.clear())
    archived = SnapshotArchive().archived(empty, bodies.put)
    again = restored_snapshot(Snapshot, archived.index, bodies.contents.__getitem__)
    assert again.panel.schema == snapshot.panel.schema


def test_a_panel_out_of_order_is_refused() -> None:
    snapshot = _snapshot(5)
    mixed = replace(snapshot, panel=snapshot.panel.reverse())
    with pytest.raises(DataError, match=r"snapshot field panel is not sorted by \['symbol', 'session_on'\]"):
        SnapshotArchive().archived(mixed, Bodies().put)


def test_an_index_of_another_snapshot_is_refused() -> None:
    bodies = Bodies()
    index = bodies.put(encode({"scheme": 1, "months": (), "histories": {}, "values": {"equity_usd": Decimal(1)}}))
    with pytest.raises(LogError, match=r"makes no Snapshot: .*missing"):
        restored_snapshot(Snapshot, index, bodies.contents.__getitem__)


def test_a_missing_month_is_refused() -> None:
    bodies = Bodies()
    archived = SnapshotArchive().archived(_snapshot(70), bodies.put)
    del bodies.contents[archived.bodies[1]]
    with pytest.raises(LogError, match="restore its bodies from a copy"):
        restored_snapshot(Snapshot, archived.index, bodies.contents.__getitem__)
