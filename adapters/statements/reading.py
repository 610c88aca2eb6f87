"""Statements from files: the records of a file, understood by a mapping.

Every record is either understood or a fault with its place: a word that no row of the mapping knows, a number that is
none, a part that is not there. Busts and corrections of a drop copy are applied to the trades that they name, so that
the statement says what is true at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapters.statements.records import FileRecord, file_records
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.statements import ZERO, Movement, MovementKind, Statement
from policies.statements import BALANCE, BUST, CORRECT, LEFT_OUT, NEEDED, POSITION, Row, StatementMapping

_NUMBER = re.compile(r"[+-]?(\d{1,18}|\d{1,3}(,\d{3}){1,5})(\.\d{1,18})?|[+-]?\.\d{1,18}", re.ASCII)
_TEXT_LENGTH = 128
_INSTANT_LENGTH = 11
_CURRENCY = re.compile("[A-Z]{3}")
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom and when a statement is read.

    Attributes:
        account_id: whose; records of other accounts are left out.
        since: first day; None for that of the first movement.
        until: last day; None for that of the last movement.
    """

    account_id: str
    since: date | None = None
    until: date | None = None


@dataclass(slots=True)
class _Read:
    """What was read so far."""

    movements: list[Movement] = field(default_factory=list)
    positions: dict[str, Decimal] | None = None
    balances: dict[str, Decimal] | None = None
    firsts: dict[str, str] = field(default_factory=dict)
    """By the reference of a correction, that of the trade which it puts right."""


def read_statement(data: bytes, mapping: StatementMapping, asked: Asked) -> Statement:
    """The statement that a file holds. Raises DataError with the place of what cannot be understood."""
    read = _Read()
    for record in file_records(data, mapping):
        row = _row(record, mapping)
        parts = _Parts(record, row, mapping)
        if row.kind != LEFT_OUT and _account(parts, mapping, asked) == asked.account_id:
            _take(parts, read)
    days = [each.on for each in read.movements]
    since, until = asked.since or min(days, default=asked.until), asked.until or max(days, default=asked.since)
    if since is None or until is None:
        message = "statement tells no movement and so no days; say which days it covers (since, until)"
        raise DataError(message)
    if not _FIRST_DAY <= since <= until <= _LAST_DAY:
        message = f"statement covers {since} to {until}, expected days of {_FIRST_DAY} to {_LAST_DAY} in their order"
        raise DataError(f"{message}; correct the file or the days (since, until)")
    return Statement(
        account_id=asked.account_id,
        since=since,
        until=until,
        movements=tuple(read.movements),
        positions=_sorted(read.positions),
        balances=_sorted(read.balances),
    )


def _sorted(amounts: Mapping[str, Decimal] | None) -> tuple[tuple[str, Decimal], ...] | None:
    return None if amounts is None else tuple(sorted((name, amount) for name, amount in amounts.items() if amount))


