"""What a session plan says of the market alone, kept from one run and used again by others.

Most nodes of a session plan know nothing of the account: features, scores, target weights. Runs that differ in how
orders are filled have them in common. `SharedSessions` takes them from a run that computed everything, and computes for
any other account only the nodes that read it. The values are those that the whole plan would give: the same functions
on the same arguments, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from msgspec import structs

from dataflows.engine.evaluation import continued
from dataflows.engine.plan import NodeKind, Plan, PlanNode
from dataflows.engine.run import SessionRun
from dataflows.engine.trace import Trace
from dataflows.models import MODEL_DIGEST
from nodes.vocabulary.errors import DataError

ACCOUNT_FIELDS = frozenset({"positions", "equity_usd"})
"""What of a session's snapshot is the account's."""


class SharedSessions:
    """The market's part of session runs, by session.

    Args:
        plan: the session plan of all of them.
    """

    def __init__(self, plan: Plan) -> None:
        self._own = account_nodes(plan)
        own = {node.name for node in self._own}
        read = {name for node in self._own for name in node.arguments} | {*plan.dataflow.outputs, MODEL_DIGEST}
        self._kept = tuple(node.name for node in plan.nodes if node.name not in own and node.name in read)
        self._known: dict[date, tuple[dict[str, Any], Trace]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def keep(self, session_on: date, run: SessionRun) -> None:
        """Take from a run what another account's run of that session has in common with it."""
        trace = structs.replace(run.trace, packed=())
        self._known[session_on] = ({name: run.values[name] for name in self._kept}, trace)

    def has(self, session_on: date) -> bool:
        """Whether a session was kept."""
        return session_on in self._known

    def run(self, session_on: date, account: Mapping[str, Any]) -> SessionRun:
        """A session's run for another account, with the trace of the run that was kept, its values left out.

        Args:
            session_on: the session.
            account: `ACCOUNT_FIELDS` of its snapshot.

        Raises:
            DataError: the session was not kept.
        """
        if session_on not in self._known:
            message = f"session {session_on} was not run before; run it whole first"
            raise DataError(message)
        known, trace = self._known[session_on]
        return SessionRun(continued(self._own, SimpleNamespace(**account), known), trace, {})

    def as_of(self, session_on: date) -> datetime:
        """The close of a session that was kept."""
        return self._known[session_on][1].as_of


def account_nodes(plan: Plan) -> tuple[PlanNode, ...]:
    """The nodes of a session plan that depend on the account, in its order."""
    found: set[str] = set()
    for node in plan.nodes:
        is_own = node.kind is NodeKind.INPUT and node.name in ACCOUNT_FIELDS
        if is_own or any(name in found for name in node.arguments):
            found.add(node.name)
    return tuple(node for node in plan.nodes if node.name in found)
