"""Rate limits: one token bucket a principal, exact under threads, processes and machines.

A bucket is one number, the instant at which it would be full again (the virtual scheduling form of the leaky bucket,
ITU-T I.371, "GCRA"): a request is let through when that instant, moved on by one share of the period, lies at most one
period ahead. From an idle bucket exactly the limit is let through at once, and over any stretch of time no more than
the limit and the stretch's share. What differs is where the numbers are kept:

    MemoryBuckets   one process: a dict and a lock
    FileBuckets     several processes on one machine: a memory-mapped file and its byte-range locks
    ServerBuckets   several machines: Redis or Valkey, one script that the server runs as one step
    NearBuckets     the last of these while it answers, else one of the others: each machine lets its own limit through

The storages of the `limits` package are not used for the first two: its memory storage reads a counter again outside
its lock and drops locks that others hold, and it has none for processes that share a machine. Its grammar of rates and
its connection to Redis and Valkey are.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple, Protocol

import limits
from limits.errors import ConfigurationError
from limits.storage import RedisStorage

from adapters.upstreams.upstream import Upstream
from nodes.vocabulary.errors import EdgeError

_PROBE = "\0probe"
"""A principal that nobody can be."""
_NS_A_SECOND = 1_000_000_000
_NS_A_MICROSECOND = 1000
_IDLE_AFTER_ENTRIES = 10_000


@dataclass(frozen=True)
class Rate:
    """How much one principal may ask for.

    Attributes:
        limit: requests that an idle principal may make at once, and in every period after that.
        period_s: seconds in which a used bucket fills again.
    """

    limit: int
    period_s: int

    @cached_property
    def share_ns(self) -> int:
        """What one request takes of the period, rounded up so that the rate is never exceeded."""
        return -(-self.period_s * _NS_A_SECOND // self.limit)

    @cached_property
    def burst_ns(self) -> int:
        """How far ahead of now a bucket may be used."""
        return self.share_ns * self.limit


class Allowance(NamedTuple):
    """What a principal is told.

    Attributes:
        is_allowed: whether this request is let through.
        limit: of the rate.
        remaining: requests that would be let through at once after this one.
        reset_s: seconds until the whole limit is there again, rounded up.
        retry_after_s: seconds to wait before another request is let through, rounded up; 0 when one is now.
    """

    is_allowed: bool
    limit: int
    remaining: int
    reset_s: int
    retry_after_s: int


class Buckets(Protocol):
    """Where the buckets of all principals are."""

    def hit(self, principal: str) -> Allowance:
        """Take one request from a principal's bucket, if it holds one."""
        ...


def rate_from_text(text: str) -> Rate:
    """The rate that a setting says, e.g. "6000/second". Raises EdgeError when it says none."""
    try:
        item = limits.parse(text)
    except ValueError as error:
        message = f'rate limit {text!r} cannot be read; write it as number/period, e.g. "6000/second"'
        raise EdgeError(message) from error
    if item.amount < 1:
        message = f"rate limit {text!r} lets nothing through; give it a number from 1"
        raise EdgeError(message)
    return Rate(item.amount, item.get_expiry())


def taken(full_at_ns: int, now_ns: int, rate: Rate) -> tuple[int, Allowance]:
    """When the bucket is full again after a request at some instant, and what the principal is told of it.

    A bucket that claims to be full later than any use could have made it is of another boot's clock: it counts as idle.
    """
    share_ns, burst_ns = rate.share_ns, rate.burst_ns
    used_ns = full_at_ns - now_ns
    if not 0 < used_ns <= burst_ns:
        used_ns = 0
    over_ns = used_ns + share_ns - burst_ns
    if over_ns > 0:
        return now_ns + used_ns, _allowance(rate, used_ns, is_allowed=False)
    used_ns += share_ns
    return now_ns + used_ns, _allowance(rate, used_ns, is_allowed=True)


