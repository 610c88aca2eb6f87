"""Verification of bodies and working state: what entries need and nothing else, sealed, and of one mind with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

from governance.entries import cl_ord_id
from governance.findings import Notebook, Progress, bytes_or_none, shown
from governance.ports import LogReader
from governance.rows import Sealed, account_digest, seal
from governance.said import contradiction
from governance.verify_entries import Decided, Learned
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.errors import AssayError, DataError, LogError

_RESTORE = "restore it from a copy"
_PAGE = 256


def check_bodies(
    reader: LogReader, seen: Learned, notes: Notebook, progress: Progress, dropped: frozenset[bytes] = frozenset()
) -> None:
    """Check that every stored body is what its ref says, that entries need it, and that none is missing."""
    missing = dict(seen.bodies)
    for n_bodies, (ref, stored) in enumerate(_bodies(reader, seen, notes), 1):
        place = f"body {shown(ref)}"
        if hashlib.sha256(bytes_or_none(stored) or b"").digest() != ref:
            notes.find(place, "its stored bytes do not hash to its ref", _RESTORE)
        if missing.pop(ref, None) is None:
            notes.find(place, "no entry names it", "remove the added row")
        notes.count("bodies")
        if n_bodies % _PAGE == 0:
            progress("bodies", n_bodies, len(seen.bodies))
    for ref, sequence in missing.items():
        if ref in dropped:
            continue
        notes.find(f"body {ref.hex()}", f"is missing or cannot be read, entry {sequence} needs it", _RESTORE)
    progress("bodies", len(seen.bodies), len(seen.bodies))


def check_state(reader: LogReader, seen: Learned, notes: Notebook) -> None:
    """Check seals, and that activations, accounts, answers and orders are those that the entries say, none missing."""
    missing, n_parts = _expected(seen), 0
    for row in reader.sealed_rows():
        place = f"{row.table} {row.columns[0]!r}"
        notes.count("state rows")
        if seal(row.table, row.columns) != row.seal:
            notes.find(place, "its columns do not fit its seal", _RESTORE)
        missing.pop(_key(row), None)
        if row.table == "accounts":
            n_parts += _n_account_parts(reader, row, seen, notes)
        elif row.table in _CHECKS:
            _CHECKS[row.table](row, seen, notes)
    for (table, *key), why in missing.items():
        notes.find(f"{table} {', '.join(map(repr, key))}", f"is missing, {why}", _RESTORE)
    if reader.n_account_parts() != n_parts:
        what = f"holds {reader.n_account_parts()} parts of accounts, their rows ask for {n_parts}"
        notes.find("account_parts", what, "remove the added rows")
    stored = {activation.strategy: activation for activation in reader.activations()}
    for strategy in sorted(stored.keys() | seen.activations.keys(), key=str):
        found, expected = stored.get(strategy), seen.activations.get(strategy)
        if found != expected:
            notes.find(f"activations {strategy!r}", f"is {found}, the entries say {expected}", _RESTORE)


def _expected(seen: Learned) -> dict[tuple[object, ...], str]:
    """Table and key of every row of working state that the entries ask for, and why."""
    expected: dict[tuple[object, ...], str] = {
        ("accounts", account_id): "entries name it" for account_id in seen.account_digests
    }
    for key, decided in seen.answered.items():
        expected["answers", *key] = f"decision {decided.decision_id.hex()} was made under it"
    for order_id, (_, decided) in seen.sent.items():
        expected["outbox", order_id] = f"decision {decided.decision_id.hex()} let it out"
    return expected


def _key(row: Sealed) -> tuple[object, ...]:
    """Its table and its primary key: an answer has two columns of it, all others one."""
    return (row.table, *row.columns[: 2 if row.table == "answers" else 1])


def _n_account_parts(reader: LogReader, row: Sealed, seen: Learned, notes: Notebook) -> int:
    """How many rows of parts an account asks for; its state is checked with them."""
    account_id, _, n_parts, _ = row.columns
    place, expected = f"accounts {account_id!r}", seen.account_digests.get(str(account_id))
    try:
        account = reader.account(str(account_id))
    except LogError as error:
        notes.find(place, str(error), _RESTORE)
    else:
        content = None if account is None else bytes_or_none(account.content)
        if expected is not None and account_digest(content or b"") != expected:
            what = f"its state is not {shown(expected)}, which the newest entry about it gives"
            notes.find(place, f"{what}: it was changed or taken back", _RESTORE)
    return n_parts if isinstance(n_parts, int) else 0


def _check_answer(row: Sealed, seen: Learned, notes: Notebook) -> None:
    account_id, key, request_digest, decision_id, body = row.columns
    place = f"answers {account_id!r}, {key!r}"
    decided = seen.answered.get((str(account_id), str(key)))
    if decided is None or decided.decision_id != decision_id:
        what = f"names decision {shown(decision_id)}, which no entry says was made under this key"
        notes.find(place, what, _RESTORE)
        return
    if decided.request_digest not in (None, request_digest):
        what = f"request_digest is {shown(request_digest)}, the entry says {shown(decided.request_digest)}"
        notes.find(place, what, _RESTORE)
    _check_said(place, contradiction(bytes_or_none(body), decided.answer), decided, notes)


def _check_order(row: Sealed, seen: Learned, notes: Notebook) -> None:
    order_id, account_id, decision_id, order_shares, order, state = row.columns
    place = f"outbox {order_id!r}"
    known_account, decided = seen.sent.get(str(order_id), ("", None))
    if decided is None or (known_account, decided.decision_id) != (account_id, decision_id):
        what = f"is of account {account_id!r} and decision {shown(decision_id)}, which no entry says let it out"
        notes.find(place, what, _RESTORE)
        return
    why = contradiction(bytes_or_none(order), decided.order, order_shares=order_shares)
    _check_said(place, why or _foreign_key(str(account_id), str(order_id), bytes_or_none(order)), decided, notes)
    open_states = seen.orders.states.get(decided.decision_id, frozenset())
    if state not in open_states:
        what = f"is {state!r}, its entries leave it {' or '.join(sorted(open_states))}"
        notes.find(place, f"{what}, decision {decided.decision_id.hex()}: it was changed", _RESTORE)


def _foreign_key(account_id: str, order_id: str, order: bytes | None) -> str | None:
    """Why the bytes of an order name a key that is not its own: a cancel would take out the order of that key."""
    try:
        content = decode(order or b"")
    except DataError:
        return None
    key = content.get("order_key") if isinstance(content, Mapping) else None
    if not isinstance(key, str) or cl_ord_id(account_id, key) == order_id:
        return None
    return f"it names key {key!r}, which is that of another order"


def _check_said(place: str, why: str | None, decided: Decided, notes: Notebook) -> None:
    if why is not None:
        notes.find(place, f"{why}, decision {decided.decision_id.hex()}: it was changed", _RESTORE)


_CHECKS: Mapping[str, Callable[[Sealed, Learned, Notebook], None]] = {
    "answers": _check_answer,
    "outbox": _check_order,
}


def _bodies(reader: LogReader, seen: Learned, notes: Notebook) -> Iterator[tuple[bytes, bytes]]:
    """Every body in pages; one by one by what entries need once a page cannot be read."""
    last = b""
    try:
        while page := reader.stored_bodies(last, _PAGE):
            yield from page
            last = page[-1][0]
    except AssayError as error:
        notes.find(f"bodies after {last.hex()}", str(error), _RESTORE)
        for ref in sorted(ref for ref in seen.bodies if ref > last):
            stored = _stored(reader, ref)
            if stored is not None:
                yield ref, stored


def _stored(reader: LogReader, ref: bytes) -> bytes | None:
    try:
        return reader.stored_body(ref)
    except LogError:
        return None
