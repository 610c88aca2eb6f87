"""What a broker reports of its own accord: fills that come late, fills that were wrong, fills that never were.

A report is known by its ExecID (17). Said again, it changes nothing. Each new one is an entry of its own, in one append
with the account that follows from it; no entry is ever edited:

    TRADE           a FILL; of an order that is over, too: what traded has traded
    TRADE_CORRECT   a CORRECTION that names the fill it is about and says what it should have said
    TRADE_CANCEL    a CORRECTION that names the fill it is about and says that it never was

A report that cannot be, such as more shares than the order has, is refused: a person has to ask the broker about it.
So is one about what was traded before a split.
Whether a report is new is asked inside the append; of two in one process the second waits for the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from adapters.lake.actions import ActionKind
from adapters.lake.lake import Lake
from api.use_cases.executions import standing_executions
from api.use_cases.known_executions import BY_HAND, KnownExecutions
from api.use_cases.late_executions import after_bust, after_late_fill, after_refitting
from api.use_cases.order_life import OrderRecord, order_record
from api.use_cases.service import Service
from governance.entries import Entry, EntryKind, child_cl_ord_id
from governance.ports import LogReader, Transaction
from governance.rows import OrderState, OutboundOrder
from governance.verify_executions import EXECUTION_FACTS, OLD
from nodes.journal.account import AccountState, after_fill
from nodes.kernels.order_states import Report, Taken, after_report
from nodes.vocabulary.errors import DataError, EdgeError
from nodes.vocabulary.executions import ExecType, ExecutionReport, OrdStatus
from nodes.vocabulary.holdings import Fill

TRADES = frozenset({ExecType.TRADE, ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL})
MAX_WORDS = 128
_MOST = Decimal(10) ** 12
_ZERO = Decimal(0)


class Booked(NamedTuple):
    """What a report did.

    Attributes:
        taken: applied, duplicate or late-fill.
        record: the order after it.
    """

    taken: Taken
    record: OrderRecord

    @property
    def is_known(self) -> bool:
        """Whether it had been booked before."""
        return self.taken is Taken.DUPLICATE


class _Order(NamedTuple):
    """An order inside an append: its row, its history, and which way it goes."""

    row: OutboundOrder
    record: OrderRecord
    entries: tuple[Entry, ...]

    @property
    def sign(self) -> int:
        """1 of a purchase, -1 of a sale."""
        return 1 if self.row.order_shares > 0 else -1

    @property
    def key(self) -> str:
        """The idempotency key under which it was decided."""
        return str(self.entries[0].facts["key"])

    @property
    def symbol(self) -> str:
        """Of which share."""
        return self.record.placed.answer.symbol

    def told_first(self, exec_id: str) -> str:
        """The id of the entry that first told of an execution, however often it was put right; "" where none did."""
        told = {str(each.facts["exec_id"]): each for each in self.entries if "exec_id" in each.facts}
        found = told.get(exec_id)
        while found is not None and "exec_ref_id" in found.facts:
            found = told.get(found.facts["exec_ref_id"])
        return "" if found is None else found.entry_id.hex()


def booked_report(service: Service, report: ExecutionReport, principal: str) -> Booked:
    """A report, booked durably when this returns.

    Raises:
        EdgeError: the log is read-only, the report is malformed, no such order is in the log, or it cannot be: more
            shares than the order has, it corrects a fill that does not stand, or its ExecID is that of another order.
    """
    service.require_writable()
    _require_words(report)
    with service.report_lock:
        with service.store.reader() as reader:  # what is long to read is read before the append
            service.executions.read_newer(reader)
        taken = service.writer.submit(partial(_booked, service, report, principal)).result()
    with service.store.reader() as reader:
        return Booked(taken, order_record(reader, report.order_id))


def _require_words(report: ExecutionReport) -> None:
    """Raises EdgeError for a report that nobody could book."""
    for name in ("exec_id", "exec_ref_id", "venue", "part_id", "text"):
        word = getattr(report, name)
        if len(word) > MAX_WORDS or not word.isprintable() or word != word.strip():
            message = f"{name} {word[:32]!a} cannot be shown in one line of {MAX_WORDS} characters; send what can"
            raise EdgeError(message, reason="invalid")
    is_trade = report.exec_type is ExecType.TRADE
    if report.exec_type not in TRADES or not report.exec_id or is_trade == bool(report.exec_ref_id):
        message = (
            f"report {report.exec_id!r} of type {report.exec_type.name} about {report.exec_ref_id!r} is none; name an "
            "ExecID, and the fill that a TRADE_CORRECT or TRADE_CANCEL is about"
        )
        raise EdgeError(message, reason="invalid")
    is_cancel = report.exec_type is ExecType.TRADE_CANCEL
    amounts = (Decimal(report.last_shares), report.last_price_usd, report.fee_usd)
    is_money = all(each.is_finite() and abs(each) <= _MOST for each in amounts)
    if not is_money or (any(amounts) if is_cancel else min(amounts[:2]) <= 0):
        said = f"{report.last_shares} at {report.last_price_usd}, fee {report.fee_usd}"
        message = f"report {report.exec_id!r} says {said}"
        raise EdgeError(f"{message}; say shares and price of a fill, and none of a cancel", reason="invalid")


def _booked(service: Service, report: ExecutionReport, principal: str, transaction: Transaction) -> Taken:
    with service.store.reader() as reader:
        order = _order(reader, transaction, report.order_id)
        _require_part(order, report)
        elsewhere = _elsewhere(service.executions, reader, order, report)
    said = Report(
        report.exec_id,
        report.exec_type,
        report.last_shares,
        report.last_price_usd,
        corrects=report.exec_ref_id or None,
    )
    try:
        life, taken = after_report(order.record.life, said)
    except DataError as error:
        raise EdgeError(str(error), reason="invalid") from error
    if taken is Taken.DUPLICATE:
        return taken
    if elsewhere:
        raise EdgeError(f"{elsewhere}; look it up in the journal, or ask the broker", reason="invalid")
    desk = service.desk(order.row.account_id, principal)
    before = desk.account(transaction)
    _require_unsplit(service.lake, before, order, report)
    state, kind, facts = _change(before, order, report)
    facts["account_digest"] = desk.save_account(transaction, state)
    known = {"session_on": state.session_on, "principal": principal, **_named(order, report)}
    at = desk.clock()
    transaction.append(Entry(kind, desk.store.origin, at, at, {**known, **facts}))
    is_last = life.status is OrdStatus.FILLED or before.orders.order(order.key) is not None
    if state.orders.order(order.key) is None and is_last and order.row.state is not OrderState.RECALLED:
        transaction.mark_order(report.order_id, OrderState.DONE)
    return taken


def _order(reader: LogReader, transaction: Transaction, order_id: str) -> _Order:
    row = transaction.order(order_id) if order_id.isprintable() else None
    if row is None:
        raise EdgeError(f"no order is called {order_id[:64]!r}; ask the broker whose it is", reason="not-found")
    entries = tuple(each.entry for each in reader.history(row.decision_id))
    if not entries or row.state is OrderState.PENDING:
        message = f"order {order_id} waits for the broker's acknowledgement to be recorded; report it again after that"
        raise EdgeError(message, reason="key-in-flight")
    if reader.order(order_id) != row:  # changed by other work of this append, whose entries no reader shows yet
        raise EdgeError(f"order {order_id} is being changed; report it again after that", reason="key-in-flight")
    return _Order(row, order_record(reader, order_id), entries)


def _require_part(order: _Order, report: ExecutionReport) -> None:
    """Raises EdgeError for a part that is none of the order's route, nor the one that works what an auction left."""
    n_parts = len(order.record.placed.answer.route) or 1
    known = [child_cl_ord_id(report.order_id, place) for place in range(n_parts + 1)]
    if report.part_id and report.part_id not in known:
        message = f"part {report.part_id!r} is none of order {report.order_id}, whose parts are {', '.join(known)}"
        raise EdgeError(f"{message}; name one of them, or none", reason="invalid")


