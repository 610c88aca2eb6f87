"""Trials of a model family as rows: numbered without a gap, each known by what was tried, chained one to the next.

The same trial (the same settings on the same data with the same code) has the same digest, and is written down once:
nothing new can be learned from doing it again. Who writes them: `governance.trial_ledger`.
"""

from __future__ import annotations

from typing import NamedTuple

from nodes.vocabulary.canonical import digest
from nodes.vocabulary.chain import CHAIN_START, linked
from nodes.vocabulary.shapes import sequence_bytes


class TrialRow(NamedTuple):
    """One trial.

    Attributes:
        family: the model family.
        number: its place, from 1.
        trial_digest: of family and settings.
        study: the run that tried it first.
        settings: canonical bytes of what was tried.
        recorded_at_ns: when it was written down.
        chain: digest of this row and all before it.
    """

    family: str
    number: int
    trial_digest: bytes
    study: str
    settings: bytes
    recorded_at_ns: int
    chain: bytes


def trial_digest(family: str, settings: bytes) -> bytes:
    """The identity of a trial: settings are canonical bytes."""
    return digest("trial", family.encode(), settings)


def next_trial(newest: TrialRow | None, family: str, study: str, settings: bytes, at_ns: int) -> TrialRow:
    """The row of a trial that follows the newest one of its family."""
    number, before = (1, CHAIN_START) if newest is None else (newest.number + 1, newest.chain)
    row = TrialRow(family, number, trial_digest(family, settings), study, settings, at_ns, b"")
    return row._replace(chain=trial_chain(before, row))


def trial_chain(before: bytes, row: TrialRow) -> bytes:
    """The digest of a row and all before it, whose digest is `before`."""
    return linked(before, sequence_bytes(tuple(row[:-1])))
