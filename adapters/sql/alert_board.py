"""The alert board: conditions that are armed, alerts that were raised, and their deliveries, in SQLite beside the log.

A condition fires in one transaction with its alert and the deliveries of that, and only while it is armed: however many
processes watch, it fires once. A delivery is claimed for a short lease; whoever dies with it leaves it to the next, so
that each alert is delivered at least once, always under the same id. Nothing here decides who is told: that is policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, or_, select, update

from adapters.sql.alert_tables import (
    ALERTS,
    ARMED,
    DELIVERIES,
    METADATA,
    ArmedCondition,
    ArmedState,
    BoardAlert,
    BoardDelivery,
    DeliveryState,
    RaisedNotice,
    Telling,
    alert_of,
    armed_of,
    delivery_of,
)
from adapters.sql.dialect import insert_or_keep
from adapters.sql.sql_file import SqlFile
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_ns

ALERT_BOARD = "alert-board.db"
"""The file in a home."""
MAX_ARMED = 10_000
"""Conditions that may be armed at once: each is asked whenever the log grows."""
_NS = 1_000_000_000


class AlertBoard(SqlFile):
    """The alerts of one installation, in a file of their own."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        super().__init__(path, METADATA)
        self._clock = clock

    def armed(self, wanted: ArmedCondition) -> tuple[ArmedCondition, bool]:
        """A condition as it stands armed, and whether it is new: the same one armed again is the one that is.

        Raises EdgeError when too many are armed.
        """
        same = [getattr(ARMED.c, name) == getattr(wanted, name) for name in _SAME]
        with self._writing() as connection:
            is_open = ARMED.c.state == ArmedState.ARMED.value
            found = connection.execute(select(ARMED).where(is_open, *same)).first()
            if found is not None:
                return armed_of(found), False
            n_armed = connection.execute(select(func.count()).select_from(ARMED).where(is_open)).scalar_one()
            if n_armed >= MAX_ARMED:
                message = f"{n_armed} conditions are armed, which is all that are watched; disarm some"
                raise EdgeError(message, reason="queue-full")
            connection.execute(insert(ARMED), _armed_row(wanted))
            return _one_armed(connection, wanted.armed_id), True

    def condition(self, armed_id: str) -> ArmedCondition:
        """A condition. Raises EdgeError (not-found) for one that there is not."""
        with self._reading() as connection:
            return _one_armed(connection, armed_id)

    def conditions(
        self, state: ArmedState | None = None, after: int = 0, count: int = MAX_ARMED, accounts: Sequence[str] = ()
    ) -> tuple[tuple[int, ArmedCondition], ...]:
        """Conditions behind a place, the oldest first, each with its place; of some accounts, or of all."""
        query = select(ARMED).where(ARMED.c.sequence > after)
        if state is not None:
            query = query.where(ARMED.c.state == state.value)
        if accounts:
            query = query.where(ARMED.c.account_id.in_(accounts))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(ARMED.c.sequence).limit(count)).all()
        return tuple((row.sequence, armed_of(row)) for row in rows)

    def disarmed(self, armed_id: str) -> ArmedCondition:
        """A condition that is no longer asked. Raises EdgeError for one that there is not, or that fired before."""
        with self._writing() as connection:
            found = _one_armed(connection, armed_id)
            if found.state is ArmedState.DISARMED:
                return found
            if found.state is not ArmedState.ARMED:
                message = f"condition {armed_id} has {found.state.value} already; there is nothing to disarm"
                raise EdgeError(message, reason="stale-condition")
            self._set_armed(connection, [armed_id], state=ArmedState.DISARMED.value)
            return _one_armed(connection, armed_id)

    def expired(self, at: datetime) -> int:
        """End every condition whose time has come. Returns how many there were."""
        is_over = and_(ARMED.c.state == ArmedState.ARMED.value, ARMED.c.expires_at_ns <= instant_ns(at))
        with self._reading() as connection:
            names = [str(name) for name in connection.execute(select(ARMED.c.armed_id).where(is_over)).scalars()]
        if names:
            with self._writing() as connection:
                self._set_armed(connection, names, state=ArmedState.EXPIRED.value)
        return len(names)

    def puzzled(self, armed_id: str, because: str) -> None:
        """Say why a condition cannot be asked now; "" when it can."""
        with self._writing() as connection:
            self._set_armed(connection, [armed_id], because=because)

    def fired(self, armed_id: str, notice: RaisedNotice, tellings: Iterable[Telling]) -> bool:
        """Raise the alert of a condition. Returns False, with nothing done, when it is not armed any longer."""
        with self._writing() as connection:
            changed = self._set_armed(connection, [armed_id], state=ArmedState.FIRED.value, because="")
            return bool(changed) and self._raise(connection, notice, tellings)

    def raised(self, notice: RaisedNotice, tellings: Iterable[Telling]) -> bool:
        """Raise an alert. Returns False, with nothing done, when it was raised before."""
        with self._writing() as connection:
            return self._raise(connection, notice, tellings)

    def alert(self, alert_id: str) -> BoardAlert:
        """An alert. Raises EdgeError (not-found) for one that there is not."""
        with self._reading() as connection:
            return _one_alert(connection, alert_id)

    def alerts(
        self, *, is_active: bool | None = None, before: int | None = None, count: int = 50, accounts: Sequence[str] = ()
    ) -> tuple[BoardAlert, ...]:
        """Alerts, newest first, below a place if one is given.

        Args:
            is_active: those that nobody acknowledged, those that somebody did, or both.
            before: place of the last one known.
            count: how many at most.
            accounts: of which accounts, those of none included; of all by default.
        """
        query = select(ALERTS)
        if is_active is not None:
            is_open = ALERTS.c.acknowledged_at_ns.is_(None)
            query = query.where(is_open if is_active else ~is_open)
        if before is not None:
            query = query.where(ALERTS.c.sequence < before)
        if accounts:
            query = query.where(ALERTS.c.account_id.in_(["", *accounts]))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(ALERTS.c.sequence.desc()).limit(count)).all()
        return tuple(map(alert_of, rows))

    def acknowledged(self, alert_id: str, principal: str, why: str) -> BoardAlert:
        """An alert that somebody takes on: nobody else is told any more. The first who does is remembered.

        Raises EdgeError (not-found) for one that there is not.
        """
        now_ns = instant_ns(self._clock())
        is_open = and_(ALERTS.c.alert_id == alert_id, ALERTS.c.acknowledged_at_ns.is_(None))
        values = {"acknowledged_by": principal, "acknowledged_at_ns": now_ns, "acknowledged_why": why}
        with self._writing() as connection:
            connection.execute(update(ALERTS).where(is_open).values(values))
            waits = and_(DELIVERIES.c.alert_id == alert_id, DELIVERIES.c.state == DeliveryState.WAITING.value)
            spared = {"state": DeliveryState.SPARED.value, "changed_at_ns": now_ns}
            connection.execute(update(DELIVERIES).where(waits, DELIVERIES.c.is_escalation == 1).values(spared))
            return _one_alert(connection, alert_id)

    def claimed(self, channel: str, owner: str, lease_s: float) -> BoardDelivery | None:
        """The delivery of a channel that is due longest, taken for the length of a lease; None when none is due."""
        now_ns = instant_ns(self._clock())
        is_due = and_(
            DELIVERIES.c.channel == channel,
            DELIVERIES.c.state == DeliveryState.WAITING.value,
            DELIVERIES.c.due_at_ns <= now_ns,
            DELIVERIES.c.leased_to_ns <= now_ns,
        )
        query = select(DELIVERIES).where(is_due).order_by(DELIVERIES.c.due_at_ns, DELIVERIES.c.sequence).limit(1)
        with self._reading() as connection:
            if connection.execute(query).first() is None:
                return None
        with self._writing() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            lease = {"owner": owner, "leased_to_ns": now_ns + int(lease_s * _NS)}
            connection.execute(update(DELIVERIES).where(DELIVERIES.c.sequence == row.sequence).values(lease))
            return delivery_of(row)

    def delivered(self, delivery_id: int, owner: str) -> bool:
        """Note a success. Returns False when another process has taken the delivery over meanwhile."""
        return self._settled(delivery_id, owner, {"state": DeliveryState.DELIVERED.value, "because": ""})

    def failed(self, delivery_id: int, owner: str, because: str, due_at: datetime | None) -> bool:
        """Note a failure, and when it is tried again; None when it is given up. Returns as `delivered`."""
        values: dict[str, Any] = {"n_failed": DELIVERIES.c.n_failed + 1, "because": because, "leased_to_ns": 0}
        values |= {"state": DeliveryState.DEAD.value} if due_at is None else {"due_at_ns": instant_ns(due_at)}
        return self._settled(delivery_id, owner, values)

    def revived(self, delivery_id: int) -> BoardDelivery:
        """A dead delivery, tried again from the start. Raises EdgeError for one that is not there or not dead."""
        now_ns = instant_ns(self._clock())
        values = {"state": DeliveryState.WAITING.value, "n_failed": 0, "due_at_ns": now_ns, "leased_to_ns": 0}
        with self._writing() as connection:
            found = _one_delivery(connection, delivery_id)
            if found.state is not DeliveryState.DEAD:
                message = f"delivery {delivery_id} is {found.state.value}; only a dead one is tried again"
                raise EdgeError(message, reason="stale-condition")
            mine = DELIVERIES.c.sequence == delivery_id
            connection.execute(update(DELIVERIES).where(mine).values(values | {"changed_at_ns": now_ns}))
            return _one_delivery(connection, delivery_id)

    def deliveries(
        self, *, state: DeliveryState | None = None, alert_id: str | None = None, before: int | None = None,
        count: int = 50,
    ) -> tuple[BoardDelivery, ...]:  # fmt: skip
        """Deliveries, newest first, below a place if one is given."""
        query: Select[Any] = select(DELIVERIES)
        for column, value in ((DELIVERIES.c.state, state and state.value), (DELIVERIES.c.alert_id, alert_id)):
            query = query if value is None else query.where(column == value)
        if before is not None:
            query = query.where(DELIVERIES.c.sequence < before)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(DELIVERIES.c.sequence.desc()).limit(count)).all()
        return tuple(map(delivery_of, rows))

    def counts(self) -> tuple[dict[str, int], dict[tuple[str, str], int], dict[str, int]]:
        """How many conditions there are by state, deliveries by channel and state, active alerts by severity."""
        n_rows = func.count()
        is_active = ALERTS.c.acknowledged_at_ns.is_(None)
        with self._reading() as connection:
            armed = connection.execute(select(ARMED.c.state, n_rows).group_by(ARMED.c.state)).all()
            columns = (DELIVERIES.c.channel, DELIVERIES.c.state)
            sent = connection.execute(select(*columns, n_rows).group_by(*columns)).all()
            alerts = connection.execute(
                select(ALERTS.c.severity, n_rows).where(is_active).group_by(ALERTS.c.severity)
            ).all()
        return (
            dict(map(tuple, armed)),
            {(channel, state): n for channel, state, n in sent},
            dict(map(tuple, alerts)),
        )

    def oldest_due(self) -> datetime | None:
        """Since when the oldest delivery is due that nobody has managed; None when none is."""
        now_ns = instant_ns(self._clock())
        is_due = and_(DELIVERIES.c.state == DeliveryState.WAITING.value, DELIVERIES.c.due_at_ns <= now_ns)
        query = select(DELIVERIES).where(is_due).order_by(DELIVERIES.c.due_at_ns).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else delivery_of(row).due_at

    def _set_armed(self, connection: Connection, names: Sequence[str], **values: Any) -> int:  # noqa: ANN401
        """Change conditions that are armed. Returns how many still were."""
        is_armed = and_(ARMED.c.armed_id.in_(names), ARMED.c.state == ArmedState.ARMED.value)
        changed = values | {"changed_at_ns": instant_ns(self._clock())}
        return int(connection.execute(update(ARMED).where(is_armed).values(changed)).rowcount)

    def _raise(self, connection: Connection, notice: RaisedNotice, tellings: Iterable[Telling]) -> bool:
        now_ns = instant_ns(self._clock())
        row = {
            "alert_id": notice.alert_id,
            "source": notice.source,
            "kind": notice.kind,
            "severity": notice.severity,
            "account_id": notice.account_id,
            "symbol": notice.symbol,
            "title": notice.title,
            "detail": notice.detail,
            "at_ns": instant_ns(notice.at),
            "raised_at_ns": now_ns,
            "acknowledged_why": "",
        }
        if not connection.execute(insert_or_keep(connection.dialect, ALERTS), row).rowcount:
            return False
        for telling in tellings:
            values = {
                "alert_id": notice.alert_id,
                "channel": telling.channel,
                "is_escalation": int(telling.is_escalation),
                "state": DeliveryState.WAITING.value,
                "due_at_ns": instant_ns(telling.due_at),
                "leased_to_ns": 0,
                "n_failed": 0,
                "because": "",
                "changed_at_ns": now_ns,
            }
            connection.execute(insert_or_keep(connection.dialect, DELIVERIES), values)
        return True

    def _settled(self, delivery_id: int, owner: str, values: dict[str, Any]) -> bool:
        mine = and_(DELIVERIES.c.sequence == delivery_id, DELIVERIES.c.owner == owner)
        is_open = or_(DELIVERIES.c.state == DeliveryState.WAITING.value)
        changed = values | {"changed_at_ns": instant_ns(self._clock()), "owner": None}
        with self._writing() as connection:
            return bool(connection.execute(update(DELIVERIES).where(mine, is_open).values(changed)).rowcount)


