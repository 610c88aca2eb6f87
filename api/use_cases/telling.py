"""Who is told of an alert, and the delivery of it: due when the policy says, tried until the policy gives it up.

Each channel has a thread of its own, so that one that does not answer holds up none of the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import structlog

from adapters.notifiers.messages import DeliveryError, Notifier, message_of
from adapters.sql.alert_board import AlertBoard
from adapters.sql.alert_tables import BoardDelivery, RaisedNotice, Telling
from api.use_cases.background import Background, Told
from api.use_cases.jobs import owner_name
from governance.waiting import Attempt
from nodes.vocabulary.errors import EdgeError
from policies.alerting import SEVERITIES, AlertPolicy, Severity

PAUSE_S = 0.5
"""How often a channel is looked at."""
_SPARE_S = 5.0
_log = structlog.get_logger("assay.alerts")


def tellings(policy: AlertPolicy, severity: Severity, at: datetime, known: Mapping[str, object]) -> tuple[Telling, ...]:
    """Whom an alert is told that was raised at an instant, and when; channels that nobody set up are left out."""
    found = [Telling(name, policy.due_at(severity, at)) for name in policy.channels(severity)]
    for escalation in policy.escalations:
        if severity in escalation.severities:
            after = at + timedelta(seconds=escalation.after_s)
            found += [Telling(name, policy.due_at(severity, after), is_escalation=True) for name in escalation.to]
    first: dict[str, Telling] = {}
    for telling in found:
        if telling.channel in known:
            first.setdefault(telling.channel, telling)
    return tuple(first.values())


@dataclass
class Teller:
    """Raises alerts and has them delivered.

    Attributes:
        board: where they are kept.
        policy: who is told, and when.
        channels: by name; none of them is a server without the operator's file.
        clock: the shell's clock.
        told: hears how deliveries in the background go.
    """

    board: AlertBoard
    policy: AlertPolicy
    channels: Mapping[str, Notifier]
    clock: Callable[[], datetime]
    told: Told | None = None
    _threads: list[threading.Thread] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _owner: str = field(default_factory=owner_name)

    def fired(self, armed_id: str, notice: RaisedNotice) -> bool:
        """Raise the alert of a condition, once. Returns whether this did."""
        is_first = self.board.fired(armed_id, notice, self._tellings(notice))
        return self._logged(notice) if is_first else False

    def raised(self, notice: RaisedNotice) -> bool:
        """Raise an alert, once. Returns whether this did."""
        is_first = self.board.raised(notice, self._tellings(notice))
        return self._logged(notice) if is_first else False

    def delivered(self, channel: str) -> bool:
        """Deliver what a channel's oldest due delivery tells. Returns False when none is due.

        Whatever a channel raises counts as a failure, so that each delivery ends; what nobody foresaw is raised again.
        """
        patience_s = self.policy.delivery.patience_s
        claimed = self.board.claimed(channel, self._owner, 3 * patience_s + _SPARE_S)
        if claimed is None:
            return False
        message = message_of(self.board.alert(claimed.alert_id), is_escalation=claimed.is_escalation)
        attempt = Attempt()
        with attempt:
            self.channels[channel].send(message, patience_s)
        if attempt.error is None:
            self.board.delivered(claimed.delivery_id, self._owner)
        elif isinstance(attempt.error, DeliveryError):
            self._failed(claimed, str(attempt.error))
        else:  # its words may hold an address or a secret: they are for the log lines of this server alone
            self._failed(claimed, f"{type(attempt.error).__name__}; see this server's log lines")
            raise attempt.error
        return True

    def __enter__(self) -> Self:
        """Deliver in threads until the block ends."""
        for name in self.channels:
            thread = threading.Thread(target=self._serve, args=(name,), name=f"alerts {name}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Finish what is being delivered and end the threads; what is left waits for the next process."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _serve(self, channel: str) -> None:
        work = Background("alert-delivery") if self.told is None else Background("alert-delivery", self.told)
        while not self._over.wait(work.pause_s(PAUSE_S)):
            work.round(lambda: self._emptied(channel))

    def _emptied(self, channel: str) -> None:
        while not self._over.is_set() and self.delivered(channel):
            pass

    def _tellings(self, notice: RaisedNotice) -> tuple[Telling, ...]:
        return tellings(self.policy, severity_of(notice.severity), self.clock(), self.channels)

    def _failed(self, claimed: BoardDelivery, because: str) -> None:
        wait_s = self.policy.delivery.wait_s(claimed.n_failed + 1)
        due_at = None if wait_s is None else self.clock() + timedelta(seconds=wait_s)
        self.board.failed(claimed.delivery_id, self._owner, because, due_at)
        said = {"alert": claimed.alert_id, "channel": claimed.channel, "n_failed": claimed.n_failed + 1}
        tell = _log.warning if due_at is not None else _log.error
        tell("alert not delivered", **said, because=because, is_given_up=due_at is None)

    def _logged(self, notice: RaisedNotice) -> bool:
        _log.info("alert", alert=notice.alert_id, kind=notice.kind, severity=notice.severity, title=notice.title)
        return True


def require_line(text: str, what: str) -> None:
    """Raises EdgeError (invalid) for words that cannot be shown in a line: they go into mails, chats and terminals."""
    if not text.isprintable():
        raise EdgeError(f"{what} has characters that cannot be shown; write one line of words", reason="invalid")


def severity_of(text: str) -> Severity:
    """The severity that a word names. Raises EdgeError for another word."""
    if text not in SEVERITIES:
        raise EdgeError(f"severity {text!r} is none; write one of {', '.join(SEVERITIES)}", reason="invalid")
    return text
