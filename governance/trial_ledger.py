"""The trial ledger: every setting that was ever tried for a model family, counted by the database.

How surprised one may be by the best of many trials depends on how many there were. So a trial is written down, durably,
before its model is fitted; nobody types the count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from governance.ports import LogStore
from governance.trials import TrialRow
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.chain import CHAIN_START
from nodes.vocabulary.instants import instant_ns


class LedgerState(NamedTuple):
    """How a family's ledger stands: how many trials it holds, and the digest of them all."""

    n_trials: int
    digest: bytes


class TrialLedger:
    """The trials of one model family in one log.

    Args:
        store: the log.
        family: the model family.
        clock: the shell's clock.
    """

    def __init__(self, store: LogStore, family: str, clock: Callable[[], datetime]) -> None:
        self._store, self._family, self._clock = store, family, clock

    def recorded(self, study: str, settings: Mapping[str, Any]) -> TrialRow:
        """A trial, written down durably; the row that it has when it was written down before.

        Args:
            study: the run that tries it, in the words of whoever runs it.
            settings: everything that tells it from other trials (settings of the model, digests of data, code and
                policy, seed), of the canonical vocabulary.
        """
        return self.all_recorded(study, [settings])[0]

    def all_recorded(self, study: str, settings: Iterable[Mapping[str, Any]]) -> tuple[TrialRow, ...]:
        """Several trials, written down with one commit."""
        at_ns = instant_ns(self._clock())
        with self._store.transaction() as transaction:
            registry = transaction.registry
            return tuple(registry.add_trial(self._family, study, encode(dict(each)), at_ns) for each in settings)

    @property
    def state(self) -> LedgerState:
        """How the ledger stands."""
        with self._store.reader() as reader:
            newest = reader.registry.newest_trial(self._family)
        return LedgerState(0, CHAIN_START) if newest is None else LedgerState(newest.number, newest.chain)
