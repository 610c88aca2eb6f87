from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.facts.store import FactStore
from api.use_cases.data_imports import ImportCommand, imported, quarantined, source_states, table_states
from nodes.vocabulary.errors import EdgeError
from tests.adapters.feeds.files.lean_writing import map_file, zipped
from tests.adapters.feeds.files.test_exchange_files import NYSE
from tests.adapters.lake.views.holding import clock

NOW = clock()
BARS = ("20140605 00:00,6460000,6470000,6400000,6410000,100", "20140606 00:00,6499000,6400000,6444700,6455700,100")


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path / "lake", clock)


@pytest.fixture
def lean(tmp_path: Path) -> Path:
    root = tmp_path / "lean"
    zipped(root / "equity" / "usa" / "daily" / "aapl.zip", "aapl.csv", BARS)
    map_file(root, "aapl", [("19980102", "AAPL", "Q"), ("20501231", "AAPL", "Q")])
    return root


def test_an_import_says_what_is_new_and_what_was_set_aside_and_a_rerun_adds_nothing(
    store: FactStore, lean: Path
) -> None:
    first = imported(store, ImportCommand("lean", lean), NOW)
    again = imported(store, ImportCommand("lean", lean), NOW)

    counts = {one.domain: (one.n_accepted, one.n_unchanged, one.n_quarantined) for one in first}
    assert counts == {"identity": (1, 0, 0), "corporate_actions": (1, 0, 0), "bars_daily": (1, 0, 1)}
    assert {one.domain: (one.n_accepted, one.n_unchanged) for one in again} == {
        "identity": (0, 1),
        "corporate_actions": (0, 1),
        "bars_daily": (0, 1),
    }


def test_the_quarantine_has_the_place_the_value_and_the_mend_once(store: FactStore, lean: Path) -> None:
    for _ in range(2):
        imported(store, ImportCommand("lean", lean), NOW)

    rows = quarantined(store, "bars_daily", 10)

    assert rows.height == 1
    assert "high is under the low: open 649.9, high 640.0" in rows["reason"][0]
    assert '"file":"daily/aapl.zip","line":2' in rows["row"][0].replace(" ", "")


def test_tables_and_sources_say_what_the_lake_holds(store: FactStore, lean: Path) -> None:
    imported(store, ImportCommand("lean", lean), NOW)

    states = {state.domain: state for state in table_states(store, NOW)}
    assert (states["bars_daily"].n_facts, states["halts"].n_facts, states["halts"].version) == (1, 0, None)
    assert [(state.domain, state.source) for state in source_states(store, NOW)] == [
        ("bars_daily", "lean"),
        ("corporate_actions", "lean"),
        ("identity", "lean"),
    ]


def test_a_later_import_finds_the_securities_that_an_earlier_one_made_known(
    store: FactStore, lean: Path, tmp_path: Path
) -> None:
    imported(store, ImportCommand("lean", lean), NOW)
    more = tmp_path / "more"
    zipped(
        more / "equity" / "usa" / "daily" / "aapl.zip", "aapl.csv", ["20140609 00:00,920000,940000,910000,930000,100"]
    )

    imported(store, ImportCommand("lean", more), NOW)

    assert {state.domain: state.n_facts for state in source_states(store, NOW)}["bars_daily"] == 2
    assert {state.domain: state.n_facts for state in source_states(store, NOW)}["identity"] == 1


def test_a_folder_of_files_is_read_file_by_file_and_a_bad_one_is_set_aside(store: FactStore, tmp_path: Path) -> None:
    folder = tmp_path / "halts"
    folder.mkdir()
    (folder / "1.csv").write_text(NYSE + "03/09/2020,09:34:13,AAPL,Apple,Nasdaq,LUDP,,\n", encoding="utf-8")
    (folder / "2.csv").write_text("<html>", encoding="utf-8")

    done = imported(store, ImportCommand("halts", folder), NOW)

    assert sum(one.n_accepted for one in done) == 1
    assert "no column for" in quarantined(store, "halts", 5)["reason"][0]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            ImportCommand("weather", Path("x")),
            "'weather' cannot be imported; use one of 13f, borrow, bundled, csv",
        ),
        (ImportCommand("halts", Path("nowhere")), "nowhere is no file and no folder"),
        (ImportCommand("csv", Path("x")), "needs a mapping"),
        (ImportCommand("lean", Path("nowhere")), "holds no equity/usa/daily"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_the_mend(store: FactStore, command: ImportCommand, said: str) -> None:
    with pytest.raises(EdgeError, match=said):
        imported(store, command, NOW)


def test_an_unknown_domain_is_refused_by_name(store: FactStore) -> None:
    with pytest.raises(EdgeError, match="domain 'weather' is unknown"):
        quarantined(store, "weather", 1)


def test_whoever_wants_to_is_called_after_every_batch(store: FactStore, lean: Path) -> None:
    """Alerts are raised then, not at the end of a long import."""
    seen: list[int] = []

    imported(store, ImportCommand("lean", lean), NOW, stored=lambda: seen.append(len(store.domains())))

    assert seen == [1, 2, 3]


def test_rows_of_a_file_are_set_aside_under_its_own_name(store: FactStore, tmp_path: Path) -> None:
    (tmp_path / "of-june.csv").write_text(
        "ticker,rating_date,analyst_firm,rating\nA,2018-06-31,X,Buy\n", encoding="utf-8"
    )

    imported(store, ImportCommand("ratings", tmp_path / "of-june.csv"), NOW)

    assert '"file":"of-june.csv","line":2' in quarantined(store, "ratings", 1)["row"][0].replace(" ", "")
