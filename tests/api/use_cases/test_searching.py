"""A search reads no more of the log than one question may, and says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder_to_read
from api.use_cases import searching
from api.use_cases.searching import MAX_HITS, search
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from tests.api.use_cases.homes import FIRST_ON, run_home


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogReader]:
    home = run_home(tmp_path_factory.mktemp("searching") / "home", bundled_lake(), FIRST_ON)
    with log_folder_to_read(home).store.reader() as found:
        yield found


def anything(_record: Record) -> bool:
    return True


def test_a_digest_is_looked_for_in_the_newest_stretch_alone(reader: LogReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MAX_SCANNED", 3)
    size = reader.head().size
    first = reader.records(0, 1)[0]
    found = search(reader, first.entry_id.hex(), anything, size)
    assert (found.hits, found.n_scanned, found.is_whole) == ((), 3, False)


def test_a_digest_that_many_entries_say_has_so_many_hits_and_no_more(reader: LogReader) -> None:
    policy = reader.newest(EntryKind.DECISION, 1)[0].entry.facts["policy_digest"]
    found = search(reader, policy.hex(), anything, reader.head().size)
    assert found.is_whole
    assert 1 < len(found.hits) <= MAX_HITS
    assert ("policy", policy.hex()) in {pair for hit in found.hits for pair in hit.filtered_by}
    assert any("policy_digest" in hit.says for hit in found.hits)


def test_what_may_not_be_seen_is_not_found(reader: LogReader) -> None:
    newest = reader.newest(EntryKind.DECISION, 1)[0]
    assert newest.decision_id is not None
    for text in (newest.decision_id.hex(), newest.entry_id.hex(), str(newest.sequence), newest.entry.facts["symbol"]):
        assert search(reader, text, lambda _record: False, reader.head().size).hits == ()


def test_a_day_that_is_none_and_a_place_beyond_the_end_find_nothing(reader: LogReader) -> None:
    size = reader.head().size
    for text in ("2005-02-30", str(size), "  ", "\x00"):
        assert search(reader, text, anything, size).hits == ()
