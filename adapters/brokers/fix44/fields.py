"""FIX 4.4 between its bytes and our words: tags and values of what is sent, and what an execution report says.

Source: FIX 4.4 with errata 20030618, volume 4: NewOrderSingle (D), OrderCancelRequest (F), OrderCancelReplaceRequest
(G), OrderStatusRequest (H), ExecutionReport (8), OrderCancelReject (9), BusinessMessageReject (j), Reject (3).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from adapters.brokers.standing import Standing
from adapters.brokers.wanted import WantedOrder
from nodes.vocabulary.executions import ExecType, ExecutionReport, OrdStatus

Fields = Mapping[int, str]
SOH = "\x01"
MSG_TYPE, CL_ORD_ID, ORIG_CL_ORD_ID, ORDER_ID, EXEC_ID = 35, 11, 41, 37, 17
EXEC_TYPE, ORD_STATUS, SYMBOL, SIDE, TEXT, REF_SEQ_NUM = 150, 39, 55, 54, 58, 45
CUM_QTY, LEAVES_QTY, LAST_QTY, LAST_PX, EXEC_REF_ID, LAST_MKT = 14, 151, 32, 31, 19, 30
REF_MSG_TYPE = 372
TRANSACT_TIME, COMMISSION, COMM_TYPE, ORD_REJ_REASON, CXL_REJ_TO = 60, 12, 13, 103, 434
ORDER_QTY, ORD_TYPE, PRICE, TIME_IN_FORCE, EXPIRE_TIME, HANDL_INST, ACCOUNT = 38, 40, 44, 59, 126, 21, 1
STOP_PX, EXEC_INST = 99, 18
NEW_ORDER, CANCEL, REPLACE, STATUS = "D", "F", "G", "H"
EXECUTION_REPORT, CANCEL_REJECT, BUSINESS_REJECT, REJECT = "8", "9", "j", "3"
ORDER_STATUS_ANSWER = "I"
"""ExecType (150) of the answer to an OrderStatusRequest."""
_UNKNOWN_ORDER, _DUPLICATE_ORDER = "5", "6"
_NONE = frozenset({"NONE", "UNKNOWN", "0", ""})
_ABSOLUTE = "3"
_SUFFIX = "-C"
_TRADES = {each.value: each for each in (ExecType.TRADE, ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL)}
_STATUSES = {each.value: each for each in OrdStatus}
_UNTOLD_SYMBOL, _UNDISCLOSED = "[N/A]", "7"


def fields(raw: str) -> dict[int, str]:
    """The fields of a message; none of those read here repeats."""
    found: dict[int, str] = {}
    for part in raw.split(SOH):
        tag, _, value = part.partition("=")
        if tag.isdigit():
            found.setdefault(int(tag), value)
    return found


def utc_text(at: datetime) -> str:
    """UTCTimestamp with milliseconds."""
    return at.astimezone(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def new_order(order: WantedOrder, at: datetime, account: str | None) -> dict[int, str]:
    """What a NewOrderSingle says."""
    asked, kind, more = order.asked, "2", {}
    if order.expires_at is not None:
        more[EXPIRE_TIME] = utc_text(order.expires_at)
    if asked.stop_price_usd is not None:
        kind, more[STOP_PX] = "4", str(asked.stop_price_usd)
    if asked.is_pegged:
        kind, more[EXEC_INST] = "P", "M"
    if asked.is_post_only:
        more[EXEC_INST] = "6"
    return {
        **({ACCOUNT: account} if account else {}),
        CL_ORD_ID: order.cl_ord_id,
        HANDL_INST: "1",
        SYMBOL: order.symbol,
        SIDE: order.side.value,
        TRANSACT_TIME: utc_text(at),
        ORDER_QTY: str(order.shares),
        ORD_TYPE: kind,
        PRICE: str(order.limit_price_usd),
        TIME_IN_FORCE: order.time_in_force.value,
        **more,
    }


def replacement(old: Standing, order: WantedOrder, at: datetime, account: str | None) -> dict[int, str]:
    """What an OrderCancelReplaceRequest says: the new order in the place of the old one."""
    known = {ORDER_ID: old.broker_id} if old.broker_id else {}
    return {**new_order(order, at, account), ORIG_CL_ORD_ID: old.cl_ord_id, **known}


def status_request(cl_ord_id: str, symbol: str, side: str) -> dict[int, str]:
    """What an OrderStatusRequest says, as far as it is known here."""
    return {CL_ORD_ID: cl_ord_id, SYMBOL: symbol or _UNTOLD_SYMBOL, SIDE: side or _UNDISCLOSED}


def cancel_request(standing: Standing, n_asked: int, about: Mapping[int, str], at: datetime) -> dict[int, str]:
    """What an OrderCancelRequest says. Its own ClOrdID is the order's with a number, so that it leads back to it."""
    known = {ORDER_ID: standing.broker_id} if standing.broker_id else {}
    return {
        ORIG_CL_ORD_ID: standing.cl_ord_id,
        CL_ORD_ID: f"{standing.cl_ord_id}{_SUFFIX}{n_asked}",
        SYMBOL: about.get(SYMBOL, _UNTOLD_SYMBOL),
        SIDE: about.get(SIDE, _UNDISCLOSED),
        TRANSACT_TIME: utc_text(at),
        **known,
    }


