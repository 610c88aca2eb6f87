"""What every use case is given: the log, the market, the generation that runs, and who asks.

Built once by `api.bootstrap`. A generation is pinned to a run: what is active in the log is compared with it inside
every append (`Desk.require_active`), so that no decision can mix generations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, SupportsBytes

from adapters.lake.lake import Lake
from dataflows.backtest.assumptions import Assumptions
from dataflows.engine.compile import Generation
from dataflows.engine.run import Runner
from governance.environment import Environment
from governance.models import StageRow
from governance.policy_stages import CanaryTerms
from governance.ports import LogStore, Transaction
from governance.verify_registry import CHAMPIONS
from governance.writer import Writer
from nodes.journal.account import AccountState, account_from_bytes, opened_account
from nodes.vocabulary.canonical import digest_text, encode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text

RESEARCH = "research/"
"""Origins that begin so are research: plain digests, and policies may reach back in time."""


@dataclass(frozen=True, slots=True)
class GenerationRefs:
    """Where what a generation is made of lies in the body store.

    Attributes:
        policy: the policy's text.
        sources: the source texts of every module that the plans read.
        session_manifest: the manifest of the session plan.
        order_manifest: the manifest of the order plan.
        environment: the environment that it was activated in.
    """

    policy: bytes
    sources: bytes
    session_manifest: bytes
    order_manifest: bytes
    environment: bytes

    @property
    def facts(self) -> dict[str, bytes]:
        """The refs as facts of an entry."""
        return {f"{field.name}_ref": getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class ActiveGeneration:
    """A generation as the log holds it, ready to run.

    Attributes:
        generation: the policy and its two plans.
        refs: where they are archived.
        sequence: of the entry that activated it: the same policy under other code is another activation.
        session: runs its session plan.
        order: runs its order plan.
        champions: the models that decide, one a family, as the log has them.
        canary: a second generation that decides some symbols in its place; None where none does.
    """

    generation: Generation
    refs: GenerationRefs
    sequence: int
    session: Runner
    order: Runner
    champions: tuple[StageRow, ...] = ()
    canary: Canary | None = None

    @cached_property
    def ref_facts(self) -> dict[str, bytes]:
        """`refs` as facts of an entry."""
        return self.refs.facts

    @cached_property
    def champion_facts(self) -> dict[str, dict[str, bytes]]:
        """The champions as a fact of a run's entry, which verification checks; {} without any."""
        named = {row.family: row.model_digest for row in self.champions}
        return {CHAMPIONS: named} if named else {}

    @property
    def params(self) -> dict[str, Any]:
        """The policy's parameters."""
        return dict(self.generation.policy.params)

    def of_symbol(self, symbol: str) -> ActiveGeneration:
        """The generation that decides a symbol: this one, or its canary."""
        canary = self.canary
        return self if canary is None or not canary.terms.covers(symbol) else self._deciding_canary

    @cached_property
    def _deciding_canary(self) -> ActiveGeneration:
        """The canary's generation under the models that decide."""
        canary = self.canary
        return self if canary is None else replace(canary.active, champions=self.champions)


@dataclass(frozen=True)
class Canary:
    """A generation that decides some symbols in the place of the active one.

    Attributes:
        terms: which symbols.
        active: the generation.
    """

    terms: CanaryTerms
    active: ActiveGeneration


@dataclass(frozen=True)
class Desk:
    """Everything that the main job and its parts work with.

    Attributes:
        store: the decision log.
        writer: its one writer.
        lake: the market data.
        active: the generation that runs.
        assumptions: what the simulated market is taken to be like.
        environment: where this process runs.
        account_id: the account that trades.
        opening_cash_usd: cash that the account is opened with when it has no state yet.
        principal: who asks.
        clock: the shell's clock, in UTC.
        salt_key: a fresh salt key for a live or paper trace; None in research.
        memory: each account's newest state in this process, with the stored bytes that it is known to stand for.
        others: the other accounts of the log, with which this one shares what there is to borrow.
    """

    store: LogStore
    writer: Writer
    lake: Lake
    active: ActiveGeneration
    assumptions: Assumptions
    environment: Environment
    account_id: str
    opening_cash_usd: Decimal
    principal: str
    clock: Callable[[], datetime]
    salt_key: Callable[[], bytes | None]
    memory: dict[str, tuple[SupportsBytes | None, AccountState]] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    def require_active(self, transaction: Transaction) -> None:
        """Raises EdgeError when the log runs another generation than this process, or when that is not yet in force.

        A generation is policy and code: the newest activation must be the very one that this process runs.
        Research pins its policy by digest and takes no notice of when it is effective.
        """
        strategy = self.active.generation.policy.strategy
        found, pinned = transaction.activation(strategy), self.active.sequence
        if found is None or found.sequence != pinned:
            named = "none" if found is None else f"{digest_text(found.policy_digest)} (entry {found.sequence})"
            message = (
                f"log {self.store.origin!r} runs policy {named}, this process "
                f"{digest_text(self.active.generation.policy_digest)} (entry {pinned}); start it again"
            )
            raise EdgeError(message, reason="generation-changed")
        if tuple(transaction.registry.champions()) != self.active.champions:
            message = (
                f"log {self.store.origin!r} runs other models than those that this process began with; start it again"
            )
            raise EdgeError(message, reason="generation-changed")
        policy, now = self.active.generation.policy, self.clock()
        if not self.store.origin.startswith(RESEARCH) and now < policy.effective_from:
            since = instant_text(policy.effective_from)
            message = (
                f"policy {policy.family} v{policy.version} is in force from {since}, now it is {instant_text(now)}; "
                "wait until then"
            )
            raise EdgeError(message, reason="not-in-force")

    def of_symbol(self, symbol: str) -> Desk:
        """The desk under the generation that decides a symbol."""
        active = self.active.of_symbol(symbol)
        return self if active is self.active else replace(self, active=active)

    def account(self, transaction: Transaction) -> AccountState:
        """The account inside an append; a new one when the log has none."""
        content = transaction.account(self.account_id)
        return opened_account(self.account_id, self.opening_cash_usd) if content is None else self.state(content)

    def state(self, content: SupportsBytes) -> AccountState:
        """The state that an account's row holds, or that an append saved: read anew only when it is not known."""
        if isinstance(content, AccountState):
            return content
        known = self.memory.get(self.account_id)
        if known is not None and (known[0] is content or bytes(known[1]) == content):
            state = known[1]
        else:
            state = account_from_bytes(bytes(content))
        self.memory[self.account_id] = content, state
        return state

    def save_account(self, transaction: Transaction, state: AccountState) -> bytes:
        """Keep the account's state. Returns its digest, for the entry that brought it about.

        Raises EdgeError when its books do not balance: it is then not kept.
        """
        if state.imbalance_usd != 0:
            message = f"books of account {state.account_id} are off by {state.imbalance_usd} USD; report this fault"
            raise EdgeError(message)
        transaction.save_account(self.account_id, state)
        self.memory[self.account_id] = None, state
        return state.digest


def environment_bytes(environment: Environment) -> bytes:
    """The bytes of an environment that traces commit to and that are archived."""
    return encode(environment.content)
