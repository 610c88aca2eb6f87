from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.log_folder import log_folder_to_read
from api.use_cases.tailing import POLICY_KINDS, require_place, stretch_after
from governance.ports import LogReader
from nodes.vocabulary.errors import EdgeError


@pytest.fixture(scope="module")
def reader(ran: Path) -> Iterator[LogReader]:
    with log_folder_to_read(ran).store.reader() as found:
        yield found


def test_stretches_lead_through_the_log_without_loss_or_doubles(reader: LogReader) -> None:
    seen, place, is_end = [], -1, False
    while not is_end:
        found = stretch_after(reader, place, 5)
        seen += [record.sequence for record in found.records]
        place, is_end = found.place, found.is_end
    assert seen == list(range(reader.head().size))
    assert stretch_after(reader, place, 5).records == ()


def test_a_place_moves_on_past_other_kinds(reader: LogReader) -> None:
    found = stretch_after(reader, -1, 5, POLICY_KINDS)
    assert [record.kind for record in found.records] == ["activation"]
    assert (found.place, found.is_end) == (reader.head().size - 1, True)


def test_a_place_that_the_log_has_not_reached_is_refused(reader: LogReader) -> None:
    with pytest.raises(EdgeError, match="no entry 9999 in a log of"):
        stretch_after(reader, 9999, 5)
    with pytest.raises(EdgeError, match="no entry -2"):
        require_place(-2, 3)
    require_place(-1, 0)
