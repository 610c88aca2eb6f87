"""The projection of the journal catches up, forgets nothing, and is the same however it was read (JRN-03)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sql import journal as projecting
from adapters.sql.journal import JournalFile
from adapters.sql.journal_tables import JOURNAL
from adapters.sql.store import SqlLog
from governance.entries import Entry, EntryKind
from nodes.vocabulary.bookings import COMMISSION, Allocated, Busted, Fee, Origin, PaidIn, Traded
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.journal import JournalKind, cash_account
from tests.adapters.sql.journals import appended, at, booking_entry, correction, dividend, fill, log_of, plan

YEAR = [plan(), *(fill(day, 5 if day % 3 else -4, f"{10 + day % 7}.25", exec_id=f"x{day}") for day in range(1, 200))]
OTHERS = [dividend(201, "3.10"), fill(202, 9, "8.00", exec_id="late"), correction(203, "H", "x7", exec_id="x7-bust")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlLog]:
    found = log_of(tmp_path_factory.mktemp("journal"), [*YEAR, *OTHERS])
    yield found
    found.close()


@pytest.fixture(scope="module")
def made(store: SqlLog) -> Iterator[JournalFile]:
    with JournalFile(None) as file:
        file.catch_up(store)
        yield file


def tables_of(file: JournalFile) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a journal but what it says of itself."""
    found = {}
    for table in JOURNAL.tables:
        with file.rows_of(table) as rows:
            found[table] = list(rows)
    return found


def test_catching_up_bit_by_bit_comes_to_the_same_rows(
    tmp_path: Path, store: SqlLog, made: JournalFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "_BATCH", 37)
    told: list[tuple[int, int]] = []
    with JournalFile(tmp_path / "journal.db") as bits:
        bits.catch_up(store, lambda done, size: told.append((done, size)))
        assert tables_of(bits) == tables_of(made)
    assert told[0] == (37, 203)
    assert told[-1] == (203, 203)


def test_a_journal_that_another_process_brought_further_is_not_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes catch up at once, one with an older view of the log: what was booked stays readable."""
    monkeypatch.setattr(projecting, "_BATCH", 2)
    store = log_of(tmp_path, [plan(), *(fill(day, 5, "10") for day in range(1, 5))])
    told: list[int] = []
    with JournalFile(tmp_path / "journal.db") as slow, JournalFile(tmp_path / "journal.db") as quick:

        def overtake(done: int, _size: int) -> None:
            told.append(done)
            if len(told) == 1:
                appended(store, [fill(6, 5, "10")])
                quick.catch_up(store)

        assert slow.catch_up(store, overtake) == 6
        assert slow.state.read_to == 6
    assert told == [2]


def test_an_empty_log_empties_the_journal_of_another(tmp_path: Path, store: SqlLog) -> None:
    with JournalFile(tmp_path / "journal.db") as file:
        file.catch_up(store)
        assert file.catch_up(log_of(tmp_path / "empty", [])) == 0
        assert file.account_ids() == ()


def test_an_execution_is_known_alike_in_its_batch_and_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a broker's cancel is none of a trade; that of a booked correction is one."""
    right = Traded(Origin("", "demo", at(2), at(2)), "AAA", Decimal(6), Decimal(10), "USD", exec_id="right")
    filled = [plan(), fill(1, 5, "10", exec_id="x"), fill(1, 5, "10", exec_id="y")]
    key = _keys(tmp_path / "first", filled)[0]
    righted = booking_entry(Busted(Origin("", "demo", at(2), at(2), corrects=key), right))
    again = [fill(4, 6, "10", exec_id="right"), fill(5, 5, "10", exec_id="cancel")]
    told = [*filled, righted, correction(3, "H", "y", exec_id="cancel"), *again]
    at_once = _keys(tmp_path / "at-once", told)
    monkeypatch.setattr(projecting, "_BATCH", 1)
    assert _keys(tmp_path / "one-by-one", told) == at_once
    assert len(at_once) == 3


def _keys(path: Path, entries: list[Entry]) -> list[str]:
    """Keys of the trades of a log of these entries."""
    with JournalFile(None) as file:
        file.catch_up(log_of(path, entries))
        return [entry.entry_key for entry in file.entries("demo", kinds=["trade"])]


def test_reading_again_reads_nothing_again(store: SqlLog, made: JournalFile) -> None:
    before = tables_of(made)
    assert made.catch_up(store) == 203
    assert tables_of(made) == before


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.integers(-2, 210), seconds=st.integers(-1, 1))
def test_balances_at_any_instant_are_a_replay_of_entries(made: JournalFile, day: int, seconds: int) -> None:
    as_of_ns = instant_ns(at(day)) + seconds * 1_000_000_000
    replayed: dict[tuple[str, str], Decimal] = {}
    for entry in made.entries("demo", until_ns=as_of_ns):
        for posting in entry.postings:
            place = posting.account, posting.commodity
            replayed[place] = replayed.get(place, Decimal(0)) + posting.quantity
    told = {(each.account, each.commodity): each.quantity for each in made.balances("demo", as_of_ns)}
    assert told == {place: amount for place, amount in replayed.items() if amount}


def test_a_bust_stands_in_the_journal_beside_what_it_takes_back(made: JournalFile) -> None:
    (busted,) = made.entries("demo", kinds=[JournalKind.BUST.value])
    taken = made.entry(busted.corrects or "")
    assert taken is not None
    assert taken.narration == "buy 5 AAA at 10.25 USD"
    assert not busted.imbalances


