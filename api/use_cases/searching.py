"""Finds what somebody has in hand: an id or the beginning of one, any digest, a place, a date, a symbol, a rule.

One text, every reading of it: each is looked up, and what is there is told. A digest is looked for in the newest
stretch of the log, as far as one question may read; the answer says whether that was all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from api.use_cases.finding import MAX_SCANNED, DecisionFilter, decisions_page
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.verdict import Verdict

MAX_HITS = 20
_MIN_DIGITS, _DIGEST_DIGITS, _MAX_PLACE_DIGITS = 4, 64, 15
_HEXADECIMAL = re.compile(r"(?:sha256:)?([0-9a-f]{4,64})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SYMBOL = re.compile(r"[A-Z][A-Z0-9.\-]{0,14}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][\w.\-]{0,127}", re.ASCII)
_BATCH = 512
Admits = Callable[[Record], bool]


@dataclass(frozen=True)
class Hit:
    """Something that a text may mean.

    Attributes:
        kind: the kind of an entry, e.g. "decision"; "checkpoint" for a root that was signed; "filter" for a list.
        says: what was found, in words.
        sequence: the entry's place; None for what is no entry.
        decision_id: the decision that it is or concerns; None when it concerns none.
        filtered_by: names and values of the filter that lists what was meant.
    """

    kind: str
    says: str
    sequence: int | None = None
    decision_id: bytes | None = None
    filtered_by: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Search:
    """What a text may mean.

    Attributes:
        hits: what was found, likeliest first.
        n_scanned: how many entries were looked through for a digest.
        is_whole: whether that was the whole log, or nothing had to be looked through.
    """

    hits: tuple[Hit, ...] = field(default=())
    n_scanned: int = 0
    is_whole: bool = True


def search(reader: LogReader, text: str, admits: Admits, size: int) -> Search:
    """What a text may mean in the log, of what somebody may see."""
    wanted = text.strip()
    hits = [*_decisions(reader, wanted, admits), *_entry_at(reader, wanted, admits, size)]
    hits += _filters(reader, wanted, admits, size)
    match = _HEXADECIMAL.fullmatch(wanted.lower())
    if match is None or len(match[1]) < _DIGEST_DIGITS:
        return Search(tuple(hits[:MAX_HITS]))
    digest = bytes.fromhex(match[1])
    known = {hit.sequence for hit in hits}
    stop = max(0, size - MAX_SCANNED)
    found = [hit for hit in _holding(reader, digest, admits, range(stop, size)) if hit.sequence not in known]
    roots = [
        Hit("checkpoint", f"the root of the {row.size:,} entries that a checkpoint signs")
        for row in reader.checkpoints()
        if row.root == digest
    ]
    return Search((*hits, *roots, *found)[:MAX_HITS], size - stop, is_whole=stop == 0)


def _decisions(reader: LogReader, wanted: str, admits: Admits) -> Iterator[Hit]:
    match = _HEXADECIMAL.fullmatch(wanted.lower())
    if match is not None:
        yield from (_hit(record, "its id") for record in reader.decisions(match[1]) if admits(record))


def _entry_at(reader: LogReader, wanted: str, admits: Admits, size: int) -> Iterator[Hit]:
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _MAX_PLACE_DIGITS and int(wanted) < size:
        yield from (_hit(each, "its place") for each in reader.records(int(wanted), int(wanted) + 1) if admits(each))


def _filters(reader: LogReader, wanted: str, admits: Admits, size: int) -> Iterator[Hit]:
    """Lists of decisions that the text may name, of those that are not empty."""
    for name, words, filtered in _readings(wanted):
        value = wanted.upper() if name == "symbol" else wanted.lower() if name in {"verdict", "policy"} else wanted
        page = decisions_page(reader, filtered, 1, size)
        if any(admits(record) for record in page.records):
            yield Hit("filter", f"decisions {words} {value}", filtered_by=((name, value),))


def _readings(wanted: str) -> Iterator[tuple[str, str, DecisionFilter]]:
    match = _HEXADECIMAL.fullmatch(wanted.lower())
    if _DAY.fullmatch(wanted):
        try:
            yield "session", "at the close of", DecisionFilter(session_on=date.fromisoformat(wanted))
        except ValueError:
            return
    if wanted.lower() in {verdict.name.lower() for verdict in Verdict}:
        yield "verdict", "with the verdict", DecisionFilter(verdict=wanted.lower())
    if match is not None and len(match[1]) == _DIGEST_DIGITS:
        yield "policy", "under the policy", DecisionFilter(policy_digest=bytes.fromhex(match[1]))
    if _SYMBOL.fullmatch(wanted.upper()):
        yield "symbol", "about", DecisionFilter(symbol=wanted.upper())
    if _NAME.fullmatch(wanted):
        yield "rule", "that a rule objected to:", DecisionFilter(rule_id=wanted)
        yield "account_id", "for the account", DecisionFilter(account_id=wanted)


def _holding(reader: LogReader, digest: bytes, admits: Admits, places: range) -> Iterator[Hit]:
    """Entries that hold a digest, or whose own it is, newest first."""
    for stop in range(places.stop, places.start, -_BATCH):
        for record in reversed(reader.records(max(places.start, stop - _BATCH), stop)):
            what = _place_of(record, digest)
            if what and admits(record):
                yield _hit(record, what)


def _place_of(record: Record, digest: bytes) -> str:
    """Where in an entry a digest stands; "" when it does not."""
    if digest in {record.entry_id, record.leaf_hash}:
        return "its own digest" if digest == record.entry_id else "its leaf in the tree"
    if digest not in record.data:
        return ""
    named = [name for name, value in record.entry.facts.items() if value == digest]
    return named[0] if named else "it cites or needs it"


def _hit(record: Record, what: str) -> Hit:
    about = ""
    if record.kind == EntryKind.DECISION.value:
        facts = record.entry.facts
        about = f" about {facts['symbol']}, {facts['verdict']}, session {facts['session_on'].isoformat()}"
    return Hit(
        record.kind, f"{record.kind} at {record.sequence:,}{about} ({what})", record.sequence, record.decision_id
    )
