"""What must be true of a log after any load: each acknowledged decision is in it once, nothing is missing or mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from adapters.log_folder import log_folder_to_read
from governance.entries import EntryKind
from governance.ports import LogReader
from tests.benchmarks.load.client import Outcome
from tests.benchmarks.load.figures import OK

_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Held:
    """What a log holds after a load.

    Attributes:
        n_entries: how many entries.
        n_decisions: how many of them are decisions.
        n_generations: how many generations decided.
        complaints: what is wrong; nothing, when all is well.
    """

    n_entries: int
    n_decisions: int
    n_generations: int
    complaints: tuple[str, ...]


def acknowledged(outcomes: Iterable[Outcome]) -> list[str]:
    """Ids of the decisions that clients were told of."""
    return [outcome.decision_id for outcome in outcomes if outcome.status == OK]


def held(home: Path, told: Iterable[str], database_url: str | None = None, *, is_whole: bool = True) -> Held:
    """What the log of a home holds, held against what clients were told.

    Args:
        home: of the log.
        told: ids of the decisions that clients were told of, each once.
        database_url: of the log, when it is not in the home.
        is_whole: whether every byte is verified as well, which takes its time.
    """
    folder = log_folder_to_read(home, database_url)
    with closing(folder.store):
        with folder.store.reader() as reader:
            walk = _Walk(reader)
        complaints = [*walk.complaints, *_missing(walk.decisions, told)]
        if is_whole:
            complaints += [str(finding) for finding in folder.verification().findings]
    return Held(walk.n_entries, sum(walk.decisions.values()), len(walk.generations), tuple(complaints))


def _missing(decisions: Counter[str], told: Iterable[str]) -> list[str]:
    told_counts = Counter(told)
    lost = [each for each in told_counts if each not in decisions]
    doubled = [each for each, count in decisions.items() if count > 1]
    twice = [each for each, count in told_counts.items() if count > 1]
    return [
        f"{len(found)} decisions {what}, e.g. {found[0]}"
        for what, found in (
            ("were acknowledged and are not in the log", lost),
            ("are in the log twice", doubled),
            ("were acknowledged for two requests", twice),
        )
        if found
    ]


class _Walk:
    """One pass over the entries."""

    def __init__(self, reader: LogReader) -> None:
        self.decisions: Counter[str] = Counter()
        self.generations: set[bytes] = set()
        self.complaints: list[str] = []
        self.n_entries = reader.head().size
        self._active: bytes | None = None
        next_sequence = 0
        while records := reader.records(next_sequence, next_sequence + _PAGE):
            for record in records:
                if record.sequence != next_sequence:
                    self.complaints.append(f"gap: entry {next_sequence} is followed by {record.sequence}")
                next_sequence = record.sequence + 1
                self._look(record.entry.kind, record.entry.facts)
        if next_sequence != self.n_entries:
            self.complaints.append(f"{next_sequence} entries are there, {self.n_entries} by the head")

    def _look(self, kind: EntryKind, facts: object) -> None:
        assert isinstance(facts, dict)
        if kind is EntryKind.ACTIVATION:
            self._active = facts["policy_digest"]
        elif kind is EntryKind.DECISION:
            self.decisions[facts["decision_id"].hex()] += 1
            self.generations.add(facts["policy_digest"])
            if facts["policy_digest"] != self._active:
                self.complaints.append(f"decision {facts['decision_id'].hex()} of another generation than is active")
