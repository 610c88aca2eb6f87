"""Policies to hand in while a service runs, and services to hand them to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.lake.lake import Lake
from api.bootstrap import open_service
from api.use_cases.candidates import tried
from api.use_cases.policies import cases_file
from api.use_cases.reloads import Reloads
from api.use_cases.service import Service
from nodes.vocabulary.canonical import digest_text
from tests.api.use_cases.homes import POLICY, home_settings

CASES = cases_file(POLICY).read_bytes()
NOW = datetime(2126, 11, 23, 15, 0, tzinfo=UTC)


def version(number: int, supersedes: bytes, *changes: tuple[str, str]) -> bytes:
    """The shipped policy as a later version of this day, with some texts replaced; by default another owner."""
    text = re.sub(r"effective_from: .*", "effective_from: 2126-11-23T14:30:00Z", POLICY.read_text(encoding="utf-8"))
    given = changes or (("owner: risk", f"owner: risk {number}"),)
    head = (("version: 1", f"version: {number}"), ("supersedes: null", f"supersedes: {digest_text(supersedes)}"))
    for old, new in (*head, *given):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


@contextmanager
def service_at(
    home: Path, lake: Lake, clock: Callable[[], datetime] = lambda: NOW, **changes: Any
) -> Iterator[Service]:
    """A paper service that tries candidates in this process; in direct mode unless `is_approved_mode` says else."""
    reloads = Reloads(tried=tried, **changes)
    with open_service(home_settings(home, origin="paper"), lake=lake) as opened:
        yield replace(opened, clock=clock, reloads=reloads)


def active_digest(service: Service) -> bytes:
    return service.generations.current.generation.policy_digest
