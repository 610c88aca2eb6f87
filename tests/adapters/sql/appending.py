"""A process that appends to a log until it is ended, and says what was acknowledged: run as a module.

    python -m tests.adapters.sql.appending FOLDER NAME N_APPENDS [MAX_FILE_BYTES [DATABASE_URL]]

Writes a line for every acknowledgement, its sequence and number, in order. With MAX_FILE_BYTES no file may grow
past that until the first refusal, which it writes as "refused: ..."; then the limit is lifted and it goes on.
"""

from __future__ import annotations

import random
import resource
import sys
from collections import deque
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from adapters.log_folder import log_folder
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from governance.rows import Appended
from governance.writer import Writer
from nodes.vocabulary.errors import EdgeError

ORIGIN = "paper"
_BODY_BYTES = 600
_IN_FLIGHT = 32


def _append(name: str, number: int, transaction: Transaction) -> Appended:
    now = datetime.now(UTC)
    ref = transaction.put_body(random.Random(f"{name}{number}").randbytes(_BODY_BYTES))
    return transaction.append(Entry(EntryKind.FILL, ORIGIN, now, now, {"by": name, "number": number}, (ref,)))


def _limit_files(max_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, hard))


def _acknowledge(flights: deque[tuple[int, Future[Appended]]]) -> None:
    number, future = flights.popleft()
    try:
        line = f"{future.result().sequence} {number}"
    except EdgeError as error:
        _limit_files(resource.RLIM_INFINITY)
        line = f"refused: {error}"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(path: Path, name: str, n_appends: int, max_file_bytes: int, database_url: str | None) -> None:
    """Append, with a few appends always under way."""
    folder = log_folder(path, ORIGIN, database_url)
    _limit_files(max_file_bytes)
    flights: deque[tuple[int, Future[Appended]]] = deque()
    with Writer(folder.store) as writer:
        for number in range(n_appends):
            flights.append((number, writer.submit(partial(_append, name, number))))
            if len(flights) >= _IN_FLIGHT:
                _acknowledge(flights)
        while flights:
            _acknowledge(flights)


if __name__ == "__main__":
    _arguments = sys.argv[1:]
    _folder, _name, _n_appends, _max_file_bytes, _database_url = _arguments + ["-1", ""][len(_arguments) - 3 :]
    main(Path(_folder), _name, int(_n_appends), int(_max_file_bytes), _database_url or None)
