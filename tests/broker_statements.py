"""What a flawless broker would send about an account of a log, in three forms: made from the entries alone.

Nothing of the journal is used: fills, corporate actions and charges are read from the log, positions and cash are added
up here, so that a statement that agrees with the books says something about both.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from governance.entries import EntryKind, cl_ord_id
from governance.ports import LogStore

CSV_COLUMNS = (
    *("record", "date", "account", "symbol", "quantity", "price"),
    *("fee", "amount", "currency", "fx_rate", "reference", "order"),
)
_EXEC_ID_DIGITS = 24


@dataclass(frozen=True)
class Told:
    """One line: what a broker tells of one movement."""

    record: str
    on: date
    symbol: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    fee: Decimal | None = None
    amount: Decimal | None = None
    reference: str = ""
    order: str = ""


@dataclass(frozen=True)
class Brokers:
    """What the broker has of an account: its lines, and what it holds after them."""

    account_id: str
    lines: tuple[Told, ...]

    @property
    def positions(self) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            if line.record in {"trade", "split"}:
                sums[line.symbol] = sums.get(line.symbol, Decimal(0)) + (line.quantity or 0)
        return {symbol: quantity for symbol, quantity in sorted(sums.items()) if quantity}

    @property
    def cash_usd(self) -> Decimal:
        return sum((line.amount or Decimal(0) for line in self.lines), Decimal(0))

    def with_lines(self, lines: Iterable[Told]) -> Brokers:
        return replace(self, lines=tuple(lines))


def brokers_side(store: LogStore, account_id: str, opening_usd: str = "1000000") -> Brokers:
    """What the broker has of an account into which some cash was paid at its first plan, and which then traded."""
    lines: list[Told] = []
    with store.reader() as reader:
        for record in reader.records(0, reader.head().size):
            entry = record.entry
            if entry.facts.get("account_id") == account_id:
                if entry.kind is EntryKind.PLAN and not lines:
                    paid_on = entry.facts["session_on"]
                    lines.append(Told("transfer", paid_on, amount=Decimal(opening_usd), reference="wire"))
                lines += _lines(entry.kind, entry.facts, record.entry_id)
    return Brokers(account_id, tuple(lines))


def _lines(kind: EntryKind, facts: Any, entry_id: bytes) -> list[Told]:
    name = entry_id.hex()[:_EXEC_ID_DIGITS]
    if kind is EntryKind.FILL:
        shares, price = Decimal(facts["fill_shares"]), facts["fill_price_usd"]
        fees = (facts.get(part, Decimal(0)) for part in ("commission_usd", "sell_fee_usd", "venue_fee_usd"))
        fee = sum(fees, Decimal(0))
        order = cl_ord_id(facts["account_id"], facts["key"])
        named = facts.get("exec_id") or name
        amount = -shares * price - fee
        return [Told("trade", facts["session_on"], facts["symbol"], shares, price, fee, amount, named, order)]
    if kind is EntryKind.CORPORATE_ACTION:
        return _action_lines(facts, name)
    if kind is EntryKind.CHARGE:
        return [Told("borrow", facts["session_on"], facts["symbol"], amount=-facts["fee_usd"], reference=name)]
    return []


def _action_lines(facts: Any, name: str) -> list[Told]:
    on, symbol, cash = facts["session_on"], facts["symbol"], facts["cash_change_usd"]
    more = Decimal(facts["new_position_shares"] - facts["position_shares"])
    shares = [Told("split", on, symbol, more, reference=name)] if more else []
    return shares + ([Told("dividend", on, symbol, amount=cash, reference=f"{name}-cash")] if cash else [])


def csv_statement(brokers: Brokers, *, with_ends: bool = True) -> bytes:
    """The CSV that the mapping statement-csv reads."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for line in brokers.lines:
        writer.writerow(_csv_row(brokers, line))
    ends: list[dict[str, Any]] = [
        {"record": "position", "symbol": symbol, "quantity": f"{quantity:f}"}
        for symbol, quantity in brokers.positions.items()
    ]
    ends.append({"record": "balance", "amount": f"{brokers.cash_usd:f}", "currency": "USD"})
    writer.writerows({**end, "account": brokers.account_id} for end in ends if with_ends)
    return text.getvalue().encode()