def _allowance(rate: Rate, used_ns: int, *, is_allowed: bool) -> Allowance:
    """What is told of a bucket of which so much is used."""
    share_ns, free_ns = rate.share_ns, rate.burst_ns - used_ns
    wait_s = 0 if free_ns >= share_ns else _seconds(share_ns - free_ns)
    return Allowance(is_allowed, rate.limit, free_ns // share_ns, _seconds(used_ns), wait_s)


def _seconds(duration_ns: int) -> int:
    return -(-duration_ns // _NS_A_SECOND)


class MemoryBuckets:
    """Buckets of one process.

    Args:
        rate: of every principal.
        clock_ns: a clock that never goes back.
    """

    def __init__(self, rate: Rate, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._rate = rate
        self._clock_ns = clock_ns
        self._full_at_ns: dict[str, int] = {}
        self._lock = threading.Lock()

    def hit(self, principal: str) -> Allowance:
        """Take one request from a principal's bucket, if it holds one."""
        with self._lock:
            now_ns = self._clock_ns()
            full_at_ns, allowance = taken(self._full_at_ns.get(principal, 0), now_ns, self._rate)
            self._full_at_ns[principal] = full_at_ns
            if len(self._full_at_ns) > _IDLE_AFTER_ENTRIES:
                self._full_at_ns = {name: at_ns for name, at_ns in self._full_at_ns.items() if at_ns > now_ns}
        return allowance


class FileBuckets:
    """Buckets that the processes of one machine share through a file.

    A principal's bucket lies in one set of slots, found by a digest of its name; the set is locked while it is looked
    at. A slot whose bucket is full serves whoever needs one next. A process that is killed lets go of its lock, and a
    slot is one write of eight bytes, so that nothing has to be mended. Monotonic clocks of one machine agree.

    Args:
        path: the file, made on first use.
        rate: of every principal.
    """

    _SLOT = struct.Struct("=16sq")
    _N_SETS = 1024
    _N_SLOTS = 16
    _SET_BYTES = _SLOT.size * _N_SLOTS

    def __init__(self, path: Path, rate: Rate) -> None:
        self._rate = rate
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, self._SET_BYTES * self._N_SETS)
        self._slots = mmap.mmap(self._file, self._SET_BYTES * self._N_SETS)
        self._lock = threading.Lock()

    def hit(self, principal: str) -> Allowance:
        """Take one request from a principal's bucket, if it holds one; none when its whole set is in use."""
        name = hashlib.blake2b(principal.encode(), digest_size=16).digest()
        start = int.from_bytes(name[:4], "big") % self._N_SETS * self._SET_BYTES
        with self._lock:  # byte-range locks are of processes, not of threads
            fcntl.lockf(self._file, fcntl.LOCK_EX, self._SET_BYTES, start)
            try:
                return self._taken(name, start, time.monotonic_ns())
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, self._SET_BYTES, start)

    def close(self) -> None:
        """Let go of the file."""
        self._slots.close()
        os.close(self._file)

    def _taken(self, name: bytes, start: int, now_ns: int) -> Allowance:
        found = self._slot(name, start, now_ns)
        if found is None:
            return _allowance(self._rate, self._rate.burst_ns, is_allowed=False)
        place, full_at_ns = found
        full_at_ns, allowance = taken(full_at_ns, now_ns, self._rate)
        self._SLOT.pack_into(self._slots, place, name, full_at_ns)
        return allowance

    def _slot(self, name: bytes, start: int, now_ns: int) -> tuple[int, int] | None:
        """Where the principal's slot is and when its bucket is full: its own, else an idle one; None without either."""
        idle = None
        for place in range(start, start + self._SET_BYTES, self._SLOT.size):
            owner, full_at_ns = self._SLOT.unpack_from(self._slots, place)
            if owner == name:
                return place, full_at_ns
            if idle is None and not 0 < full_at_ns - now_ns <= self._rate.burst_ns:
                idle = place, 0
        return idle


_SCRIPT = b"""
local clock = redis.call('TIME')
local now_us = clock[1] * 1000000 + clock[2]
local share_us, burst_us = tonumber(ARGV[1]), tonumber(ARGV[2])
local used_us = (tonumber(redis.call('GET', KEYS[1])) or 0) - now_us
if used_us <= 0 or used_us > burst_us then used_us = 0 end
if used_us + share_us > burst_us then return {0, used_us} end
used_us = used_us + share_us
redis.call('SET', KEYS[1], string.format('%.0f', now_us + used_us), 'PX', math.ceil(used_us / 1000) + 1)
return {1, used_us}
"""
"""Whole microseconds: an instant of today has no room for fractions of them in the numbers of Lua."""


class ServerBuckets:
    """Buckets in Redis or Valkey, by the server's own clock.

    Args:
        url: e.g. "valkey://host:6379" or "rediss://:password@host:6379/0".
        rate: of every principal.
    """

    TIMEOUT_S = 0.5

    def __init__(self, url: str, rate: Rate) -> None:
        share_us = -(-rate.share_ns // _NS_A_MICROSECOND)
        self._rate = rate
        self._arguments = (share_us, share_us * rate.limit)
        self._place = url.rpartition("@")[2]
        try:
            self._storage = RedisStorage(url, socket_timeout=self.TIMEOUT_S, socket_connect_timeout=self.TIMEOUT_S)
        except (ConfigurationError, ValueError) as error:
            message = f"rate limits cannot be kept in {self._place}: {error}; install its client or correct the address"
            raise EdgeError(message) from error
        self._script = self._storage.get_connection().register_script(_SCRIPT)

    def hit(self, principal: str) -> Allowance:
        """Take one request from a principal's bucket. Raises EdgeError when the server does not answer."""
        name = hashlib.blake2b(principal.encode(), digest_size=16).hexdigest()
        try:
            is_allowed, used_us = self._script([f"assay:rate:{name}"], self._arguments)
        except self._storage.base_exceptions as error:
            message = f"rate limits in {self._place} cannot be reached: {error}; start that server, then try again"
            raise EdgeError(message, reason="rate-limits-unavailable") from error
        used_ns = used_us * self._rate.burst_ns // self._arguments[1]  # in shares of ours, which are finer
        return _allowance(self._rate, used_ns, is_allowed=bool(is_allowed))


class NearBuckets:
    """Buckets of a server that may not answer, and buckets near by that count while it does not.

    Nobody is refused because a server of ours is away; what is lost meanwhile is that machines share one limit.

    Args:
        far: the shared ones.
        near: those of this machine.
        upstream: the server, as something that may not answer.
    """

    def __init__(self, far: Buckets, near: Buckets, upstream: Upstream) -> None:
        self._far, self._near = far, near
        self.upstream = upstream

    def hit(self, principal: str) -> Allowance:
        """Take one request from a principal's bucket, if it holds one."""
        try:
            return self.upstream.asked_here(partial(self._far.hit, principal))
        except EdgeError:
            self.upstream.answered_from_memory(0.0)
            return self._near.hit(principal)

    def probed(self) -> None:
        """Ask the server how it is. Raises EdgeError when it does not answer."""
        self.upstream.asked_here(partial(self._far.hit, _PROBE))


def buckets(
    rate: Rate, *, n_workers: int, shared_file: Path, url: str | None = None, upstream: Upstream | None = None
) -> Buckets:
    """The buckets for a server.

    Args:
        rate: of every principal.
        n_workers: how many processes serve on this machine.
        shared_file: where several of them meet.
        url: of a Redis or Valkey server, when servers on several machines share their limits.
        upstream: that server, as something that may not answer; without it requests are refused while it does not.
    """
    near: Buckets = MemoryBuckets(rate) if n_workers == 1 else FileBuckets(shared_file, rate)
    if url is None:
        return near
    far = ServerBuckets(url, rate)
    return far if upstream is None else NearBuckets(far, near, upstream)