def _named(order: _Order, report: ExecutionReport) -> dict[str, Any]:
    """What an entry says of the order that a report is about, when it traded, and why."""
    told = {} if report.transacted_at is None else {"transacted_at": report.transacted_at}
    return {
        "decision_id": order.row.decision_id,
        "account_id": order.row.account_id,
        "key": order.key,
        "symbol": order.symbol,
        "cl_ord_id": report.order_id,
        "reason": report.text or f"the broker reported a {report.exec_type.name.lower().replace('_', ' ')}",
        **told,
    }


def _elsewhere(known: KnownExecutions, reader: LogReader, order: _Order, report: ExecutionReport) -> str:
    """Where else what is reported was booked: the account has it already; "" where it was not."""
    if known.is_righted(reader, order.told_first(report.exec_ref_id)):
        return f"execution {report.exec_ref_id!r} was put right by hand"
    found = known.decision_of(reader, report.exec_id)
    if found in {None, order.row.decision_id}:
        return ""
    return f"execution {report.exec_id!r} is booked {'by hand' if found == BY_HAND else 'for another order'}"


def _require_unsplit(lake: Lake, state: AccountState, order: _Order, report: ExecutionReport) -> None:
    """Raises EdgeError where the share was split since: a broker counts what it reports in shares that are no more."""
    about = [each for each in order.entries if each.facts.get("exec_id") == report.exec_ref_id]
    told = [each.facts["session_on"] for each in about or order.entries if "session_on" in each.facts]
    until = state.session_on or max(told)
    for action in lake.actions:
        is_split = action.kind is ActionKind.SPLIT and action.symbol == order.symbol
        if is_split and max(told) < action.ex_on <= until:
            message = f"{order.symbol} was split on {action.ex_on}, after what report {report.exec_id!r} is about"
            raise EdgeError(f"{message}; book it by hand, in shares of today", reason="invalid")


