"""Decisions: lists of them, and each whole, with trace, lineage, proof and history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from api.http.asked import DIGEST, AsOf, Cursor, DecisionName, Limit, asked_digest, asked_instant
from api.http.conditions import etag, is_unchanged
from api.http.cursors import cursor_place, cursor_text
from api.http.parts import PrincipalHere
from api.http.reach import reached_account, reached_decision
from api.http.reading_room import ReadingRoom, RoomHere, room_of
from api.http.schemas.decisions import (
    DecisionPage,
    DecisionRecord,
    History,
    ReplayView,
    TraceRecord,
    decision_line,
    decision_record,
    history_view,
    replay_view,
    trace_record,
)
from api.http.schemas.log import InclusionView, inclusion_view
from api.http.tokens import Principal
from api.use_cases.finding import DecisionFilter, decisions_page
from api.use_cases.reading import proof_of_inclusion, size_as_of
from api.views.built import decision_view, recorded_decision
from api.views.graph import LineageGraph, lineage_graph
from governance.ports import LogReader
from governance.replay import replays
from governance.rows import Record
from nodes.vocabulary.canonical import digest
from nodes.vocabulary.errors import EdgeError

SCOPE = "audit:read"
PATH = "/internal/decisions"
_OPTIONS: dict[str, Any] = {
    "opt": {"scope": SCOPE, "problems": ("invalid",)},
    "tags": ["decisions"],
    "sync_to_thread": True,
}
_CONDITIONAL: dict[str, Any] = {
    **_OPTIONS,
    "opt": {
        "scope": SCOPE,
        "headers": ({"name": "If-None-Match", "description": "An ETag that is known already."},),
        "problems": ("invalid",),
    },
}
_KEPT = {"cache-control": "private, no-cache"}


def _filter(description: str, **schema: str) -> Any:  # noqa: ANN401  # what the framework takes
    return QueryParameter(description=description, max_length=128, schema_extra=dict(schema))


def asked_filter(  # noqa: PLR0913, PLR0917  # one argument a filter
    symbol: Annotated[str | None, _filter("Only of this share.")] = None,
    verdict: Annotated[
        Literal["pass", "warn", "clip", "review", "deny"] | None, QueryParameter(description="Only with this verdict.")
    ] = None,
    action: Annotated[
        Literal["act", "hold", "deny"] | None, QueryParameter(description="Only with this action.")
    ] = None,
    account_id: Annotated[str | None, _filter("Only of this account.")] = None,
    session: Annotated[date | None, QueryParameter(description="Only those of this session's close.")] = None,
    policy: Annotated[str | None, _filter("Only under the policy with this digest.", pattern=DIGEST)] = None,
    rule: Annotated[str | None, _filter("Only those that this rule objected to.")] = None,
) -> DecisionFilter:
    """The filter that a request's parameters make."""
    return DecisionFilter(symbol, verdict, rule, action, account_id, session, asked_digest(policy, "policy"))


