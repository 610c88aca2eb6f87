"""The journal at a million entries: `python -m tests.benchmarks.journal [ENTRIES]`.

A real log of fills, four accounts and eight symbols over ten years, is appended, projected and read. Catching up is
processor time of this process, since the machine may have other work; reads are the least and the median of wall time
over repeats, with the log at rest, as a client meets them.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from api.use_cases.journal import Journal, journal
from governance.entries import Entry, EntryKind
from nodes.vocabulary.journal import LotMethod

N_ENTRIES = 1_000_000
SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT", "XOM", "GE", "KO")
ACCOUNTS = ("one", "two", "three", "four")
START = datetime(2005, 1, 3, 14, 30, tzinfo=UTC)
_SPAN = timedelta(days=3650)
_SEED = 20261123
_AT_ONCE = 5_000
_NONE = Decimal(0)


class Read(NamedTuple):
    """How long one kind of read took.

    Attributes:
        what: in words.
        least_ms: the fastest of the repeats.
        median_ms: their median.
    """

    what: str
    least_ms: float
    median_ms: float


def fills(n_entries: int) -> Iterator[Entry]:
    """Fills in the order of time, the same for the same number."""
    chance = random.Random(_SEED)  # no secret
    held = {(account_id, symbol): 0 for account_id in ACCOUNTS for symbol in SYMBOLS}
    for number in range(n_entries):
        at = START + _SPAN * (number / n_entries)
        at = at.replace(microsecond=0)
        place = chance.choice(ACCOUNTS), chance.choice(SYMBOLS)
        size = chance.randint(1, 500)
        shares = -size if held[place] > 20_000 or (held[place] > -20_000 and chance.random() < 0.5) else size
        held[place] += shares
        yield fill(number, at, place, shares, Decimal(chance.randint(1000, 60_000)) / 100)


def fill(number: int, at: datetime, place: tuple[str, str], shares: int, price: Decimal) -> Entry:
    """One fill."""
    facts = {
        "account_id": place[0],
        "session_on": at.date(),
        "decision_id": number.to_bytes(32, "big"),
        "symbol": place[1],
        "exec_id": f"x-{number}",
        "fill_shares": shares,
        "fill_price_usd": price,
        "commission_usd": Decimal("0.35"),
        "sell_fee_usd": _NONE,
        "venue_fee_usd": Decimal("-0.02"),
    }
    return Entry(EntryKind.FILL, "paper", at, at, facts)


def appended(store: SqlLog, n_entries: int) -> None:
    """Append the fills, thousands a transaction."""
    source = fills(n_entries)
    for start in range(0, n_entries, _AT_ONCE):
        with store.transaction() as transaction:
            for _ in range(min(_AT_ONCE, n_entries - start)):
                transaction.append(next(source))


def timed(what: str, work: Callable[[int], object], repeats: int = 15) -> Read:
    """A kind of read, asked anew each time."""
    took = []
    for turn in range(repeats):
        started_s = time.perf_counter()
        work(turn)
        took.append((time.perf_counter() - started_s) * 1e3)
    return Read(what, min(took), statistics.median(took))


def reads(book: Journal) -> list[Read]:
    """Each kind of read, at instants all over the ten years."""

    def at(turn: int) -> datetime:
        return START + _SPAN * ((turn * 37) % 100 + 1) / 101

    key = next(book.entries("one", at(50))).entry_key
    return [
        timed("positions as they stand", lambda _: book.positions("one")),
        timed("positions as of an instant", lambda turn: book.positions("one", at(turn))),
        timed("all balances as of an instant", lambda turn: book.balances("one", at(turn))),
        timed("open lots as they stand", lambda _: book.lots("one")),
        timed("a page of 50 entries from an instant on", lambda turn: book.page("one", at(turn), None, [], None, 50)),
        timed("one entry by its key", lambda _: book.entry(key)),
        timed("lots of one symbol by FIFO, replayed", lambda _: book.lots("one", "AAPL", None, LotMethod.FIFO), 2),
    ]


def main() -> int:
    """Measure, and print the table."""
    n_entries = int(sys.argv[1]) if len(sys.argv) > 1 else N_ENTRIES
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        store = sqlite_log(Path(folder) / "log.db", "paper")
        appended(store, n_entries)
        book = journal(store, Path(folder))
        started_s = time.process_time()
        book.caught_up()
        took_s = time.process_time() - started_s
        table = Table("journal", "least", "median", title=f"{n_entries:,} entries")
        table.add_row("catching up", f"{n_entries / took_s:,.0f}/s", f"{took_s / n_entries * 1e6:.0f} us each")
        for each in reads(book):
            table.add_row(each.what, f"{each.least_ms:.1f} ms", f"{each.median_ms:.1f} ms")
        size_mb = (Path(folder) / "journal.db").stat().st_size / 1e6
        table.add_row("size of the projection", f"{size_mb:,.0f} MB", "")
        book.file.close()
        store.close()
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
