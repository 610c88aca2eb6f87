"""Risk in JSON: what is asked, and the replies around the views of `api.use_cases.risk`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.use_cases.incidents import Incident
from api.use_cases.risk import LimitView
from api.use_cases.throttles import ThrottleUse
from nodes.vocabulary.instants import instant_text

AccountName = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class LimitsView(msgspec.Struct, frozen=True):
    """The limits of the policy that runs, and how far an account has used them up."""

    account_id: str
    limits: tuple[LimitView, ...]


class ReleaseBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Automation is to go on.

    Attributes:
        reason: why it may, in words; kept in the log.
        account_id: of which account; that of the server when it has only one.
    """

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    account_id: AccountName | None = None


class ThrottleUseView(msgspec.Struct, frozen=True):
    """One use of a throttle.

    Attributes:
        sequence: its entry in the log.
        at: when it was recorded.
        is_disabled: whether it disabled automation.
        principal: who did it.
        reason: why.
        decision_id: the decision that tripped it; null for a release.
    """

    sequence: int
    at: str
    is_disabled: bool
    principal: str
    reason: str
    decision_id: str | None


class ThrottlesView(msgspec.Struct, frozen=True):
    """How the throttle of an account stands.

    Attributes:
        account_id: the account.
        is_disabled: whether its automated execution is disabled.
        has_changed: whether this request changed that.
        uses: each time that it was disabled or let go on, newest first.
    """

    account_id: str
    is_disabled: bool
    has_changed: bool
    uses: tuple[ThrottleUseView, ...]


class BreachesBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Breaches are to be recorded.

    Attributes:
        account_id: of which account; that of the server when it has only one.
    """

    account_id: AccountName | None = None


class BreachIncidentView(msgspec.Struct, frozen=True):
    """The incident of a breach.

    Attributes:
        incident_id: its name.
        title: what it is about.
        began_at: the close of the session that lost more than had been told.
        what: the figures.
    """

    incident_id: str
    title: str
    began_at: str
    what: str


class BreachesView(msgspec.Struct, frozen=True):
    """What recording breaches came to.

    Attributes:
        account_id: the account.
        n_known: breaches that had an incident already.
        opened: the incidents that were opened now.
    """

    account_id: str
    n_known: int
    opened: tuple[BreachIncidentView, ...]


def use_view(use: ThrottleUse) -> ThrottleUseView:
    """A use of a throttle."""
    return ThrottleUseView(
        sequence=use.sequence,
        at=instant_text(use.at),
        is_disabled=use.is_disabled,
        principal=use.principal,
        reason=use.reason,
        decision_id=None if use.decision_id is None else use.decision_id.hex(),
    )


def breach_view(opened: Incident) -> BreachIncidentView:
    """The incident of a breach."""
    return BreachIncidentView(opened.incident_id, opened.title, instant_text(opened.began_at), opened.what)
