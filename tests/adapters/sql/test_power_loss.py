"""Power loss: synchronous=FULL keeps every acknowledged entry; NORMAL loses some, so the test can tell."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.files.published import PublishedFiles
from adapters.sql.sqlite import Synchronous, sqlite_engine, sqlite_log
from adapters.sql.store import SqlLog
from governance.notes import new_signer
from governance.ports import Transaction
from governance.rows import Appended
from governance.verify import verification
from governance.writer import Writer
from tests.adapters.sql.power import Disk
from tests.governance.examples import NOON, ORIGIN, decision

_N_APPENDS = 800
_N_LOSSES = 24
_BODY_BYTES = 4000
"""Bodies do not compress, so that the write-ahead log passes its limit and is copied back several times."""


class _Loss(NamedTuple):
    """The files that a power loss left, and how many appends had been acknowledged by then."""

    files: dict[str, bytes]
    n_acknowledged: int


def _append(number: int, transaction: Transaction) -> Appended:
    ref = transaction.put_body(random.Random(number).randbytes(_BODY_BYTES))
    return transaction.append(decision(number, (ref,), NOON))


def _losses(path: Path, synchronous: Synchronous, rng: random.Random | None) -> Iterator[_Loss]:
    """Append through the writer, and take the files away at moments spread over all writes and syncs."""
    disk = Disk(f"disk of {path}")
    log = SqlLog(sqlite_engine(disk.connections(path / "log.db"), synchronous=synchronous), ORIGIN, str(path))
    log.create()
    acknowledged: list[int] = []
    losses: list[_Loss] = []

    def lose(n_steps: int) -> None:
        if n_steps % 139 == 0:
            losses.append(_Loss(disk.after_power_loss(rng), len(acknowledged)))

    disk.on_step = lose
    with Writer(log, max_batch=7) as writer:
        for number in range(_N_APPENDS):
            future = writer.submit(partial(_append, number))
            future.add_done_callback(lambda done: acknowledged.append(done.result().sequence))
    log.close()
    assert len(acknowledged) == _N_APPENDS
    assert len(losses) >= _N_LOSSES
    return iter(losses)


def _n_kept(path: Path, loss: _Loss) -> int:
    """Start again on the files that are left: verify them, and append one more."""
    path.mkdir()
    for name, content in loss.files.items():
        (path / name).write_bytes(content)
    log = sqlite_log(path / "log.db", ORIGIN)
    report = verification(log, PublishedFiles(path / "public"), new_signer(ORIGIN).key)
    assert report.findings == ()
    with log.transaction() as transaction:
        assert _append(report.size, transaction).sequence == report.size
    log.close()
    return report.size


@pytest.mark.slow
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_a_power_loss_takes_no_acknowledged_entry(tmp_path: Path, seed: int | None) -> None:
    rng = None if seed is None else random.Random(seed)
    (tmp_path / "disk").mkdir()
    for number, loss in enumerate(_losses(tmp_path / "disk", Synchronous.FULL, rng)):
        assert _n_kept(tmp_path / str(number), loss) >= loss.n_acknowledged


@pytest.mark.slow
def test_a_power_loss_takes_acknowledged_entries_from_a_log_that_does_not_sync(tmp_path: Path) -> None:
    """What the test above would say of synchronous=NORMAL: it is able to fail."""
    (tmp_path / "disk").mkdir()
    losses = _losses(tmp_path / "disk", Synchronous.NORMAL, None)
    n_lost = [loss.n_acknowledged - _n_kept(tmp_path / str(number), loss) for number, loss in enumerate(losses)]
    assert max(n_lost) > 10