def _row(record: FileRecord, mapping: StatementMapping) -> Row:
    """The row that knows a record."""
    for row in mapping.rows:
        if all(record.fields.get(name, ("",))[0] in words for name, words in row.when.items()):
            return row
    asked = sorted({name for row in mapping.rows for name in row.when})
    told = ", ".join(f"{name} {record.fields.get(name, ('',))[0][:_TEXT_LENGTH]!r}" for name in asked)
    message = f"{record.place} of the statement, {told}, is known to no row of {mapping.family} v{mapping.version}"
    raise DataError(f"{message}; add one")


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of one record, by the names of the mapping."""

    record: FileRecord
    row: Row
    mapping: StatementMapping

    def texts(self, name: str) -> tuple[str, ...]:
        """What stands in the fields of a part; () where nothing does."""
        fields = self.row.fields.get(name) or self.mapping.fields.get(name) or ()
        found = tuple(text for each in fields for text in self.record.fields.get(each, ()))
        if not found and name in NEEDED[self.row.kind] and name != "currency":
            named = " or ".join(repr(each) for each in fields)
            message = f"{self.record.place} of the statement, a {self.row.kind}, has no {name} in field {named}"
            raise DataError(f"{message}; correct the file or the mapping")
        return found

    def text(self, name: str) -> str:
        """The first of them."""
        found = next(iter(self.texts(name)), "")
        if len(found) > _TEXT_LENGTH or not found.isprintable():
            message = f"{self.record.place} of the statement has {name} {found[:_TEXT_LENGTH]!r}; correct the file"
            raise DataError(message)
        return found

    def number(self, name: str) -> Decimal | None:
        """Their sum, with its sign; None where nothing stands there."""
        texts = self.texts(name)
        if not texts:
            return None
        total = sum((self._number(name, text) for text in texts), ZERO)
        if self.row.signs is not None and name in self.row.signs.turned:
            total = self._signed(total)
        return -total if name in self.row.negated else total

    def _number(self, name: str, text: str) -> Decimal:
        bare = text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text
        if not _NUMBER.fullmatch(bare):
            message = f"{self.record.place} of the statement has {name} {text[:_TEXT_LENGTH]!r}, expected a number"
            raise DataError(f"{message}; correct the file or the mapping")
        number = Decimal(bare.replace(",", ""))
        return number if bare is text else -number

    def _signed(self, number: Decimal) -> Decimal:
        signs = self.row.signs
        word = next(iter(self.record.fields.get(signs.field, ())), "") if signs else ""
        if signs is None or word not in (*signs.plus, *signs.minus):
            named = "" if signs is None else signs.field
            message = f"{self.record.place} of the statement has {named} {word[:_TEXT_LENGTH]!r}, which has no sign"
            raise DataError(f"{message}; add it to `signs` of the mapping")
        return abs(number) if word in signs.plus else -abs(number)

    def currency(self) -> str:
        """The currency of the record; that of the mapping where it names none."""
        found = self.text("currency") or self.mapping.currency
        if not _CURRENCY.fullmatch(found):
            message = f"{self.record.place} of the statement has currency {found!r}, expected three capital letters"
            raise DataError(f"{message}; correct the file or the mapping")
        return found

    def day(self) -> date:
        """The day of the record; that of an instant begins at midnight of the mapping's zone."""
        text = self.text("on")
        try:
            if len(text) >= _INSTANT_LENGTH and "T" in text:
                at = datetime.fromisoformat(text)
                return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(self.mapping.zone)).date()
            return datetime.strptime(text, self.mapping.day_format).replace(tzinfo=UTC).date()
        except (ValueError, OverflowError) as error:
            form = self.mapping.day_format
            message = f"{self.record.place} of the statement has day {text!r}, expected the form {form}"
            raise DataError(f"{message}; correct the file or the mapping") from error


def _account(parts: _Parts, mapping: StatementMapping, asked: Asked) -> str:
    """Whose a record is: where it names none, the account's that was asked for."""
    named = parts.text("account")
    return mapping.accounts.get(named, named) or asked.account_id


def _take(parts: _Parts, read: _Read) -> None:
    symbol = parts.text("symbol")
    symbol = parts.mapping.symbols.get(symbol, symbol)
    if parts.row.kind == POSITION:
        read.positions = _with(read.positions, symbol, parts.number("quantity"))
    elif parts.row.kind == BALANCE:
        read.balances = _with(read.balances, parts.currency(), parts.number("amount"))
    elif parts.row.kind == BUST:
        named = _named(parts, read)
        read.movements = [each for each in read.movements if each.reference != named]
    elif parts.row.kind == CORRECT:
        named = _named(parts, read)
        right = _movement(parts, MovementKind.TRADE, symbol)
        read.firsts[right.reference] = named
        read.movements = _corrected(read.movements, named, right)
    else:
        read.movements.append(_movement(parts, MovementKind(parts.row.kind), symbol))


def _with(amounts: dict[str, Decimal] | None, name: str, amount: Decimal | None) -> dict[str, Decimal]:
    found = amounts or {}
    return {**found, name: found.get(name, ZERO) + (amount or ZERO)}


def _named(parts: _Parts, read: _Read) -> str:
    """The reference of the trade that a record is about, which may name the last correction of it."""
    told = parts.text("corrects")
    named = told if any(each.reference == told for each in read.movements) else read.firsts.get(told, told)
    if all(each.reference != named for each in read.movements):
        message = f"{parts.record.place} of the statement takes back {told!r}, which no earlier record has"
        raise DataError(f"{message}; read the files from the first of the day")
    return named


def _corrected(movements: Iterable[Movement], named: str, right: Movement) -> list[Movement]:
    """The movements with one put right in its place; its reference stays, since the books know it by that."""
    return [replace(right, reference=each.reference) if each.reference == named else each for each in movements]


def _movement(parts: _Parts, kind: MovementKind, symbol: str) -> Movement:
    return Movement(
        kind=kind,
        on=parts.day(),
        symbol=symbol,
        quantity=parts.number("quantity"),
        price=parts.number("price"),
        fee=parts.number("fee"),
        amount=parts.number("amount"),
        currency=parts.currency(),
        fx_rate=parts.number("fx_rate"),
        reference=parts.text("reference"),
        order=parts.text("order"),
        place=parts.record.place,
    )
