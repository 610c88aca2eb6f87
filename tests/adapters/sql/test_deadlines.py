"""Connections that are used for too long are cut, and whoever waits on them wakes (issue 7, deadlines)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from adapters.sql.deadlines import Deadlines


@dataclass
class Driver:
    """What libpq's connection shows: its socket."""

    socket: int


@dataclass
class Connection:
    pgconn: Driver


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(2)
        yield ours, theirs


def test_a_connection_that_is_used_for_too_long_is_cut_and_its_reader_wakes(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    deadlines, began_s = Deadlines(), time.monotonic()
    deadlines.begin(Connection(Driver(ends[0].fileno())), 0.1)
    assert ends[0].recv(1) == b""
    assert time.monotonic() - began_s < 1.5
    assert deadlines.n_cut == 1


def test_one_that_was_given_back_in_time_or_told_to_go_on_is_left_alone(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    deadlines, kept = Deadlines(), Connection(Driver(ends[0].fileno()))
    deadlines.begin(kept, 0.05)
    deadlines.begin(kept, 30.0)
    given_back = Connection(Driver(ends[0].fileno()))
    deadlines.begin(given_back, 0.05)
    deadlines.end(given_back)
    time.sleep(0.3)
    ends[1].sendall(b"x")
    assert (ends[0].recv(1), deadlines.n_cut) == (b"x", 0)


def test_one_that_is_closed_by_then_needs_no_cut() -> None:
    deadlines = Deadlines()
    deadlines.begin(Connection(Driver(-1)), 0.0)
    until_s = time.monotonic() + 2
    while deadlines.n_cut == 0 and time.monotonic() < until_s:
        time.sleep(0.01)
    assert deadlines.n_cut == 1
