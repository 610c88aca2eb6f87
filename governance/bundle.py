"""The data of an audit bundle: one decision with everything that proves it, for a verifier that has nothing of ours.

A bundle is one page of HTML with one block of JSON in it (`START` and `END`). The block holds the checkpoint, entries
with their inclusion proofs, archived bodies as they are stored, and in place of a salted trace's body its values under
their commitments, so that some of them can be masked (`governance.disclosure`). Every byte is bound: entries by the
tree, bodies by the entries, values by the trace's digest, the page by its own digest in the block.
`docs/verifier/verify_bundle.py` checks it all.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from dataflows.engine.recorded import RecordedRun
from governance.disclosure import NOTHING, Disclosed, Masked, disclosed, says
from governance.entries import EntryKind
from governance.merkle import leaf_hash
from governance.notes import Note, parsed_note, verifier_key
from governance.policy_stages import CANARY
from governance.ports import LogReader
from governance.proofs import check_inclusion, inclusion_proof
from governance.rows import CheckpointRow, Record
from nodes.vocabulary.errors import EdgeError, LogError
from nodes.vocabulary.instants import instant_ns

FORMAT = "assay-bundle/1"
START, END = '<script type="application/json" id="assay-bundle">', "</script>"
DROPPED, MASKED = "dropped", "masked"
_MASK = "masked:"
_SHARED = ("policy_ref", "sources_ref", "environment_ref", "session_manifest_ref", "order_manifest_ref", "trace_ref")
_ACTIVATIONS = 64


@dataclass(frozen=True)
class BundledRuns:
    """What a bundle is about.

    Attributes:
        record: the decision's entry.
        order: its run.
        session_record: the entry of the session run that it cites; None when it cites none.
        session: that run.
    """

    record: Record
    order: RecordedRun
    session_record: Record | None = None
    session: RecordedRun | None = None


@dataclass(frozen=True)
class ProvedEntry:
    """An entry with its place and the path to the checkpoint's root."""

    record: Record
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class BundleData:
    """What a bundle holds.

    Attributes:
        key: the verifier key of the log, for people: a verifier is given it by other ways.
        checkpoint: the signed note, with the log's own signature.
        size: how many entries the checkpoint covers.
        entries: the decision's own first; those that it cites, that activated its policy, that came of it.
        bodies: archived bodies as stored, by ref.
        traces: salted traces by the ref of their body: instant, what they cite, the values of each pass.
        left_out: bodies that are not here, by ref, and why.
        masked: what is withheld.
    """

    key: str
    checkpoint: str
    size: int
    entries: tuple[ProvedEntry, ...]
    bodies: Mapping[bytes, bytes]
    traces: Mapping[bytes, tuple[int, tuple[bytes, ...], tuple[tuple[Disclosed, ...], ...]]]
    left_out: Mapping[bytes, str]
    masked: Masked = NOTHING


def bundle_data(reader: LogReader, runs: BundledRuns, masked: Masked = NOTHING) -> BundleData:
    """Everything that proves a decision.

    Raises:
        EdgeError: no checkpoint covers it, or values of a trace without salts are to be masked.
        LogError: something of it is missing or broken.
    """
    row = _covering(reader, runs.record)
    key, note = _own_note(reader, row)
    records = _records(reader, runs, masked)
    told = [(runs.record, runs.order, masked.order)]
    if runs.session_record is not None and runs.session is not None and runs.session_record in records:
        told.append((runs.session_record, runs.session, masked.session))
    traces = {each.entry.facts["trace_ref"]: _trace(run, names) for each, run, names in told if run.trace.key or names}
    bodies, left_out = _bodies(reader, [each for each, _, _ in told], traces, masked)
    covered = [each for each in records if each.sequence < row.size]
    return BundleData(
        key=key,
        checkpoint=note,
        size=row.size,
        entries=tuple(_proved(reader, each, row) for each in covered),
        bodies=bodies,
        traces=traces,
        left_out=left_out,
        masked=masked,
    )


def _proved(reader: LogReader, record: Record, row: CheckpointRow) -> ProvedEntry:
    """An entry with its path. Raises LogError when the log itself does not hold it so."""
    path = inclusion_proof(reader, record.sequence, row.size)
    check_inclusion(leaf_hash(record.data), record.sequence, row.size, path, row.root)
    return ProvedEntry(record, path)


def _covering(reader: LogReader, record: Record) -> CheckpointRow:
    row = reader.newest_checkpoint()
    if row is None or row.size <= record.sequence:
        covered = "none was signed" if row is None else f"the newest covers {row.size} entries"
        message = f"no checkpoint covers entry {record.sequence}: {covered}; sign one with `assay log checkpoint`"
        raise EdgeError(message, reason="invalid")
    return row


