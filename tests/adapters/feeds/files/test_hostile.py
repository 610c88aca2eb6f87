"""Files that mean harm: each ends in the quarantine or in an error that says what to do, and what is sound is kept."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.feeds.files import tables
from adapters.feeds.files.request import Besides
from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.store import FactStore
from api.use_cases.data_imports import ImportCommand, Imported, imported, quarantined
from nodes.vocabulary.errors import DataError, EdgeError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_BESIDES = Besides(year_ends={"AAPL": 9}, symbol="A")
_RATINGS = "ticker,rating_date,analyst_firm,rating\n"
_RATED = "A,2014-01-02,X,Buy\n"
_ESTIMATES = "ticker,created_at,fiscal_year,fiscal_quarter,eps,revenue,flagged,analyst\n"
_ESTIMATED = "A,2014-01-02T10:00:00+00:00,2014,1,1,,f,x\n"
_HOLDINGS = "accession,period,filing_date,filer,issuer,title,cusip,value,shares,kind\n"
_HELD = "a,20241231,20250122,f,i,t,00287Y109,1,1,SH\n"
_CALENDAR = "symbol,date,qtr,eps_est,eps,release_time\n"
_INTEREST = "symbol,expiry,strike,right,ts,open_interest\n"
_OPEN = "A,20140621,1.0,C,2014-06-06 09:30:00,1\n"


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path / "lake", lambda: NOW)


def read(store: FactStore, tmp_path: Path, kind: str, text: bytes) -> tuple[Imported, ...]:
    path = tmp_path / "x.csv"
    path.write_bytes(text)
    return imported(store, ImportCommand(kind, path, _BESIDES), NOW)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("ratings", (_RATINGS, _RATED, "A,9999-12-31,X,Buy\n")),
        ("ratings", (_RATINGS, _RATED, "A,0001-01-01,X,Buy\n")),
        ("ratings", (_RATINGS, _RATED, "A,41234,X,Buy\n")),
        ("ratings", (_RATINGS, _RATED, "A\x00B,2014-01-02,X,Buy\n")),
        ("ratings", (_RATINGS, _RATED, "A,2014-01-02,X,Buy,more\n")),
        ("ratings", (_RATINGS, _RATED, 'A,2014-01-02,"X,Buy\n')),
        ("estimates", (_ESTIMATES, _ESTIMATED, "A,9999-01-02T10:00:00+00:00,2014,1,1,,f,x\n")),
        ("estimates", (_ESTIMATES, _ESTIMATED, "A,2014-01-03T10:00:00+00:00,99999999999,1,1,,f,x\n")),
        ("estimates", (_ESTIMATES, _ESTIMATED, "A,2014-01-03T10:00:00+00:00,2014,1,1_0,,f,x\n")),
        ("estimates", (_ESTIMATES, _ESTIMATED, "A,2014-01-03T10:00:00+00:00,2014,1,inf,,f,x\n")),
        ("13f", (_HOLDINGS, _HELD, f"a,20241231,20250122,f,i,t,00287Y108,{10**30},1,SH\n")),
        ("13f", (_HOLDINGS, _HELD, "a,99991231,20250122,f,i,t,00287Y108,1,1,SH\n")),
        ("earnings-calendar", (_CALENDAR, "AAPL,2014-01-28,Dec-13,,,post\n", "AAPL,0001-01-28,Q1,,,post\n")),
        ("options", (_INTEREST, _OPEN, "A,20140621,2.0,C,9999-06-06 09:30:00,1\n")),
        ("options", (_INTEREST, _OPEN, "A,20140621,2.0,C,2014-06-06 09:30:00,-1\n")),
    ],
)
def test_a_hostile_row_is_set_aside_and_those_around_it_are_kept(
    store: FactStore, tmp_path: Path, kind: str, lines: tuple[str, str, str]
) -> None:
    """ING: a row that would overflow an instant, a number or a quote spoils no other, before it or after it."""
    head, sound, hostile = lines
    text = f"{head}{sound}{hostile}{sound}".encode()

    (first,) = read(store, tmp_path, kind, text)
    (again,) = read(store, tmp_path, kind, text)

    assert (first.n_accepted, first.n_quarantined) == (1, 1)
    assert again.n_accepted == 0
    facts = store.history(DOMAINS[first.domain], datetime(2200, 1, 1, tzinfo=UTC)).collect()
    assert facts["known_at"].dt.year().is_between(1990, 2026).all()


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way_and_in_several(store: FactStore, tmp_path: Path, ends: str) -> None:
    text = f"{_RATINGS.strip()}{ends}{_RATED.strip()}\nB,2014-01-02,X,Buy{ends}".encode()

    (done,) = read(store, tmp_path, "ratings", text)

    assert (done.n_accepted, done.n_quarantined) == (2, 0)


def test_bytes_that_are_no_utf8_spoil_their_row_only(store: FactStore, tmp_path: Path) -> None:
    (done,) = read(store, tmp_path, "ratings", f"{_RATINGS}{_RATED}".encode() + b"B,2014-01-02,\xff\xfe,Buy\n")

    assert (done.n_accepted, done.n_quarantined) == (1, 1)
    assert "row is not UTF-8" in quarantined(store, "ratings", 1)["reason"][0]


@pytest.mark.parametrize("kind", ["ratings", "estimates", "13f", "options", "vintages", "fails", "earnings-calendar"])
@pytest.mark.parametrize("text", [b"", b"\n\n", b"\x00\x00", b"a,a\n1,2\n", b"\xff\xfea\x00"])
def test_a_file_that_is_nothing_is_refused_with_the_mend(
    store: FactStore, tmp_path: Path, kind: str, text: bytes
) -> None:
    with pytest.raises(DataError, match=r"; \w+"):
        read(store, tmp_path, kind, text)
    assert store.domains() == ()


def test_a_gzip_that_grows_without_end_is_refused(
    store: FactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 1000)
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"1" * 10_000))

    with pytest.raises(DataError, match="holds more than 1000 bytes; split it"):
        imported(store, ImportCommand("ratings", path), NOW)


def test_a_pipe_and_a_device_are_no_files(store: FactStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for place in (tmp_path / "pipe.csv", Path(os.devnull)):
        with pytest.raises(EdgeError, match="is no file and no folder"):
            imported(store, ImportCommand("ratings", place), NOW)
        with pytest.raises(EdgeError, match="is no regular file"):
            tables.file_bytes(place)


def test_aliases_in_a_mapping_are_not_expanded(store: FactStore, tmp_path: Path) -> None:
    """A mapping of nested aliases would grow to billions of nodes."""
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    (tmp_path / "x.yaml").write_text(f"l0: &l0 [x]\n{levels}", encoding="utf-8")
    (tmp_path / "x.csv").write_text("a\n1\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"alias|anchor"):
        imported(store, ImportCommand("csv", tmp_path / "x.csv", Besides(mapping=tmp_path / "x.yaml")), NOW)
