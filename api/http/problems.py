"""Problem details (RFC 9457): the one place where errors become statuses.

Errors of ours are mapped by their `reason`, else by their family; those of the framework by their status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from api.http.problem_kinds import KINDS, Kind
from nodes.vocabulary.errors import AssayError, DataError, EdgeError, LogError, PlanError, PolicyError

MEDIA_TYPE = "application/problem+json"


_BY_FAMILY: Mapping[type[AssayError], str] = {
    PolicyError: "policy-faults",
    DataError: "data-fault",
    PlanError: "plan-fault",
    LogError: "log-fault",
    EdgeError: "unavailable",
}
_BY_STATUS: Mapping[int, str] = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "rate-limited",
    431: "header-too-large",
}
MAX_BODY_BYTES = 1_048_576
"""Longest body that any path reads; some read less."""
_PHRASES: Mapping[str, str] = {
    "Not Found": "nothing is there; see /docs for every path",
    "Method Not Allowed": "the path does not take this method; see Allow",
    "Request Entity Too Large": f"the body has more than {MAX_BODY_BYTES} bytes; send less",
}
"""What the framework says where it knows only the status, and what it means."""
_RETRY_AFTER_S: Mapping[str, str] = {
    "key-in-flight": "1",
    "queue-full": "1",
    "generation-changed": "1",
    "upstream-unavailable": "5",
    "draining": "5",
    "log-unavailable": "30",
}


class FieldError(msgspec.Struct, frozen=True):
    """One wrong field of a request.

    Attributes:
        where: which field.
        what: what is wrong with it.
    """

    where: str
    what: str


class ProblemView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details (RFC 9457).

    Attributes:
        type: what kind of problem; a page that says what to do.
        title: the kind, in one line.
        status: the HTTP status.
        detail: what happened in this case.
        instance: the path that was asked.
        mend: what to do about it.
        trace_id: under which the server's logs speak of it.
        errors: every wrong field, when fields are wrong.
        faults: every fault of a policy, with its place, when a policy is at fault.
        conflict: the fewest limits that no portfolio keeps together, when an allocation cannot be made.
        since: what moved policies on since the state that a change was made for, newest first.
        changes: how the policies differ, likewise.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    mend: str
    trace_id: str
    errors: tuple[FieldError, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    conflict: tuple[dict[str, Any], ...] = ()
    since: tuple[dict[str, Any], ...] = ()
    changes: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong, as it is told to a client.

    Attributes:
        kind: what kind of thing.
        detail: what happened in this case.
        members: more fields of the answer, e.g. `errors`.
        headers: more headers of the answer.
    """

    kind: Kind
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self, instance: str, trace_id: str) -> bytes:
        """The body of the answer."""
        said = {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
            "mend": self.kind.mend,
            "trace_id": trace_id,
            **self.members,
        }
        return msgspec.json.encode(said)


class RequestError(EdgeError):
    """A request that is refused at the edge, with more to say than a message.

    Attributes:
        members: more fields of the problem.
        headers: more headers of the answer.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, reason=reason)
        self.members = members or {}
        self.headers = headers or {}


def refused_fields(errors: Sequence[tuple[str, str]]) -> RequestError:
    """A request whose fields are wrong: (where, what) of each."""
    said = [{"where": where, "what": what} for where, what in errors]
    return RequestError(
        f"{len(said)} of the request's fields cannot be read; correct what `errors` names",
        reason="bad-request",
        members={"errors": said},
    )


def kind_of(error: AssayError) -> Kind:
    """The kind of problem that an error of ours is."""
    if error.reason in KINDS:
        return KINDS[error.reason]
    family = next((family for family in _BY_FAMILY if isinstance(error, family)), EdgeError)
    return KINDS[_BY_FAMILY[family]]


def problem(error: AssayError) -> Problem:
    """An error of ours, for a client."""
    kind = kind_of(error)
    headers = {"retry-after": _RETRY_AFTER_S[kind.slug]} if kind.slug in _RETRY_AFTER_S else {}
    members: dict[str, Any] = {}
    if isinstance(error, PolicyError):
        members["faults"] = [msgspec.to_builtins(fault) | {"text": str(fault)} for fault in error.faults]
    if isinstance(error, RequestError):
        members |= error.members
        headers |= error.headers
    return Problem(kind, str(error), members, headers)


def problem_of_status(
    status: int, detail: str, headers: Mapping[str, str] | None = None, asked: str = "this request"
) -> Problem:
    """An error of the framework, for a client.

    Args:
        status: its status.
        detail: what the framework says; where it has no more to say than the status, it is said what was `asked`.
        headers: headers of the answer.
        asked: method and path.
    """
    server_fault = 500
    slug = _BY_STATUS.get(status, "bad-request" if status < server_fault else "internal")
    if detail in _PHRASES:
        detail = f"{asked[:200]}: {_PHRASES[detail]}"
    return Problem(KINDS[slug], detail, headers=headers or {})