def _change(
    state: AccountState, order: _Order, report: ExecutionReport
) -> tuple[AccountState, EntryKind, dict[str, Any]]:
    """The account after a report, and what its entry is and says."""
    new = Fill(order.key, order.sign * report.last_shares, report.last_price_usd, report.fee_usd)
    facts = {"exec_id": report.exec_id, **_money(new)}
    parts = {name: word for name, word in (("child_cl_ord_id", report.part_id), ("venue", report.venue)) if word}
    if report.exec_type is ExecType.TRADE:
        working = state.orders.order(order.key)
        is_waited_for = working is not None and abs(working.order_shares) >= report.last_shares
        after = after_fill(state, new) if is_waited_for else after_late_fill(state, order.symbol, new)
        return after, EntryKind.FILL, {**facts, **parts}
    about = next(each for each in standing_executions(order.entries) if each.facts["exec_id"] == report.exec_ref_id)
    before = about.facts
    fees_usd = sum((before.get(name, _ZERO) for name in EXECUTION_FACTS[2:]), _ZERO)
    after = after_bust(state, order.symbol, Fill(order.key, before["fill_shares"], before["fill_price_usd"], fees_usd))
    if new.fill_shares:
        after = after_late_fill(after, order.symbol, new)
    after = after_refitting(after, order.key, before["fill_shares"] - new.fill_shares)
    kept = {name: before[name] for name in ("child_cl_ord_id", "venue") if name in before}
    old = {f"{OLD}{name}": before[name] for name in EXECUTION_FACTS if name in before}
    named = {"exec_type": report.exec_type.value, "exec_ref_id": report.exec_ref_id}
    return after, EntryKind.CORRECTION, {**facts, **kept, **parts, **old, **named}


def _money(fill: Fill) -> Mapping[str, Any]:
    """What an entry says of a fill's money; a broker's fee counts as commission, since it does not say whose it is."""
    values = (fill.fill_shares, fill.fill_price_usd, fill.fee_usd, _ZERO, _ZERO)
    return dict(zip(EXECUTION_FACTS, values, strict=True))
