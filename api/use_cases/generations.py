"""The generations that a process can run: which one is in force is asked inside every append.

A generation is made ready outside the append, because compiling takes time; the append only compares the newest
activation, and the champions, of the log with what is ready. Three things can be found there:

    the one that runs           go on
    another one that is ready   it becomes the one that runs, in that very append
    one that is not ready       UnpreparedError: the work is put back, and tried again after `prepared`

An activation is more than a policy: the same policy activated under other code is another one. A process cannot load
code anew, so a generation whose plans come out otherwise here than where it was activated is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from api.use_cases.activation import LoggedActivation, active_generation, archived_canary, logged_activation
from api.use_cases.desk import ActiveGeneration
from api.use_cases.policies import compiled_text
from dataflows.engine.compile import Generation
from governance.environment import Environment
from governance.policy_stages import CANARY
from governance.ports import LogReader, LogStore, Transaction
from governance.rows import Activation
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError


class UnpreparedError(EdgeError):
    """The log runs a generation that this process has not prepared yet: prepare it outside the append and try again.

    Attributes:
        policy_digest: of the generation.
    """

    def __init__(self, policy_digest: bytes) -> None:
        self.policy_digest = policy_digest
        message = f"log runs policy {digest_text(policy_digest)}, which this process has yet to compile; try again"
        super().__init__(message, reason="generation-changed")


def _nobody() -> None:
    """Nobody is told."""


class Generations:
    """The generations of one strategy that this process can run, and the one that it runs.

    Args:
        current: the one that runs.
        prepare: makes the newest activation of the log ready, from what the log archives of it.
        swapped: called whenever another generation becomes the one that runs, inside an append: it must be quick.
    """

    def __init__(
        self,
        current: ActiveGeneration,
        prepare: Callable[[], ActiveGeneration],
        swapped: Callable[[], None] = _nobody,
    ) -> None:
        self._prepare = prepare
        self._swapped = swapped
        self._ready = {current.sequence: current}
        self._current = current
        self._newest_sequence = current.sequence
        self._preparing = threading.Lock()
        self._changing = threading.Lock()

    @property
    def current(self) -> ActiveGeneration:
        """The one that runs; the log may know a newer one."""
        return self._current

    def decides(self, policy_digest: bytes) -> bool:
        """Whether the next order can be decided by the newest activation of a policy, without waiting for it."""
        newest = self._ready[max(self._ready)]
        return newest.generation.policy_digest == policy_digest

    def keep(self, generation: ActiveGeneration) -> None:
        """Keep a generation ready for the append that finds it in force; only the newest and the current one stay."""
        with self._changing:
            self._ready = {
                sequence: ready
                for sequence, ready in {**self._ready, generation.sequence: generation}.items()
                if sequence in (generation.sequence, self._current.sequence)
            }

    def forget(self, sequence: int) -> None:
        """Forget a generation whose activation was not committed after all, even when orders have begun to run it.

        Its sequence number is free again: the next activation of the log may get it.
        """
        with self._changing:
            self._ready = {kept: ready for kept, ready in self._ready.items() if kept != sequence}
            if self._current.sequence == sequence and self._ready:
                self._current = self._ready[max(self._ready)]

    def prepared(self) -> ActiveGeneration:
        """What the last append found in force, made ready when it was not. Not for use inside an append: it is slow.

        However many ask at once, it is compiled once.
        """
        with self._preparing:
            ready = self._ready.get(self._newest_sequence)
            if ready is None:
                ready = self._prepare()
                self._newest_sequence = ready.sequence
                self.keep(ready)
        return ready

    def look(self, reader: LogReader) -> None:
        """Make ready what a log runs, before an append finds it. Not for use inside an append: it may compile."""
        strategy = self._current.generation.policy.strategy
        found = next((row for row in reader.activations() if row.strategy == strategy), None)
        ready = None if found is None else self._ready.get(found.sequence)
        if found is None or (ready is not None and _is_of(ready, found)):
            return
        self._newest_sequence = found.sequence
        self.forget(found.sequence)
        self.prepared()

    def in_force(self, transaction: Transaction) -> ActiveGeneration:
        """The generation that the log runs, now current. Raises UnpreparedError when it is not ready."""
        current = self._current
        found = transaction.activation(current.generation.policy.strategy)
        if found is None or _is_of(current, found):
            return self._with_champions(transaction, current)
        ready = self._ready.get(found.sequence)
        if ready is None or not _is_of(ready, found):
            self._newest_sequence = found.sequence
            self.forget(found.sequence)
            raise UnpreparedError(found.policy_digest)
        self._current = ready
        self._swapped()
        return self._with_champions(transaction, ready)

    def _with_champions(self, transaction: Transaction, current: ActiveGeneration) -> ActiveGeneration:
        """The same under the models that the log runs: they change by entries as policies do, and need no compiling."""
        champions = tuple(transaction.registry.champions())
        if champions == current.champions:
            return current
        with self._changing:
            self._current = self._ready[current.sequence] = replace(current, champions=champions)
        self._swapped()
        return self._current


def _is_of(generation: ActiveGeneration, activation: Activation) -> bool:
    """Whether a generation is what an activation made active: an append that failed gives its number to the next."""
    named = (generation.sequence, generation.generation.policy_digest)
    return named == (activation.sequence, activation.policy_digest)


def archived_generation(store: LogStore, environment: Environment, strategy: str) -> ActiveGeneration:
    """What the newest activation of a log runs, compiled from the policy that it archives.

    Raises:
        EdgeError: it was activated under other code or libraries than this process has.
    """
    with store.reader() as reader:
        newest = logged_activation(reader, strategy)
        if newest is None:
            message = f"log {store.origin!r} runs no policy for {strategy!r}; activate one"
            raise EdgeError(message)
        text = reader.body(newest.refs.policy)
    generation = compiled_text(text, f"{newest.facts['policy']} v{newest.facts['version']}").generation
    _require_same_code(newest, generation, environment)
    found = active_generation(generation, newest.refs, newest.sequence, store.origin, environment)
    canary = archived_canary(store, newest, environment)
    if canary is None and CANARY in newest.facts:
        message = f"canary of entry {newest.sequence} compiles to other plans here; restart with the code of that entry"
        raise EdgeError(message, reason="generation-changed")
    return replace(found, canary=canary)


def _require_same_code(newest: LoggedActivation, generation: Generation, environment: Environment) -> None:
    ours = {
        "session_plan_digest": generation.session.digest,
        "order_plan_digest": generation.order.digest,
        "environment_digest": environment.digest,
    }
    other = sorted(name for name, digest in ours.items() if newest.facts[name] != digest)
    if other:
        message = (
            f"policy {digest_text(generation.policy_digest)} was activated in entry {newest.sequence} under other code "
            f"or libraries than this process runs ({', '.join(other)} differ); restart it with the code of that entry"
        )
        raise EdgeError(message, reason="generation-changed")
