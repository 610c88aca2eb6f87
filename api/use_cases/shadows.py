"""Shadows on live snapshots: versions that do not decide score every session that is planned; the scores are stored.

A shadow's score is an entry of the log with its trace. No order, no position and no plan reads one: what decides is
computed before, from a snapshot that holds the champion alone. A shadow that cannot score says why and holds nobody up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import polars as pl

from api.use_cases.desk import Desk, environment_bytes
from api.use_cases.model_desk import model_named
from api.use_cases.reading import record_at
from api.use_cases.session_models import exported_model
from api.use_cases.sessions import market_fields
from dataflows.engine.frames import frame_from_slices
from dataflows.engine.plan import NodeKind, Plan
from dataflows.engine.recorded import recorded_run
from dataflows.engine.run import Runner, SessionRun
from dataflows.models import MODEL
from dataflows.research.live import reference_from_bytes
from dataflows.research.shadow import SCORE, SYMBOLS, shadow_plan
from governance.entries import Entry, EntryKind
from governance.models import Stage, StageRow
from governance.ports import LogReader, Transaction
from governance.registration import REFERENCE
from governance.rows import Record
from governance.tables import tables_cited, tables_facts
from nodes.kernels.onnx.scoring import model_frame
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import AssayError, DataError, LogError

SCORING = (Stage.SHADOW.value, Stage.CHALLENGER.value)
"""Stages whose versions score without deciding."""
_PAGE = 64
_NO_POSITIONS = pl.DataFrame(schema={"symbol": pl.String, "position_shares": pl.Int64})


@dataclass(frozen=True)
class ShadowScores:
    """What a version in the shadow said of a session.

    Attributes:
        family: of the version.
        version: its number.
        session_on: the session.
        sequence: of the entry that says so.
        scores: by symbol; None where it has none.
        reason: why it scored nothing at all; "" where it did.
    """

    family: str
    version: int
    session_on: date
    sequence: int
    scores: Mapping[str, float | None]
    reason: str = ""


@dataclass(frozen=True)
class _Scored:
    """A shadow that scored, or why it did not."""

    row: StageRow
    policy: bytes
    plan: Plan | None
    run: SessionRun | None
    reason: str


def shadow_scored(desk: Desk, session_on: date) -> tuple[ShadowScores, ...]:
    """What every shadow says of a session, stored; nothing where there are none. Not for use inside an append.

    A session that was scored before is not scored again: it then says what it said.
    """
    with desk.store.reader() as reader:
        rows = [row for row in reader.registry.stages() if row.stage in SCORING]
        known = _known(reader, session_on) if rows else {}
    as_of = desk.lake.calendar.close(session_on)
    made = [_scored(desk, row, as_of) for row in rows if (row.family, row.version) not in known]
    if made:
        desk.writer.submit(partial(_stored, desk, session_on, as_of, made)).result()
        with desk.store.reader() as reader:
            known = _known(reader, session_on)
    return tuple(known[place] for place in sorted(known))


def shadow_history(reader: LogReader, family: str, version: int, most: int) -> tuple[ShadowScores, ...]:
    """The newest scores of a version, newest first."""
    found: list[ShadowScores] = []
    for record in _records(reader):
        facts = record.entry.facts
        if len(found) == most:
            break
        if (facts["family"], facts["version"]) == (family, version):
            found.append(_read(reader, record))
    return tuple(found)


def shadow_replay(reader: LogReader, record: Record) -> str:
    """What scoring again, from what a SHADOW entry archived, comes to: identical, or the first node that differs.

    Raises LogError when the entry is no scoring of a shadow, or its trace is not the one that it names.
    """
    facts = record.entry.facts
    if record.kind != EntryKind.SHADOW.value or "trace_ref" not in facts:
        message = f"entry {record.sequence} is a {record.kind} without a shadow's trace; name a shadow that scored"
        raise LogError(message)
    recorded = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["manifest_ref"]))
    plan = shadow_plan(reader.body(facts["policy_ref"]))
    if recorded.trace.digest != facts["trace_digest"]:
        raise LogError(f"entry {record.sequence} names another trace than it archived; verify the log")
    if plan.digest != facts["plan_digest"]:
        return "diverged: this code makes another plan of the research policy"
    slices = {digest("slice", body): body for body in (reader.body(ref) for ref in record.entry.bodies)}
    given = {node.name: recorded.values[node.name] for node in plan.nodes if node.kind is NodeKind.INPUT}
    framed = {name: frame_from_slices(each["slices"], slices) for name, each in given.items() if _is_frame(each)}
    trace = recorded.trace
    runner = Runner(plan, record.entry.origin, reader.body(facts["environment_ref"]), is_salted=trace.key is not None)
    again = runner.session(_snapshot(plan, {**given, **framed}), trace.as_of, trace.cites, trace.key)
    return "identical" if again.trace.digest == trace.digest else "diverged"


def _is_frame(value: Any) -> bool:  # noqa: ANN401  # a value of a trace
    return isinstance(value, Mapping) and set(value) == {"slices"}


def _scored(desk: Desk, row: StageRow, as_of: datetime) -> _Scored:
    """What a shadow says as of a close, outside any append."""
    policy = b""
    try:
        with desk.store.reader() as reader:
            model, _ = model_named(reader, row.family, row.version)
            ref = record_at(reader, model.sequence).entry.facts.get(REFERENCE)
            if ref is None:
                message = f"{model.name} was registered without the policy of its study; register it by a research run"
                raise DataError(message)
            policy = reference_from_bytes(reader.body(ref)).policy
            artefact = exported_model(reader, model)
        plan = shadow_plan(policy)
        snapshot = _snapshot(plan, {**market_fields(plan, desk.lake, as_of), MODEL: model_frame(artefact)})
        environment, key = environment_bytes(desk.environment), desk.salt_key()
        runner = Runner(plan, desk.store.origin, environment, is_salted=key is not None)
        run = runner.session(snapshot, as_of, tables_cited(desk.lake.tables), key)
    except AssayError as error:
        return _Scored(row, policy, None, None, str(error))
    found = run.values[SCORE]
    return _Scored(row, policy, plan, run, found.reason if isinstance(found, Absent) else "")


def _snapshot(plan: Plan, fields: Mapping[str, Any]) -> Any:  # noqa: ANN401  # the dataflow's type
    """The snapshot of a shadow: the market alone, for it has no account."""
    nothing = {"positions": _NO_POSITIONS, "equity_usd": None, "index_panel": None, "session_on": None, "panel": None}
    return plan.dataflow.snapshot(**{**nothing, **fields})


def _stored(desk: Desk, session_on: date, as_of: datetime, made: list[_Scored], transaction: Transaction) -> None:
    with desk.store.reader() as reader:  # nobody else commits while this append is open
        known = _known(reader, session_on)
        standing = {(row.family, row.version): row for row in reader.registry.stages()}
        cites = _plan_cited(reader, session_on)
    for each in made:
        place = (each.row.family, each.row.version)
        if place not in known and standing.get(place) == each.row:
            transaction.append(_entry(desk, transaction, session_on, as_of, each, cites))


def _entry(  # noqa: PLR0913, PLR0917  # where it goes, and what it says
    desk: Desk, transaction: Transaction, session_on: date, as_of: datetime, each: _Scored, cites: tuple[bytes, ...]
) -> Entry:
    facts: dict[str, Any] = {
        "family": each.row.family,
        "version": each.row.version,
        "model_digest": each.row.model_digest,
        "session_on": session_on,
        "principal": desk.principal,
        **({"reason": each.reason} if each.reason else {}),
    }
    bodies: tuple[bytes, ...] = ()
    if each.run is not None and each.plan is not None:
        refs = {
            "trace_ref": transaction.put_body(each.run.trace.body),
            "manifest_ref": transaction.put_body(each.plan.manifest),
            "policy_ref": transaction.put_body(each.policy),
            "sources_ref": transaction.put_body(encode(dict(each.plan.sources))),
            "environment_ref": transaction.put_body(environment_bytes(desk.environment)),
        }
        digests = {"trace_digest": each.run.trace.digest, "plan_digest": each.plan.digest}
        facts |= {**refs, **digests, **tables_facts(desk.lake.tables)}
        slices = (transaction.put_body(part) for part in each.run.slices.values())
        bodies = tuple(dict.fromkeys((*refs.values(), *slices)))
    return Entry(EntryKind.SHADOW, desk.store.origin, as_of, desk.clock(), facts, bodies, cites)


def _plan_cited(reader: LogReader, session_on: date) -> tuple[bytes, ...]:
    """The plan that decided in the session, where there is one among the newest."""
    plans = reader.newest(EntryKind.PLAN, _PAGE)
    return tuple(record.entry_id for record in plans if record.entry.facts["session_on"] == session_on)[:1]


def _known(reader: LogReader, session_on: date) -> dict[tuple[str, int], ShadowScores]:
    """What shadows said of a session, by version."""
    found = {}
    for record in _records(reader):
        facts = record.entry.facts
        if facts["session_on"] < session_on:
            break
        if facts["session_on"] == session_on:
            found[facts["family"], facts["version"]] = _read(reader, record)
    return found


def _records(reader: LogReader) -> Iterator[Record]:
    """The SHADOW entries of a log, newest first."""
    before: int | None = None
    while page := reader.newest(EntryKind.SHADOW, _PAGE, before):
        yield from page
        before = page[-1].sequence


def _read(reader: LogReader, record: Record) -> ShadowScores:
    facts = record.entry.facts
    scores: dict[str, float | None] = {}
    if "trace_ref" in facts:
        values = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["manifest_ref"])).values
        found = values[SCORE]
        if not isinstance(found, Absent):
            rows = found["latest"] if isinstance(found, Mapping) else found
            scores = dict(zip(values[SYMBOLS].to_list(), rows.to_list(), strict=True))
    told = (facts["family"], facts["version"], facts["session_on"], record.sequence)
    return ShadowScores(*told, scores, facts.get("reason", ""))
