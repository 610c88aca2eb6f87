"""The past of a symbol holds all that bears on its lots, and no more."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from adapters.sql.journal import JournalFile
from nodes.vocabulary.bookings import Origin, Renamed, SpunOff
from tests.adapters.sql.journals import at, booking_entry, correction, fill, log_of, plan


def test_the_past_of_a_symbol_is_that_of_its_family(tmp_path: Path) -> None:
    renamed = Renamed(Origin("", "demo", at(3), at(3)), "AAA", "BBB")
    spun = SpunOff(Origin("", "demo", at(4), at(4)), "BBB", "CCC", Decimal(1), Decimal("0.1"), Decimal(0), "USD")
    other = fill(5, 7, "3", symbol="ZZZ", exec_id="z")
    told = [plan(), fill(1, 10, "5", exec_id="x"), booking_entry(renamed), booking_entry(spun), other]
    store = log_of(tmp_path, [*told, correction(6, "H", "z")])
    with JournalFile(None) as file:
        file.catch_up(store)
        family = [type(each).__name__ for each in file.bookings("demo", "CCC")]
        assert family == ["Traded", "Renamed", "SpunOff", "Busted"]
        assert len(file.bookings("demo")) == 6
        assert [type(each).__name__ for each in file.bookings("demo", "ZZZ")] == ["Traded", "Busted"]