def test_an_execution_told_again_is_one_trade(tmp_path: Path) -> None:
    """Idempotent ingestion: the same execution in another entry, in this batch or a later one."""
    store = log_of(tmp_path, [plan(), fill(1, 5, "10", exec_id="x"), fill(1, 5, "10", 2, exec_id="x")])
    with JournalFile(None) as file:
        file.catch_up(store)
        appended(store, [fill(1, 5, "10", 3, exec_id="x")])
        file.catch_up(store)
        assert len(list(file.entries("demo", kinds=["trade"]))) == 1
        assert file.has_execution("demo", "x")
        assert not file.has_execution("demo", "y")


def test_two_fills_alike_are_two_trades(tmp_path: Path) -> None:
    store = log_of(tmp_path, [plan(), fill(1, 5, "10"), fill(1, 5, "10")])
    with JournalFile(None) as file:
        file.catch_up(store)
        first, second = file.entries("demo", kinds=["trade"])
        assert second.entry_key == f"{first.entry_key}-2"


def test_a_late_fill_adds_to_the_day_that_it_was_true(tmp_path: Path) -> None:
    store = log_of(tmp_path, [plan(), fill(5, 5, "10"), fill(2, 3, "9", known_on=9)])
    with JournalFile(None) as file:
        file.catch_up(store)
        told = {each.commodity: each.quantity for each in file.balances("demo", instant_ns(at(3)))}
        assert told["AAA"] == 3
        assert [entry.narration[:5] for entry in file.entries("demo")] == ["paid ", "buy 3", "buy 5"]


def test_another_log_makes_another_journal(tmp_path: Path, store: SqlLog) -> None:
    other = log_of(tmp_path, [plan(equity=7)])
    with JournalFile(tmp_path / "journal.db") as file:
        file.catch_up(store)
        file.catch_up(other)
        assert {each.quantity for each in file.balances("demo", None)} == {7, -7}
        assert file.state.read_to == 1


def test_what_cannot_be_booked_is_kept_in_sight_and_the_rest_goes_on(tmp_path: Path) -> None:
    broken = Entry(EntryKind.FILL, "paper", at(1), at(1), {"account_id": "demo", "symbol": "AAA"})
    store = log_of(tmp_path, [plan(), broken, correction(2, "H", "nobody"), fill(3, 5, "10")])
    with JournalFile(None) as file:
        file.catch_up(store)
        assert [place for place, _ in file.faults()] == [1, 2]
        assert len(list(file.entries("demo"))) == 2


def test_money_booked_before_the_first_plan_is_not_paid_in_twice(tmp_path: Path) -> None:
    gift = booking_entry(PaidIn(Origin("", "demo", at(0), at(0)), Decimal(400), "USD"))
    store = log_of(tmp_path, [gift, plan(day=1, equity=10_000), plan(day=2, equity=11_000)])
    with JournalFile(None) as file:
        file.catch_up(store)
        amounts = [entry.postings[0].quantity for entry in file.entries("demo")]
        assert amounts == [Decimal(400), Decimal(9_600)]
        assert file.is_planned("demo")


def test_an_allocation_is_in_the_books_of_every_account_and_in_the_past_of_each(tmp_path: Path) -> None:
    shares = (("one", Decimal(2)), ("two", Decimal(3)))
    handed = Allocated(Origin("", "demo", at(2), at(2)), "AAA", shares, (Fee(COMMISSION, Decimal("0.35")),), "USD")
    store = log_of(tmp_path, [plan(), fill(1, 5, "10"), booking_entry(handed)])
    with JournalFile(None) as file:
        file.catch_up(store)
        assert file.account_ids() == ("demo", "one", "two")
        assert [lot.quantity for lot in file.open_lots("two")] == [3]
        assert len(file.bookings("two")) == 3
        assert file.place("two", 1) is None
        (entry,) = file.entries("two")
        assert entry.entry_key.endswith("/two")
        assert [each.account_id for each in file.booked_by(2)] == ["demo", "one", "two"]
        cash = {each.account: each.quantity for each in file.balances("two", None)}
        assert cash[cash_account("two")] == Decimal("-30.21")


def test_a_block_corrected_after_its_allocation_is_paid_by_those_who_got_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JRN-01. No cash vanishes between the books of several accounts, whichever batch the correction comes in."""
    shares = (("one", Decimal(2)), ("two", Decimal(3)))
    handed = Allocated(Origin("", "demo", at(2), at(2)), "AAA", shares, (), "USD")
    righted = correction(3, "G", "x", exec_id="y", fill_shares=5, fill_price_usd=Decimal(11))
    store = log_of(tmp_path, [plan(), fill(1, 5, "10", exec_id="x"), booking_entry(handed), righted])
    with JournalFile(None) as at_once, JournalFile(None) as bits:
        at_once.catch_up(store)
        monkeypatch.setattr(projecting, "_BATCH", 1)
        bits.catch_up(store)
        assert tables_of(bits) == tables_of(at_once)
        assert not at_once.faults()
        told = {each.account: each.quantity for name in ("one", "two") for each in at_once.balances(name, None)}
        assert [told[cash_account(name)] for name in ("one", "two")] == [-22, -33]
        assert [each.account_id for each in at_once.booked_by(3)] == ["demo", "one", "two"]
        assert [lot.cost.unit_cost for lot in at_once.open_lots("two")] == [11]


def test_sums_of_many_digits_lose_none(tmp_path: Path) -> None:
    gifts = [PaidIn(Origin("", "demo", at(1), at(1)), Decimal(amount), "USD") for amount in ("1e20", "1e-12")]
    store = log_of(tmp_path, [booking_entry(gift) for gift in gifts])
    with JournalFile(None) as file:
        file.catch_up(store)
        for as_of_ns in (None, instant_ns(at(1)), instant_ns(at(99))):
            told = {each.account: each.quantity for each in file.balances("demo", as_of_ns)}
            assert told[cash_account("demo")] == Decimal("100000000000000000000.000000000001")
