"""The composition root: the only place where adapters are built and joined with the use cases.

A home folder holds one log: `log.sqlite`, its tiles under `tiles/`, its key at `key` (private) and `key.pub`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.files.keys import log_key, log_signer
from adapters.files.published import PublishedFiles
from adapters.lake.lake import Lake, bundled_lake
from adapters.sql.sqlite import sqlite_log, sqlite_log_to_read
from adapters.sql.store import SqlLog
from api.settings import Settings
from api.use_cases.activation import ActivationRequest, activated
from api.use_cases.desk import RESEARCH, Desk
from api.use_cases.policies import Candidate, candidate, file_bytes
from governance.entries import genesis_entry
from governance.environment import environment_here, single_threaded
from governance.notes import Signer, VerifierKey
from governance.writer import Writer
from nodes.vocabulary.errors import EdgeError

_SALT_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Home:
    """Where a log and what belongs to it lie.

    Attributes:
        root: the folder.
    """

    root: Path

    @property
    def log(self) -> Path:
        """The database of the log."""
        return self.root / "log.sqlite"

    @property
    def tiles(self) -> Path:
        """The published tiles and checkpoint."""
        return self.root / "tiles"

    @property
    def key(self) -> Path:
        """The private key of the log; the public one lies beside it."""
        return self.root / "key"


@dataclass(frozen=True)
class LogAccess:
    """A log opened for reading, with what verification needs.

    Attributes:
        store: the log.
        key: its public key.
        publication: its published files.
    """

    store: SqlLog
    key: VerifierKey
    publication: PublishedFiles


@dataclass(frozen=True)
class OpenDesk:
    """A desk with what signs and publishes its log.

    Attributes:
        desk: for the use cases.
        signer: signs checkpoints.
        publication: the published files.
    """

    desk: Desk
    signer: Signer
    publication: PublishedFiles


def shell_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def read_candidate(path: Path) -> Candidate:
    """The policy in a file, compiled. Raises EdgeError, PolicyError or PlanError."""
    return candidate(file_bytes(path), str(path))


@contextmanager
def log_to_read(settings: Settings) -> Iterator[LogAccess]:
    """The log of a home, for reading. Raises EdgeError when there is none yet."""
    home = Home(settings.home)
    if not home.log.exists():
        message = (
            f"{home.root} holds no decision log; run `assay demo` first, or point ASSAY_HOME to a home that has one"
        )
        raise EdgeError(message)
    store = sqlite_log_to_read(home.log, settings.origin)
    try:
        yield LogAccess(store, log_key(home.key), PublishedFiles(home.tiles))
    finally:
        store.close()


@contextmanager
def log_to_write(settings: Settings) -> Iterator[tuple[SqlLog, Signer]]:
    """The log of a home, made with its key and its genesis entry on first use."""
    home = Home(settings.home)
    signer = log_signer(home.key, settings.origin)
    store = sqlite_log(home.log, settings.origin)
    try:
        _begin(store, signer)
        yield store, signer
    finally:
        store.close()


@contextmanager
def open_desk(settings: Settings, policy: Path | None = None, lake: Lake | None = None) -> Iterator[OpenDesk]:
    """A desk whose strategy runs the policy of a file, activated in the log if it was not.

    Args:
        settings: how this installation runs.
        policy: the policy's file; by default that of the settings.
        lake: market data in place of the bundled ones.
    """
    chosen = read_candidate(policy or settings.policy)
    single_threaded()
    environment = environment_here()
    with log_to_write(settings) as (store, signer), Writer(store) as writer:
        request = ActivationRequest(chosen, settings.principal, environment, shell_clock())
        desk = Desk(
            store=store,
            writer=writer,
            lake=lake or bundled_lake(),
            active=activated(store, request),
            environment=environment,
            account_id=settings.account_id,
            opening_cash_usd=settings.opening_cash_usd,
            principal=settings.principal,
            clock=shell_clock,
            salt_key=_no_key if settings.origin.startswith(RESEARCH) else _fresh_key,
        )
        yield OpenDesk(desk, signer, PublishedFiles(Home(settings.home).tiles))


def _begin(store: SqlLog, signer: Signer) -> None:
    with store.transaction() as transaction:
        if transaction.size == 0:
            transaction.append(genesis_entry(store.origin, signer.key.text, shell_clock()))


def _no_key() -> None:
    return None


def _fresh_key() -> bytes:
    return secrets.token_bytes(_SALT_KEY_BYTES)
