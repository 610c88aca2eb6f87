"""What a serving process works with: the log and its writer, the market, the accounts, and the generation in force.

One process has one service; workers share nothing but the log. The generation is swapped while orders are under way:
each append asks `Generations.in_force` which one the log runs, so that no decision can mix two of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import SupportsBytes

from adapters.lake.lake import Lake
from api.use_cases.background import Background
from api.use_cases.broker import Broker, HaltedNow
from api.use_cases.day_plan import DayPlans
from api.use_cases.desk import ActiveGeneration, Desk
from api.use_cases.generations import Generations
from api.use_cases.in_flight import InFlight
from api.use_cases.known_executions import KnownExecutions
from api.use_cases.reloads import Reloads
from api.use_cases.risk_terms import risk_terms
from dataflows.backtest.assumptions import Assumptions
from governance.environment import Environment
from governance.notes import Signer
from governance.ports import LogStore
from governance.rows import CheckpointRow
from governance.writer import Writer
from nodes.journal.account import AccountState
from nodes.vocabulary.errors import EdgeError
from policies.risk_terms import RiskTerms


def _one_thread() -> Executor:
    return ThreadPoolExecutor(1, "preparing")


@dataclass(frozen=True)
class Service:
    """Everything that serving works with.

    Attributes:
        store: the decision log.
        writer: its writer in this process.
        lake: the market data.
        environment: where this process runs.
        clock: the shell's clock, in UTC.
        salt_key: a fresh salt key for a live or paper trace; None in research.
        opening_cash_usd: cash that an account is opened with.
        accounts: the accounts that are served.
        generations: the generation that runs, and those that are ready to.
        assumptions: what the simulated market is taken to be like.
        market_on: first session of the paper market.
        broker: where orders go; None where none may go out.
        halted: which shares are halted, so that no order in them leaves; None where nothing tells halts.
        is_read_only: whether the log may only be read.
        day_plans: the newest day plan of each account.
        in_flight: the orders that are being decided.
        preparing: where what an append cannot wait for is made ready.
        memory: each account's newest state, see `Desk`.
        reloads: how policies are taken up while it serves.
        dispatching: how the thread does that hands orders to the broker.
        watching: how the thread does that listens to a broker somewhere else.
        taking_up: how the thread does that takes up policies.
        checkpoint: signs, commits and publishes a checkpoint of all that is committed; None where nothing signs.
        signer: what signs with the log's key; None where nothing signs.
        risk_terms: how risk is measured.
        registry_lock: held while one change of the model registry is made.
        report_lock: held while one report of a broker is booked.
        executions: which order has which execution; under that lock.
    """

    store: LogStore
    writer: Writer
    lake: Lake
    environment: Environment
    clock: Callable[[], datetime]
    salt_key: Callable[[], bytes | None]
    opening_cash_usd: Decimal
    accounts: tuple[str, ...]
    generations: Generations
    assumptions: Assumptions
    market_on: date
    broker: Broker | None = None
    halted: HaltedNow | None = None
    is_read_only: bool = False
    day_plans: DayPlans = field(default_factory=DayPlans)
    in_flight: InFlight = field(default_factory=InFlight)
    preparing: Executor = field(default_factory=_one_thread)
    memory: dict[str, tuple[SupportsBytes | None, AccountState]] = field(default_factory=dict)
    reloads: Reloads = field(default_factory=Reloads)
    dispatching: Background = field(default_factory=partial(Background, "dispatcher"))
    watching: Background = field(default_factory=partial(Background, "broker-watch"))
    taking_up: Background = field(default_factory=partial(Background, "policy-watch"))
    checkpoint: Callable[[], CheckpointRow] | None = None
    signer: Signer | None = None
    risk_terms: RiskTerms = field(default_factory=risk_terms)
    registry_lock: threading.RLock = field(default_factory=threading.RLock)
    report_lock: threading.Lock = field(default_factory=threading.Lock)
    executions: KnownExecutions = field(default_factory=KnownExecutions)

    def require_account(self, account_id: str) -> None:
        """Raises EdgeError for an account that is not served."""
        if account_id not in self.accounts:
            message = f"account {account_id!r} is not served here; name one of {', '.join(self.accounts)}"
            raise EdgeError(message, reason="unknown-account")

    def require_writable(self) -> None:
        """Raises EdgeError when the log may only be read."""
        if self.is_read_only:
            message = f"log {self.store.origin!r} is open for reading only; serve it without --read-only to write to it"
            raise EdgeError(message, reason="read-only-log")

    def desk(self, account_id: str, principal: str) -> Desk:
        """An account's desk under the generation that runs now. Raises EdgeError for an account that is not served."""
        self.require_account(account_id)
        return self.desk_under(self.generations.current, account_id, principal)

    def desk_under(self, active: ActiveGeneration, account_id: str, principal: str) -> Desk:
        """An account's desk under a generation."""
        return Desk(
            store=self.store,
            writer=self.writer,
            lake=self.lake,
            active=active,
            assumptions=self.assumptions,
            environment=self.environment,
            account_id=account_id,
            opening_cash_usd=self.opening_cash_usd,
            principal=principal,
            clock=self.clock,
            salt_key=self.salt_key,
            memory=self.memory,
            others=tuple(each for each in self.accounts if each != account_id),
        )
