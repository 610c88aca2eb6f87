from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.importers import IMPORTERS
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.request import Held, ImportRequest
from adapters.lake.domains.registry import DOMAINS
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.feeds.files.test_exchange_files import NYSE

ONE_FILE = (
    "halts",
    "fama-french",
    "short-interest",
    "fails",
    "borrow",
    "membership",
    "vintages",
    "ratings",
    "insiders",
    "estimates",
    "releases",
    "earnings-calendar",
    "earnings-calendar-results",
    "13f",
    "options",
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def request(place: Path) -> ImportRequest:
    held = Held(NOW, no_leases(), DOMAINS, lambda domain: pl.DataFrame(schema=pl.Schema(domain.schema)))
    return ImportRequest(place, held)


@pytest.mark.parametrize("kind", ONE_FILE)
def test_one_file_of_another_kind_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text("<html>not found</html>\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"; \w+"):  # every message ends with the mend
        list(IMPORTERS[kind](request(path)))


@pytest.mark.parametrize("kind", ONE_FILE)
def test_such_a_file_in_a_folder_is_one_row_of_the_quarantine(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x.csv").write_text("<html>not found</html>\n", encoding="utf-8")

    (parsed,) = IMPORTERS[kind](request(tmp_path))

    assert parsed.facts.is_empty()
    assert parsed.rejected["file"].to_list() == ["x.csv"]
    assert parsed.domain.name in DOMAINS


def test_every_file_of_a_folder_is_read(tmp_path: Path) -> None:
    for n in range(2):
        (tmp_path / f"{n}.csv").write_text(f"{NYSE}03/09/2020,09:34:1{n},AAPL,A,Nasdaq,LUDP,,\n", encoding="utf-8")

    assert [part.facts.height for part in IMPORTERS["halts"](request(tmp_path))] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("halts", "holds no file"),
        ("lobster", "holds no LOBSTER message file"),
        ("sec", "no JSON"),
        ("csv", "--mapping"),
    ],
)
def test_a_folder_with_nothing_to_read_is_the_operators(tmp_path: Path, kind: str, said: str) -> None:
    with pytest.raises(EdgeError, match=said):
        list(IMPORTERS[kind](request(tmp_path)))