def _own_note(reader: LogReader, row: CheckpointRow) -> tuple[str, str]:
    """The log's key, and the note with that key's signature alone: nobody who has no other key could check others."""
    genesis = next(iter(reader.records(0, 1)), None)
    if genesis is None:
        raise LogError("entry 0 is missing, which names the log's key; verify the log and restore it from a copy")
    key = verifier_key(genesis.entry.facts["verifier_key"])
    note = parsed_note(row.note)
    own = tuple(each for each in note.signatures if (each.name, each.key_id) == (key.name, key.key_id))
    return key.text, Note(note.text, own[:1]).data.decode()


def _records(reader: LogReader, runs: BundledRuns, masked: Masked) -> tuple[Record, ...]:
    """The decision's entry and those that go with it, without those that tell what is masked."""
    beside = [each for each in (runs.session_record, _activation(reader, runs.record)) if each is not None]
    later = reader.history(runs.record.decision_id) if runs.record.decision_id else ()
    beside += [each for each in later if each.sequence != runs.record.sequence]
    return (runs.record, *(each for each in beside if not says(each.entry.facts, masked, runs.order, runs.session)))


def _activation(reader: LogReader, record: Record) -> Record | None:
    """The entry that last let the decision's policy decide, as the active one or as a canary."""
    digest = record.entry.facts["policy_digest"]
    found = reader.newest(EntryKind.ACTIVATION, _ACTIVATIONS, record.sequence)
    return next((each for each in found if digest in _let_decide(each.entry.facts)), None)


def _let_decide(facts: Mapping[str, Any]) -> tuple[object, ...]:
    return facts.get("policy_digest"), (facts.get(CANARY) or {}).get("policy_digest")


def _trace(
    run: RecordedRun, masked: frozenset[str]
) -> tuple[int, tuple[bytes, ...], tuple[tuple[Disclosed, ...], ...]]:
    return instant_ns(run.trace.as_of), run.trace.cites, disclosed(run, masked)


def _bodies(
    reader: LogReader, records: list[Record], traces: Mapping[bytes, Any], masked: Masked
) -> tuple[dict[bytes, bytes], dict[bytes, str]]:
    """The bodies that the runs' entries name, as stored, and those that are left out."""
    bodies: dict[bytes, bytes] = {}
    left_out: dict[bytes, str] = {}
    shared = {each.entry.facts[name] for each in records for name in _SHARED if name in each.entry.facts}
    for ref in dict.fromkeys(ref for each in records for ref in each.entry.bodies if ref not in traces):
        stored = reader.stored_body(ref)
        if ref not in shared and masked.session:  # from the session's slices its columns could be computed again
            left_out[ref] = MASKED
        elif stored is None:
            left_out[ref] = DROPPED
        else:
            bodies[ref] = _intact(ref, stored)
    return bodies, left_out


def _intact(ref: bytes, stored: bytes) -> bytes:
    if sha256(stored).digest() != ref:
        message = f"body {ref.hex()} is stored with other bytes; verify the log and restore it from a copy"
        raise LogError(message)
    return stored


def bundle_file(page: str, data: BundleData) -> bytes:
    """The bundle: a page that has the block, empty, with the data in it."""
    before, mark, after = page.partition(START + END)
    if not mark or START in after:
        raise LogError(f"page of {len(page)} characters has not one place for the bundle's data; mend its template")
    text = block_text(data, sha256(page.encode()).hexdigest())
    return f"{before}{START}{text}{END}{after}".encode()


def block_text(data: BundleData, page: str) -> str:
    """The block: JSON with sorted names and no spaces; `page` is the digest of the page around it."""
    content = {
        "bodies": {ref.hex(): _base64(stored) for ref, stored in data.bodies.items()},
        "checkpoint": data.checkpoint,
        "entries": [_plain_entry(each) for each in data.entries],
        "format": FORMAT,
        "left_out": {ref.hex(): why for ref, why in data.left_out.items()},
        "page": page,
        "traces": {ref.hex(): _plain_trace(*trace) for ref, trace in data.traces.items()},
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")


def _plain_entry(entry: ProvedEntry) -> dict[str, Any]:
    return {
        "entry": _base64(entry.record.data),
        "index": entry.record.sequence,
        "proof": [_base64(each) for each in entry.path],
    }


def _plain_trace(as_of: int, cites: tuple[bytes, ...], parts: tuple[tuple[Disclosed, ...], ...]) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "cites": [_base64(each) for each in cites],
        "parts": [list(_plain_values(values)) for values in parts],
    }


def _plain_values(values: tuple[Disclosed, ...]) -> Iterator[str]:
    for value in values:
        yield f"{_MASK if value.is_masked else ''}{_base64(value.data)}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
