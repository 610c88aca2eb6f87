"""How somebody waits for an append: not for ever, for who holds the log may never let go."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeVar

from nodes.vocabulary.errors import EdgeError

APPEND_S = 30.0
"""How long somebody waits for what is to be written."""
_T = TypeVar("_T")


def told_in_time(future: Future[_T], patience_s: float = APPEND_S) -> _T:
    """What an append came to. Raises EdgeError when it is not known in time: it may still be written."""
    try:
        return future.result(patience_s)
    except TimeoutError as error:
        message = (
            f"the log did not answer within {patience_s:g} s, and this may still be written; see who holds the log, "
            "then look at the status"
        )
        raise EdgeError(message, reason="log-unavailable") from error