def concerned(said: Fields) -> str:
    """ClOrdID of the order that a message is about: of a cancel request's own name, the order that it names."""
    return said.get(CL_ORD_ID, "").partition(_SUFFIX)[0]


def is_unknown(said: Fields) -> bool:
    """Whether an answer to a status request says that there is no such order."""
    is_refused = said.get(EXEC_TYPE) == ORDER_STATUS_ANSWER and said.get(ORD_STATUS) == OrdStatus.REJECTED.value
    return is_refused and (said.get(ORD_REJ_REASON) == _UNKNOWN_ORDER or said.get(ORDER_ID, "") in _NONE)


def is_duplicate(said: Fields) -> bool:
    """Whether an order is refused since the peer has one of its ClOrdID: that says nothing of how that one stands."""
    return said.get(EXEC_TYPE) == OrdStatus.REJECTED.value and said.get(ORD_REJ_REASON) == _DUPLICATE_ORDER


def is_answer(said: Fields, kind: str, number: int) -> bool:
    """Whether a message answers ours of a type and MsgSeqNum, as far as it says which one it is about.

    A status request is answered by a status alone. That a replacement is pending is no answer to it.
    """
    said_type, exec_type = said.get(MSG_TYPE), said.get(EXEC_TYPE)
    if said_type == EXECUTION_REPORT:
        is_pending = kind == REPLACE and exec_type == OrdStatus.PENDING_REPLACE.value
        return (exec_type == ORDER_STATUS_ANSWER) == (kind == STATUS) and not is_pending
    if said_type == CANCEL_REJECT:
        return kind == REPLACE
    return said.get(REF_MSG_TYPE, kind) == kind and said.get(REF_SEQ_NUM, str(number)) == str(number)


def standing(said: Fields, carried: int) -> Standing:
    """How an execution report says that its order stands; `carried` shares were those of the one that it replaced.

    A status that FIX 4.4 has and we do not, such as stopped or suspended, is one of an open order.
    """
    status = _STATUSES.get(said.get(ORD_STATUS, ""), OrdStatus.NEW)
    cum = max(_whole(said, CUM_QTY) - carried, 0)
    left = _whole(said, LEAVES_QTY)
    found = Standing(concerned(said), status, cum, left, said.get(TEXT, ""), said.get(ORDER_ID, ""))
    return found if found.is_open else Standing(found.cl_ord_id, status, cum, 0, found.text, found.broker_id)


def execution(said: Fields) -> ExecutionReport | None:
    """The trade, correction or bust that an execution report tells; None of any other."""
    kind = _TRADES.get(said.get(EXEC_TYPE, ""))
    if kind is None:
        return None
    is_bust = kind is ExecType.TRADE_CANCEL
    fee = _amount(said, COMMISSION) if said.get(COMM_TYPE) == _ABSOLUTE and not is_bust else Decimal(0)
    return ExecutionReport(
        order_id=concerned(said),
        exec_id=said.get(EXEC_ID, ""),
        exec_type=kind,
        last_shares=0 if is_bust else _whole(said, LAST_QTY),
        last_price_usd=Decimal(0) if is_bust else _amount(said, LAST_PX),
        fee_usd=fee,
        exec_ref_id="" if kind is ExecType.TRADE else said.get(EXEC_REF_ID, ""),
        venue=said.get(LAST_MKT, ""),
        transacted_at=_instant(said.get(TRANSACT_TIME, "")),
    )


def _amount(said: Fields, tag: int) -> Decimal:
    """A number; 0 where none is said, which nobody can book."""
    try:
        return Decimal(said.get(tag, "0"))
    except InvalidOperation:
        return Decimal(0)


def _whole(said: Fields, tag: int) -> int:
    found = _amount(said, tag)
    return int(found) if found.is_finite() and found == int(found) else 0


def _instant(text: str) -> datetime | None:
    for form in ("%Y%m%d-%H:%M:%S.%f", "%Y%m%d-%H:%M:%S"):
        try:
            return datetime.strptime(text[:24], form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
