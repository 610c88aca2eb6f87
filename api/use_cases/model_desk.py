"""What every use case about models works with: the log, how to append to it, who signs, and what time it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from api.use_cases.awaiting import told_in_time
from api.use_cases.desk import environment_bytes
from api.use_cases.gates import SHIPPED, ActiveGate, activated_gate, active_gate, gate_policy
from api.use_cases.persons import CLOCKWORK
from api.use_cases.service import Service
from governance.models import ModelRow, StageRow
from governance.notes import Signer, signed_note
from governance.ports import LogReader, LogStore, Transaction
from nodes.vocabulary.errors import EdgeError

T = TypeVar("T")


class Append(Protocol):
    """Runs a piece of work in one append, and returns what it returned once that is durable."""

    def __call__(self, work: Callable[[Transaction], T], /) -> T:
        """Run it."""
        ...


@dataclass(frozen=True)
class ModelDesk:
    """Everything that promotions, rollbacks and their like work with.

    Attributes:
        store: the log.
        append: appends to it.
        clock: the shell's clock, in UTC.
        environment: canonical bytes of the described environment.
        salt_key: a fresh salt key for a live or paper trace; None in research.
        signer: signs memos; None where nothing signs.
        is_direct: whether clockwork may promote what a gate lets in, without a person; never so in production.
        lock: one change of the registry at a time in this process: each reads the log as the one before it left it.
    """

    store: LogStore
    append: Append
    clock: Callable[[], datetime]
    environment: bytes
    salt_key: Callable[[], bytes | None]
    signer: Signer | None
    is_direct: bool = False
    lock: Any = field(default_factory=threading.RLock)

    def signed(self, text: str) -> bytes:
        """A text as a note that the log's key signed. Raises EdgeError where nothing signs."""
        if self.signer is None:
            message = (
                f"log {self.store.origin!r} has no key here, so that no memo can be signed; write where its key is"
            )
            raise EdgeError(message, reason="read-only-log")
        return signed_note(text, self.signer).data

    def gate(self, name: str) -> ActiveGate:
        """The gate of that name; the shipped policy is activated in a log that runs none yet."""
        with self.store.reader() as reader:
            found = active_gate(reader, name)
        return found or activated_gate(self.store, gate_policy(SHIPPED[name]), CLOCKWORK, self.clock())


def store_append(store: LogStore) -> Append:
    """Appends in a transaction of its own: what a command does."""

    def append(work: Callable[[Transaction], T], /) -> T:
        with store.transaction() as transaction:
            return work(transaction)

    return append


def serving_desk(service: Service) -> ModelDesk:
    """The desk of a serving process: it appends through the process's writer, one change of the registry at a time.

    Raises EdgeError when the log may only be read.
    """
    service.require_writable()

    def append(work: Callable[[Transaction], T], /) -> T:
        return told_in_time(service.writer.submit(work))

    return ModelDesk(
        store=service.store,
        append=append,
        clock=service.clock,
        environment=environment_bytes(service.environment),
        salt_key=service.salt_key,
        signer=service.signer,
        is_direct=not service.reloads.is_approved_mode,
        lock=service.registry_lock,
    )


def model_named(reader: LogReader, family: str, version: int) -> tuple[ModelRow, StageRow]:
    """A version and how far it has come. Raises EdgeError for one that is not registered."""
    models = {row.version: row for row in reader.registry.models(family)}
    stage = next((row for row in reader.registry.stages() if (row.family, row.version) == (family, version)), None)
    if version not in models or stage is None:
        known = ", ".join(f"v{number}" for number in sorted(models)) or "no version"
        message = f"model {family} v{version} is not registered here, {known} of it is; look at the list of models"
        raise EdgeError(message, reason="not-found")
    return models[version], stage
