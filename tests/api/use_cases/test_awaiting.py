"""Waiting for an append has an end."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from api.use_cases.awaiting import told_in_time
from nodes.vocabulary.errors import EdgeError


def test_what_is_written_in_time_is_told() -> None:
    done = Future[int]()
    done.set_result(7)
    assert told_in_time(done) == 7


def test_a_log_that_does_not_answer_in_time_is_told_as_such() -> None:
    """The watch of the folder lives on errors of ours, and its thread would end with any other."""
    with pytest.raises(EdgeError, match=r"did not answer within 0\.01 s, and this may still be written") as raised:
        told_in_time(Future[int](), patience_s=0.01)
    assert raised.value.reason == "log-unavailable"
