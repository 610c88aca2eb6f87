"""Orders under a new policy wait for what it needs, and are decided against the day plan that it makes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import read_candidate, shell_clock
from api.use_cases.activation import ActivationRequest, activated
from api.use_cases.service import Service
from governance.entries import EntryKind
from nodes.vocabulary.canonical import digest_text
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import edited_policy, ordered, service_at
from tests.api.use_cases.worker import ORIGIN


def _activated_elsewhere(
    service: Service, folder: Path, edits: dict[str, str], number: int = 2, supersedes: bytes | None = None
) -> bytes:
    """The digest of a later version, activated as another worker would, of which this service knows nothing."""
    old = digest_text(supersedes or service.generations.current.generation.policy_digest)
    at = (shell_clock() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    changes = {
        "version: 1": f"version: {number}",
        "supersedes: null": f"supersedes: {old}",
        "effective_from: 2026-11-02T14:30:00Z": f"effective_from: {at}",
    }
    text = edited_policy(folder, {**changes, **edits}).read_text(encoding="utf-8")
    file = folder / f"v{number}.yaml"
    file.write_text(text, encoding="utf-8")
    request = ActivationRequest(read_candidate(file), "risk", service.environment, service.clock())
    return activated(service.store, request).generation.policy_digest


@pytest.mark.parametrize("edits", [{"n_selected: 3": "n_selected: 2"}, {"max_gross_frac: 1.0": "max_gross_frac: 0.9"}])
def test_the_first_order_under_another_policy_is_decided_by_it_on_a_plan_that_it_would_make(
    lake: Lake, tmp_path: Path, edits: dict[str, str]
) -> None:
    """A session plan names its policy, so that every change of policy makes the day plan anew, once."""
    with service_at(tmp_path / "home", lake, origin=ORIGIN) as service:
        before = ordered(service, "before")
        digest = _activated_elsewhere(service, tmp_path, edits)
        after = ordered(service, "after", symbol="MSFT")
        plans = entries(service.store, EntryKind.PLAN)
    assert (before.policy_digest == digest, after.policy_digest) == (False, digest)
    assert len(plans) == 2
    assert after.plan_entry == plans[-1].entry_id
    assert {plan.facts["session_on"] for plan in plans} == {plans[0].facts["session_on"]}


class _Meddling(ThreadPoolExecutor):
    """Prepares in a thread; before the second thing that an order waits for, something happens elsewhere."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        super().__init__(1)
        self._meddle = meddle
        self._n_tasks = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # as its base
        self._n_tasks += 1
        if self._n_tasks == _SECOND:
            super().submit(self._meddle)
        return super().submit(fn, *args, **kwargs)


_SECOND = 2


def test_an_order_is_decided_though_yet_another_policy_came_while_its_day_plan_was_made(
    lake: Lake, tmp_path: Path
) -> None:
    """A change of generation is never the client's error: it waits for what is in force by then."""
    with service_at(tmp_path / "home", lake, origin=ORIGIN) as service:
        second = _activated_elsewhere(service, tmp_path, {"n_selected: 3": "n_selected: 2"})
        third: list[bytes] = []

        def meddle() -> None:
            third.append(_activated_elsewhere(service, tmp_path, {"n_selected: 3": "n_selected: 1"}, 3, second))

        outcome = ordered(replace(service, preparing=_Meddling(meddle)), "k")
    assert outcome.policy_digest == third[0]