@get(
    PATH,
    operation_id="list_decisions",
    summary="List decisions, newest first",
    dependencies={"wanted": Provide(asked_filter, sync_to_thread=False)},
    **_OPTIONS,
)
def list_decisions(  # noqa: PLR0913, PLR0917  # one argument a parameter
    room: RoomHere,
    principal: PrincipalHere,
    wanted: NamedDependency[SkipValidation[DecisionFilter]],
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DecisionPage:
    """Decisions that all filters admit, of accounts that the token covers.

    A page looks at a limited stretch of the log, so it may be short.
    """
    wanted = replace(wanted, account_id=reached_account(principal, wanted.account_id))
    at, asked = asked_instant(as_of), {"filter": wanted, "as_of": as_of}
    with room.view() as reader:
        size = size_as_of(reader, at)
        below = size if cursor is None else min(size, cursor_place(cursor, "decisions", asked))
        page = decisions_page(reader, wanted, limit, below)
    following = None if page.next_sequence is None else cursor_text(page.next_sequence, "decisions", asked)
    return DecisionPage(tuple(decision_line(record) for record in page.records), following, size)


@get(f"{PATH}/{{decision:str}}", operation_id="get_decision", summary="One decision, whole", **_CONDITIONAL)
def one_decision(
    request: Request[Any, Any, Any], room: RoomHere, principal: PrincipalHere, decision: DecisionName
) -> Response[DecisionRecord]:
    """A decision with everything that it was computed from, and the proof that it is in the log.

    What was decided never changes; what happened later and the newest checkpoint do, and the ETag with them.
    """
    _cover(room, principal, decision)
    with room.view() as reader:
        record = reached_decision(reader, principal, decision)
        proof = proof_of_inclusion(reader, record.sequence)
        tag = _tag("decision", record.entry_id, proof.root, *_later_ids(reader, record))
        if is_unchanged(request.headers.get("if-none-match"), tag):
            return _not_modified(tag)
        answer = decision_record(recorded_decision(reader, record), proof)
    return Response(answer, headers={**_KEPT, "etag": tag})


@get(f"{PATH}/{{decision:str}}/trace", operation_id="get_trace", summary="What it was computed from", **_CONDITIONAL)
def decision_trace(
    request: Request[Any, Any, Any], room: RoomHere, principal: PrincipalHere, decision: DecisionName
) -> Response[TraceRecord]:
    """Every node with value, unit, formula and code digest, and both truth tables with operands and margins."""
    with room.view() as reader:
        record = reached_decision(reader, principal, decision)
        tag = _tag("trace", record.entry_id)
        if is_unchanged(request.headers.get("if-none-match"), tag):
            return _not_modified(tag)
        recorded = recorded_decision(reader, record)
    return Response(trace_record(recorded, decision_view(recorded)), headers={**_KEPT, "etag": tag})


@get(f"{PATH}/{{decision:str}}/lineage", operation_id="get_lineage", summary="Its lineage as a graph", **_OPTIONS)
def decision_lineage(
    room: RoomHere,
    principal: PrincipalHere,
    decision: DecisionName,
    node: Annotated[str | None, _filter("Only what fed this node, by key (`order.cash_after_usd`) or name.")] = None,
) -> LineageGraph:
    """Nodes and edges; the digest of a node covers its value, its code and everything that fed it."""
    with room.view() as reader:
        recorded = recorded_decision(reader, reached_decision(reader, principal, decision))
    view = decision_view(recorded)
    if node is None:
        return lineage_graph(recorded, view)
    keys = {each.key for each in view.nodes}
    roots = [key for key in (node, f"order.{node}", f"session.{node}") if key in keys][:1]
    if not roots:
        message = f"decision {view.decision_id[:12]} has no node {node[:60]!r}; see its trace for the nodes it has"
        raise EdgeError(message, reason="not-found")
    return lineage_graph(recorded, view, roots)


@get(f"{PATH}/{{decision:str}}/proof", operation_id="get_decision_proof", summary="That it is in the log", **_OPTIONS)
def decision_proof(room: RoomHere, principal: PrincipalHere, decision: DecisionName) -> InclusionView:
    """The inclusion proof against the newest checkpoint, in the form that `verify_proof.py proof` reads.

    A decision that no checkpoint covers yet gets one, where the server signs; at most one a second is made so.
    """
    _cover(room, principal, decision)
    with room.view() as reader:
        return inclusion_view(proof_of_inclusion(reader, reached_decision(reader, principal, decision).sequence))


@get(f"{PATH}/{{decision:str}}/history", operation_id="get_history", summary="What happened to it", **_OPTIONS)
def decision_history(room: RoomHere, principal: PrincipalHere, decision: DecisionName) -> History:
    """The decision's own entry and every later one that concerns it: fills, expiries, cancels, corrections."""
    with room.view() as reader:
        record = reached_decision(reader, principal, decision)
        return history_view(record, _history(reader, record))


@post(
    f"{PATH}/{{decision:str}}/replay",
    operation_id="replay_decision",
    summary="Compute it again and compare",
    status_code=200,
    **_OPTIONS,
)
def replay_decision(room: RoomHere, principal: PrincipalHere, decision: DecisionName) -> ReplayView:
    """Identical, diverged (first node, both values, what changed) or cannot run here. Writes nothing."""
    with room.view() as reader:
        (report,) = replays(reader, (reached_decision(reader, principal, decision),), room.replays)
    return replay_view(report)


def _tag(resource: str, *parts: bytes) -> str:
    """The entity tag of a resource that these digests determine."""
    return etag(digest("etag", resource.encode(), *parts).hex()[:32])


def _not_modified(tag: str) -> Response[Any]:
    return Response(None, status_code=304, headers={**_KEPT, "etag": tag})


def _cover(room: ReadingRoom, principal: Principal, decision: str) -> None:
    with room.view() as reader:
        sequence = reached_decision(reader, principal, decision).sequence
    room.sign(sequence)


def _history(reader: LogReader, record: Record) -> tuple[Record, ...]:
    return tuple(reader.history(record.decision_id)) if record.decision_id else ()


def _later_ids(reader: LogReader, record: Record) -> tuple[bytes, ...]:
    return tuple(each.entry_id for each in _history(reader, record))


ROUTER = Router(
    "/",
    route_handlers=[
        list_decisions,
        one_decision,
        decision_trace,
        decision_lineage,
        decision_proof,
        decision_history,
        replay_decision,
    ],
    dependencies={"room": Provide(room_of, sync_to_thread=False)},
)
