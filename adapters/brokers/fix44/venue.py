"""A broker behind a FIX 4.4 session: orders are sent, asked about, replaced and canceled; reports come unasked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from adapters.brokers.fix44 import fields as fix
from adapters.brokers.fix44.kept import Kept
from adapters.brokers.fix44.session import FixSession
from adapters.brokers.remote import NOT_YET
from adapters.brokers.standing import Standing
from adapters.brokers.wanted import WantedOrder
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecutionReport, OrdStatus

FOLDER, FILE = "fix", "kept.db"
ANSWER_S = 4.0
"""How long the peer may take to answer one message."""
_LOGON_S = 0.02


class FixVenue:
    """The peer, asked by one thread at a time.

    Args:
        file: the session, as QuickFIX reads it.
        home: where its sequence numbers and what it said are kept.
        clock: now, in UTC.
        account: Account (1); None without one.
        login: user name and password of the logon.
        answer_s: how long an answer may take, and the first logon.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # a session and how it is spoken in
        self,
        file: Path,
        home: Path,
        clock: Callable[[], datetime],
        account: str | None = None,
        login: tuple[str | None, str | None] = (None, None),
        answer_s: float = ANSWER_S,
    ) -> None:
        self.woken = threading.Event()
        self._clock, self._account, self._answer_s = clock, account, answer_s
        self._arrived = threading.Condition()
        self._answers: dict[str, list[dict[int, str]]] = {}
        self._fault: EdgeError | None = None
        folder = home / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._kept = Kept(folder / FILE)
        self._session = FixSession(file, folder, self._heard, *login)
        until_s = time.monotonic() + answer_s
        while not self._session.is_on and time.monotonic() < until_s:
            time.sleep(_LOGON_S)

    @property
    def is_on(self) -> bool:
        """Whether both sides are logged on."""
        return self._session.is_on

    def known(self, cl_ord_id: str) -> Standing | None:
        """How an order stands; None when the peer has never had it."""
        kept = self._kept.standing(cl_ord_id)
        if kept is not None and kept.status is OrdStatus.REPLACED:  # the peer knows it by its new name alone
            return kept
        about = self._kept.about(cl_ord_id)
        request = fix.status_request(cl_ord_id, about.get(fix.SYMBOL, ""), about.get(fix.SIDE, ""))
        said = self._answered(fix.STATUS, request, cl_ord_id)
        if said.get(fix.MSG_TYPE) != fix.EXECUTION_REPORT:
            message = (
                f"the FIX peer refuses to say how order {cl_ord_id} stands: {said.get(fix.TEXT, 'no reason given')}"
            )
            raise EdgeError(f"{message}; ask it to take OrderStatusRequest (H)", reason="unavailable")
        return self._kept.lost(cl_ord_id) if fix.is_unknown(said) else self._kept.standing(cl_ord_id)

    def sent(self, order: WantedOrder) -> Standing:
        """Send an order; its word is the first report on it, or its reject."""
        self._kept.asked(order.cl_ord_id, order.symbol, order.side.value)
        return self._told(fix.NEW_ORDER, fix.new_order(order, self._clock(), self._account), order)

    def replaced(self, old: Standing, order: WantedOrder) -> Standing | None:
        """Replace an order in one step; refused by the peer, it is refused here."""
        self._kept.asked(order.cl_ord_id, order.symbol, order.side.value)
        return self._told(fix.REPLACE, fix.replacement(old, order, self._clock(), self._account), order)

    def cancel(self, standing: Standing) -> None:
        """Ask to cancel; the answer is in how the order stands."""
        name = standing.cl_ord_id
        about, number = self._kept.about(name), self._kept.next_cancel(name)
        self._session.send(fix.CANCEL, fix.cancel_request(standing, number, about, self._clock()))

    def open_orders(self) -> Mapping[str, Standing]:
        """The orders that the peer last said to be open: it says by itself when one is not."""
        self._require_well()
        return {each.cl_ord_id: each for each in self._kept.open_orders()}

    def executions(self) -> Sequence[ExecutionReport]:
        """Trades, corrections and busts that were not heard yet."""
        self._require_well()
        return self._kept.trades()

    def heard(self, exec_ids: Sequence[str]) -> None:
        """These are in the log."""
        self._kept.heard(exec_ids)

    def positions(self) -> Mapping[str, int] | None:
        """None: FIX 4.4 sessions of brokers rarely tell them; hold the broker's statement to the journal instead."""
        return None

    def close(self) -> None:
        """Log out."""
        self._session.close()
        self._kept.close()

    def _told(self, kind: str, request: Mapping[int, str], order: WantedOrder) -> Standing:
        name = order.cl_ord_id
        said = self._answered(kind, request, name)
        if fix.is_duplicate(said):
            message = f"the FIX peer has an order {name} already, of which it knew nothing when it was asked"
            raise EdgeError(f"{message}; look at the broker, it is asked again", reason=NOT_YET)
        if said.get(fix.MSG_TYPE) != fix.EXECUTION_REPORT:
            return Standing(name, OrdStatus.REJECTED, text=said.get(fix.TEXT) or "the FIX peer refused the message")
        return self._kept.standing(name) or fix.standing(said, 0)

    def _answered(self, kind: str, request: Mapping[int, str], name: str) -> dict[int, str]:
        """The first answer on an order after a message about it.

        Raises:
            EdgeError: none came in time, or nobody is logged on.
        """
        self._require_well()
        with self._arrived:
            self._answers[name] = []
        try:
            return self._awaited(name, kind, self._session.send(kind, request))
        finally:
            with self._arrived:
                self._answers.pop(name, None)

    def _awaited(self, name: str, kind: str, number: int) -> dict[int, str]:
        until_s = time.monotonic() + self._answer_s
        with self._arrived:
            while True:
                for said in self._answers[name]:
                    if fix.is_answer(said, kind, number):
                        return said
                left_s = until_s - time.monotonic()
                if left_s <= 0 or not self._arrived.wait(left_s):
                    message = f"the FIX peer did not answer on order {name} within {self._answer_s:g} s"
                    raise EdgeError(f"{message}; it is asked about again before anything is sent", reason="unavailable")

    def _heard(self, message: str) -> None:
        """Take a message in, in the engine's thread: what could not be kept stops everything."""
        said = fix.fields(message)
        kind = said.get(fix.MSG_TYPE)
        if kind not in _ANSWERS:
            return
        try:
            if kind == fix.EXECUTION_REPORT and not (fix.is_unknown(said) or fix.is_duplicate(said)):
                self._kept.told(said, message)
        except EdgeError as error:
            self._fault = error
        names = [fix.concerned(said)] if kind in _NAMED else [*self._answers]
        with self._arrived:
            for name in names:
                self._answers.get(name, []).append(said)
            self._arrived.notify_all()
        self.woken.set()

    def _require_well(self) -> None:
        if self._fault is not None:
            raise self._fault
        self._session.revive()
        if not self._session.is_on:
            message = "the FIX session is not logged on; check the peer, the session's hours and its sequence numbers"
            raise EdgeError(message, reason="unavailable")


_NAMED = frozenset({fix.EXECUTION_REPORT, fix.CANCEL_REJECT})
_ANSWERS = _NAMED | {fix.BUSINESS_REJECT, fix.REJECT}
"""What may answer a message of ours. A reject names no order, but by its number the message that it is about."""
