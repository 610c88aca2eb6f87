"""How long a statement takes to reconcile: `python -m tests.benchmarks.reconciliation [LINES]`.

Made-up fills of a few symbols over two weeks, a fee in each, a planted break in each hundredth; read as CSV, matched
with references and without. Processor time of this process.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from adapters.statements.reading import Asked, read_statement
from nodes.journal.reconciliation.comparison import reconciliation
from nodes.vocabulary.statements import Form, Movement, MovementKind, Reconciliation, Statement, Terms
from policies.statements import shipped_mapping
from tests.broker_statements import Brokers, Told, csv_statement

N_LINES = 100_000
SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
SINCE = date(2013, 1, 7)
_SEED = 20261123


def books(n_lines: int) -> Statement:
    """Fills, the same for the same number."""
    chance = random.Random(_SEED)  # no secret
    movements = tuple(_fill(chance, number) for number in range(n_lines))
    return Statement("demo", SINCE, SINCE + timedelta(days=13), movements)


def _fill(chance: random.Random, number: int) -> Movement:
    quantity = Decimal(chance.choice([-1, 1]) * chance.randrange(1, 2_000))
    price, fee = Decimal(chance.randrange(1_000, 90_000)) / 100, Decimal(chance.randrange(0, 500)) / 100
    on = SINCE + timedelta(days=chance.randrange(12))
    amount = -quantity * price - fee
    symbol = chance.choice(SYMBOLS)
    return Movement(
        MovementKind.TRADE, on, symbol, quantity, price, fee, amount, reference=f"e{number}", place=f"entry {number}"
    )


def with_breaks(told: Statement) -> Statement:
    """The statement of a broker whose every hundredth fee is a cent too much."""
    lines = tuple(_dearer(each) if number % 100 == 0 else each for number, each in enumerate(told.movements))
    return replace(told, movements=lines)


def _dearer(movement: Movement) -> Movement:
    cent = Decimal("0.01")
    fee = cent if movement.fee is None else movement.fee + cent
    dearer = replace(movement, fee=fee, amount=None)
    return replace(dearer, amount=dearer.cash)


def _timed(work: Callable[[], Reconciliation | Statement]) -> tuple[float, Reconciliation | Statement]:
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


def main(n_lines: int = N_LINES) -> None:
    """Print the table."""
    booked = books(n_lines)
    stated = with_breaks(booked)
    lines = tuple(
        Told("trade", each.on, each.symbol, each.quantity, each.price, each.fee, each.amount, each.reference)
        for each in stated.movements
    )
    file, mapping = csv_statement(Brokers("demo", lines)), shipped_mapping("statement-csv").mapping
    known = frozenset(SYMBOLS)
    shared = Terms(Form(shares_references=True), known_symbols=known)
    bare = replace(stated, movements=tuple(replace(each, reference="") for each in stated.movements))
    cases: list[tuple[str, Callable[[], Reconciliation | Statement]]] = [
        ("read from CSV", lambda: read_statement(file, mapping, Asked("demo"))),
        ("match by ExecID", lambda: reconciliation(stated, booked, shared)),
        ("match by content", lambda: reconciliation(bare, booked, Terms(known_symbols=known))),
    ]
    table = Table(title=f"{n_lines:,} lines")
    for name in ("what", "processor s", "lines/s", "breaks"):
        table.add_column(name)
    for what, work in cases:
        seconds, found = _timed(work)
        n_breaks = str(len(found.breaks)) if isinstance(found, Reconciliation) else ""
        table.add_row(what, f"{seconds:.2f}", f"{n_lines / seconds:,.0f}", n_breaks)
    Console().print(table)


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:2]))
