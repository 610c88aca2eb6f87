"""Policies of gates that answer questions: the one that the log runs, or the shipped one, and what its rules say.

Unlike `api.use_cases.gates` nothing is appended: a question moves nothing. Which policy answered is told by its digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.log_folder import DATABASE
from api.log_parts import log_to_read
from api.settings import Settings
from api.use_cases.gates import SHIPPED, active_gate, gate_policy
from dataflows.engine.plan import Plan
from dataflows.engine.run import GateRun, Runner
from governance.ports import LogReader
from policies.parse import ParsedPolicy, parsed_policy


@dataclass(frozen=True)
class PolicyInForce:
    """A gate's policy as it answers questions.

    Attributes:
        parsed: the policy.
        plan: its rules, compiled.
        name: family and version.
    """

    parsed: ParsedPolicy
    plan: Plan
    name: str


@dataclass(frozen=True)
class Asking:
    """Where a question is asked.

    Attributes:
        policy: answers it.
        origin: the log's name.
        environment: canonical bytes of the described environment.
    """

    policy: PolicyInForce
    origin: str
    environment: bytes

    def run(self, snapshot: Any, at: datetime) -> GateRun:  # noqa: ANN401  # the snapshot type of the gate
        """What the rules say."""
        runner = Runner(self.policy.plan, self.origin, self.environment, is_salted=False)
        return runner.gate(snapshot, at, (), None)


def policy_in_force(reader: LogReader | None, name: str) -> PolicyInForce:
    """The policy of a gate that a log runs; the shipped one where it runs none yet, or there is no log."""
    active = None if reader is None else active_gate(reader, name)
    if active is None or reader is None:
        shipped = gate_policy(SHIPPED[name])
        found = shipped.parsed.policy
        return PolicyInForce(shipped.parsed, shipped.plan, f"{found.family} v{found.version}")
    parsed = parsed_policy(reader.body(active.refs["policy_ref"]), active.name)
    return PolicyInForce(parsed, active.plan, active.name)


@contextmanager
def reader_if_any(settings: Settings) -> Iterator[LogReader | None]:
    """The log of a home, for reading; None where the home has none."""
    if settings.database_url is None and not (settings.home / DATABASE).exists():
        yield None
        return
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        yield reader
