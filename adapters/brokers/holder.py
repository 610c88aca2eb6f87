"""Which process talks to a broker: one at a time for a home, held by a lock that ends with the process.

Two processes that both find an order missing at the broker would both send it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nodes.vocabulary.errors import EdgeError

FILE = "broker-lock"


@contextmanager
def sole_holder(home: Path) -> Iterator[None]:
    """Hold the broker of a home for the block. Raises EdgeError while another process holds it."""
    path = home / FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"{path}: another process talks to the broker of this home; end it, or ask it instead"
            raise EdgeError(message, reason="broker-held") from error
        yield
    finally:
        os.close(descriptor)