def _csv_row(brokers: Brokers, line: Told) -> dict[str, Any]:
    numbers = {name: getattr(line, name) for name in ("quantity", "price", "fee", "amount")}
    return {
        "record": line.record,
        "date": str(line.on),
        "account": brokers.account_id,
        "symbol": line.symbol,
        "currency": "USD",
        "reference": line.reference,
        "order": line.order,
        **{name: "" if value is None else f"{value:f}" for name, value in numbers.items()},
    }


def alpaca_statement(brokers: Brokers) -> bytes:
    """The JSON of Alpaca's account activities: fees of a day as one activity, cash to the cent, ids of its own."""
    found = [_activity(number, line) for number, line in enumerate(brokers.lines)]
    fees: dict[date, Decimal] = {}
    for line in brokers.lines:
        fees[line.on] = fees.get(line.on, Decimal(0)) + (line.fee or 0)
    found += [
        {"id": f"fee::{on}", "activity_type": "FEE", "date": str(on), "net_amount": f"{-fee:.2f}"}
        for on, fee in fees.items()
        if fee
    ]
    return json.dumps(found).encode()


def _activity(number: int, line: Told) -> dict[str, str]:
    named = {"id": f"2005::{number}", "symbol": line.symbol}
    if line.record == "trade":
        quantity = line.quantity or Decimal(0)
        at = f"{line.on + timedelta(days=1)}T01:00:00.123Z"
        side = "buy" if quantity > 0 else "sell"
        numbers = {"qty": f"{abs(quantity):f}", "price": f"{line.price:f}"}
        return {**named, **numbers, "activity_type": "FILL", "side": side, "transaction_time": at, "order_id": "uuid"}
    if line.record == "split":
        return {**named, "activity_type": "SPLIT", "date": str(line.on), "qty": f"{line.quantity:f}"}
    kind = {"dividend": "DIV", "borrow": "INT", "transfer": "CSD"}[line.record]
    return {**named, "activity_type": kind, "date": str(line.on), "net_amount": f"{line.amount:f}"}


def fix_message(fields: Sequence[tuple[str, str]], end: str = "\x01") -> str:
    """A FIX message with its body length and check sum."""
    body = "".join(f"{tag}={value}\x01" for tag, value in fields)
    head = f"8=FIX.4.4\x019={len(body.encode())}\x01"
    total = sum((head + body).encode()) % 256
    return f"{head}{body}10={total:03d}\x01".replace("\x01", end)


def drop_copy(brokers: Brokers, end: str = "\x01") -> bytes:
    """The execution reports of a drop copy, after a logon, each trade after the acknowledgement of its order."""
    messages = [fix_message([("35", "A"), ("49", "BRK"), ("56", "US"), ("34", "1")], end)]
    trades = [line for line in brokers.lines if line.record == "trade"]
    for number, line in enumerate(trades, start=2):
        messages.append(fix_message([("35", "8"), *_session(2 * number), ("150", "0"), ("11", line.order)], end))
        messages.append(fix_message(execution(line, 2 * number + 1), end))
    return "\n".join(f"20050103-14:30:00.000 {message}" for message in messages).encode()


def _session(number: int) -> list[tuple[str, str]]:
    return [("49", "BRK"), ("56", "US"), ("34", str(number))]


def execution(line: Told, number: int, exec_type: str = "F") -> list[tuple[str, str]]:
    """The fields of an execution report about a trade."""
    quantity = line.quantity or Decimal(0)
    return [
        ("35", "8"),
        *_session(number),
        ("150", exec_type),
        ("17", line.reference),
        ("11", line.order),
        ("55", line.symbol),
        ("54", "1" if quantity > 0 else "2"),
        ("32", f"{abs(quantity):f}"),
        ("31", f"{line.price:f}"),
        ("12", f"{line.fee:f}"),
        ("15", "USD"),
        ("75", line.on.strftime("%Y%m%d")),
    ]
