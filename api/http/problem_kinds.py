"""The catalogue of everything that can go wrong, as clients and people see it.

Each kind is a page under `/problems/`: what it means and what to do. Together they are the troubleshooting guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PATH = "/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem.

    Attributes:
        slug: its name, the end of its type.
        status: the HTTP status.
        title: what it is, in one line that never changes.
        meaning: when it happens.
        mend: what to do about it.
    """

    slug: str
    status: int
    title: str
    meaning: str
    mend: str

    @property
    def type(self) -> str:
        """The type URI reference."""
        return f"{PATH}{self.slug}"


KINDS: Mapping[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "bad-request",
            400,
            "The request cannot be understood",
            "The body is no JSON, a field is missing, unknown or of the wrong type, or a parameter cannot be read.",
            "Correct what `detail`, or each of `errors`, names; then send the request again.",
        ),
        Kind(
            "missing-key",
            400,
            "The order has no Idempotency-Key",
            "An order without a key could be sent twice when an answer is lost on the way.",
            "Send a header Idempotency-Key of 1 to 128 printable characters, a new one for each new order.",
        ),
        Kind(
            "unauthenticated",
            401,
            "The request has no valid token",
            "There is no Authorization header, or its token is expired, revoked, forged or meant for another server.",
            "Get a token with `assay token issue` and send it as `Authorization: Bearer TOKEN`.",
        ),
        Kind(
            "forbidden",
            403,
            "The token does not allow this",
            "The token is valid, but has not the scope or the account that this needs.",
            "Ask for a token with the scope and the account that `detail` names.",
        ),
        Kind(
            "self-approval",
            403,
            "Nobody approves their own proposal",
            "The principal of the token is the one who proposed this policy or this model.",
            "Have another person with the scope policy:approve, or model:promote for a model, approve it.",
        ),
        Kind(
            "unknown-account",
            403,
            "The account is not one of this server",
            "The account is not among those that the server trades for.",
            "Use one of the accounts that ASSAY_ACCOUNTS names.",
        ),
        Kind(
            "not-found",
            404,
            "There is no such thing",
            "The path, the order, the decision or the policy version does not exist here.",
            "Check the path and the id; `/docs` lists every path.",
        ),
        Kind(
            "no-table",
            404,
            "The lake has no such table",
            "Nothing of this kind was ever imported into the lake that the server reads.",
            "Import it with `assay data import`, or serve a lake that has it: ASSAY_LAKE names its folder.",
        ),
        Kind(
            "not-known",
            404,
            "Nothing of it was known at that instant",
            "The lake holds no such fact, or holds it only from a later instant on.",
            "Check the names in the question, or ask for a later `as_of`.",
        ),
        Kind(
            "method-not-allowed",
            405,
            "The path does not know this method",
            "The path exists, but not with this method.",
            "Use one of the methods in the Allow header.",
        ),
        Kind(
            "not-acceptable",
            406,
            "The answer does not come in that form",
            "The Accept header names none of the forms in which this path answers.",
            "Accept one of the media types that `detail` names.",
        ),
        Kind(
            "several-periods",
            409,
            "The question fits several numbers",
            "A company stated numbers of several periods that end on that day, or in several units.",
            "Say the first day of the period, or the unit: `detail` names those that there are.",
        ),
        Kind(
            "key-in-flight",
            409,
            "An order with this key is under way",
            "The same Idempotency-Key was sent before and has not been answered yet.",
            "Wait as long as Retry-After says, then send the same request again: it will be answered as the first one.",
        ),
        Kind(
            "session-closed",
            409,
            "There is no day plan for this session",
            "Orders are decided on a day plan, and the running session has none for this account.",
            "Run the session, e.g. with POST /internal/session/advance, then send the order under a new key.",
        ),
        Kind(
            "read-only-log",
            409,
            "The log takes no entries",
            "The server shows a log that is finished, e.g. a research log, or was started with --read-only.",
            "Send orders to a server with an origin of its own, e.g. one started with `assay serve`.",
        ),
        Kind(
            "not-in-force",
            409,
            "The policy is not in force yet",
            "The active policy has an effective_from in the future.",
            "Wait until then, or go back to the policy before it.",
        ),
        Kind(
            "stale-condition",
            412,
            "It changed since it was read",
            "The If-Match header names a state that is no longer the present one.",
            "Read the resource again, look at what changed, and send its new ETag.",
        ),
        Kind(
            "job-ended",
            409,
            "The job has come to its end already",
            "It is done, failed or was cancelled before, so that there is nothing to cancel.",
            "Look at the job; ask for it anew to have it done again.",
        ),
        Kind(
            "wrong-stage",
            409,
            "The model is not at a stage where this can be done",
            "Stages are taken in turn: candidate, shadow, challenger. Only a challenger is promoted.",
            "Look at the version's stage, and move it on first.",
        ),
        Kind(
            "no-evidence",
            409,
            "The model lacks figures that a champion needs",
            "Without SPA, deflated Sharpe ratio, PBO and trial count the database admits no champion.",
            "Compute the figures that `detail` names in a research run, and register the model anew.",
        ),
        Kind(
            "stale-trials",
            409,
            "The figures do not count every trial",
            "The trial ledger of the family holds another number of trials than the figures of the model were told of.",
            "Judge the model by all trials of the ledger, then register it.",
        ),
        Kind(
            "policy-conflict",
            412,
            "The policy supersedes another one than the active one",
            "Another version was activated since this one was written.",
            "Write the next version on top of the active one: its `supersedes` is the digest in `/internal/policy`.",
        ),
        Kind(
            "too-large",
            413,
            "The request is too large",
            "The body or a header is larger than this path accepts.",
            "Send less: `detail` names the limit.",
        ),
        Kind(
            "unsupported-media-type",
            415,
            "The body is of another type than this path reads",
            "The Content-Type, or its Content-Encoding, is none that this path reads.",
            "Send `application/json` without compression; policies may also be `application/yaml`.",
        ),
        Kind(
            "order-closed",
            409,
            "The order works no more",
            "It was filled, canceled, replaced or rejected, it has expired, or a cancel of it is under way.",
            "Look at its history; send a new order when you still want the shares.",
        ),
        Kind(
            "key-reused",
            422,
            "The key belongs to another order",
            "This Idempotency-Key was used before with another body.",
            "Use a new key for a new order; repeat an order with the very same body.",
        ),
        Kind(
            "impossible-quote",
            422,
            "No venue can show this",
            "A price or a size is not positive, a side does not go from its best price on, or a venue's own bid "
            "reaches its own offer.",
            "Correct the quotes, or leave them out: books are then estimated from the last bar.",
        ),
        Kind(
            "unknown-symbol",
            422,
            "The symbol is not in the day plan",
            "The universe of the active policy, as of this session, has no such symbol.",
            "Use one of the symbols of GET /api/v1/plan.",
        ),
        Kind(
            "policy-faults",
            422,
            "The policy has faults",
            "The policy does not parse, does not compile, or fails its cases. Nothing changed.",
            "Mend every fault in `faults`, each with its place, and send it again.",
        ),
        Kind(
            "invalid",
            422,
            "The request asks for something that cannot be",
            "Every field can be read, but together they ask for nothing that this server does.",
            "Read `detail`: it names the value and what to do.",
        ),
        Kind(
            "limits-conflict",
            422,
            "No portfolio keeps all the limits",
            "The caps of the policy, with what the question asks beside them, leave no portfolio. Nothing was sent.",
            "Loosen one of the limits in `conflict`; each says to which value, where that alone is enough.",
        ),
        Kind(
            "missing-condition",
            428,
            "The request must say which state it changes",
            "A change without an If-Match header could undo one that its sender never saw.",
            "Read the resource, and send its ETag as If-Match.",
        ),
        Kind(
            "rate-limited",
            429,
            "Too many requests",
            "This principal has used up its requests for now.",
            "Wait as long as Retry-After says; RateLimit headers tell how much is left.",
        ),
        Kind(
            "header-too-large",
            431,
            "A header is too large",
            "A header, e.g. the token, is longer than the server reads.",
            "Send a shorter one.",
        ),
        Kind(
            "internal",
            500,
            "A fault of Assay itself",
            "Something happened that nobody foresaw. The server recorded it under the trace id.",
            "Send the trace id to who runs the server. An order may be repeated safely under the same key.",
        ),
        Kind(
            "data-fault",
            500,
            "Market data are not what they should be",
            "A data set or a stored value cannot be used.",
            "Whoever owns the feed must act; `detail` says where.",
        ),
        Kind(
            "plan-fault",
            500,
            "A node or a dataflow is at fault",
            "Code of a strategy broke one of its promises.",
            "Its developer must act; `detail` names the node.",
        ),
        Kind(
            "not-archived",
            500,
            "A part of what was archived is gone",
            "A body that an entry of the log names is not stored any more: it was dropped by the retention policy, or "
            "lost. The entry itself and the proof that it is in the log stand without it.",
            "Run `assay retention status`, which says what was dropped by rule; what it does not name, restore from a "
            "copy of the log.",
        ),
        Kind(
            "log-fault",
            500,
            "The log is not what it should be",
            "The decision log or an archived body does not hold together. Nothing was decided.",
            "Stop, keep the files, and run `assay verify`.",
        ),
        Kind(
            "queue-full",
            503,
            "Too many orders wait",
            "Orders come in faster than they can be made durable. This one was not decided.",
            "Slow down and repeat it under the same key after Retry-After.",
        ),
        Kind(
            "log-unavailable",
            503,
            "The log cannot be written",
            "The disk is full, or the database is locked, read-only or away. Nothing was acknowledged; if the "
            "connection to the database broke in mid-commit, the order may have been decided all the same.",
            "The operator must act; repeat the request later under the same key, which shows what happened.",
        ),
        Kind(
            "generation-changed",
            503,
            "The policy is being changed",
            "Another policy became active and this server is still preparing it.",
            "Repeat the request under the same key after Retry-After.",
        ),
        Kind(
            "rate-limits-unavailable",
            503,
            "Rate limits cannot be looked up",
            "The server that keeps the rate limits of several machines does not answer.",
            "The operator must act; repeat the request under the same key later.",
        ),
        Kind(
            "upstream-unavailable",
            503,
            "Something that the server asks does not answer",
            "A lake, a broker or a server of others is away or too slow, and no answer is kept that is young enough.",
            "Repeat the request after Retry-After; the operator's page `/internal` says what is away since when.",
        ),
        Kind(
            "broker-held",
            503,
            "Another process holds the broker",
            "One process per home talks to its broker, and another one does.",
            "End the other process, or give this one a home of its own.",
        ),
        Kind(
            "broker-differs",
            503,
            "The broker's books differ from the log",
            "Positions or open orders at the broker are not those that follow from the log; nothing was sent.",
            "Compare the two as the message says, put right what is wrong at the broker or in the journal, then start "
            "again.",
        ),
        Kind(
            "console-not-built",
            503,
            "The web console is not built",
            "No built console stands in the folder where the server looks for it, or its build was cut off.",
            "Run `make console` where the code stands, or name a built console with ASSAY_CONSOLE; then load the page "
            "again. The server need not be restarted.",
        ),
        Kind(
            "draining",
            503,
            "The server is stopping",
            "It finishes what it has begun and takes nothing new.",
            "Repeat the request under the same key at another server, or after Retry-After.",
        ),
        Kind(
            "unavailable",
            503,
            "Something that the server needs is away",
            "A disk, a database, a setting or an installation is at fault.",
            "The operator must act; `detail` says where.",
        ),
    )
}