_SAME = ("condition", "account_id", "symbol", "severity", "principal", "title")
"""What makes two conditions the same one."""


def _armed_row(wanted: ArmedCondition) -> dict[str, Any]:
    return {
        **{name: getattr(wanted, name) for name in ("armed_id", *_SAME)},
        "state": ArmedState.ARMED.value,
        "because": wanted.because,
        "armed_at_ns": instant_ns(wanted.armed_at),
        "changed_at_ns": instant_ns(wanted.changed_at),
        "expires_at_ns": None if wanted.expires_at is None else instant_ns(wanted.expires_at),
    }


def _one_armed(connection: Connection, armed_id: str) -> ArmedCondition:
    row = connection.execute(select(ARMED).where(ARMED.c.armed_id == armed_id)).first()
    if row is None:
        message = f"condition {armed_id!r} was never armed here; list those that were"
        raise EdgeError(message, reason="not-found")
    return armed_of(row)


def _one_alert(connection: Connection, alert_id: str) -> BoardAlert:
    row = connection.execute(select(ALERTS).where(ALERTS.c.alert_id == alert_id)).first()
    if row is None:
        raise EdgeError(f"alert {alert_id!r} was never raised here; list those that were", reason="not-found")
    return alert_of(row)


def _one_delivery(connection: Connection, delivery_id: int) -> BoardDelivery:
    row = connection.execute(select(DELIVERIES).where(DELIVERIES.c.sequence == delivery_id)).first()
    if row is None:
        raise EdgeError(f"delivery {delivery_id} is not known here; list those that are", reason="not-found")
    return delivery_of(row)
