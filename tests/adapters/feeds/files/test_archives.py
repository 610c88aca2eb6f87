"""Zips that mean harm, or were merely damaged."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from adapters.feeds.files.archives import zipped_table, zipped_tables
from adapters.feeds.files.tables import MAX_BYTES
from nodes.vocabulary.errors import DataError, EdgeError


def made(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_every_file_is_read_and_a_name_that_leads_outside_is_only_a_name(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.csv", "1")

    assert zipped_tables(path) == [("../../outside.csv", b"1")]
    assert [each.name for each in tmp_path.iterdir()] == ["x.zip"]


def test_a_zip_that_says_it_holds_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", a="1")
    packed = bytearray(path.read_bytes())
    central = packed.index(b"PK\x01\x02")
    packed[central + 24 : central + 28] = struct.pack("<I", MAX_BYTES + 1)
    path.write_bytes(packed)

    with pytest.raises(DataError, match=r"holds 1073741825 bytes, expected at most 1073741824; split it"):
        zipped_tables(path)


def test_a_zip_that_says_too_little_is_not_unpacked_beyond_what_it_says(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", a="1" * 100_000)
    packed = bytearray(path.read_bytes())
    central = packed.index(b"PK\x01\x02")
    packed[central + 24 : central + 28] = struct.pack("<I", 10)
    path.write_bytes(packed)

    with pytest.raises(DataError, match="is no sound zip"):
        zipped_tables(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", a="1")
    packed = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + at] |= 1
    path.write_bytes(packed)

    with pytest.raises(DataError, match="give it without a password"):
        zipped_tables(path)


@pytest.mark.parametrize("text", [b"", b"PK\x03\x04", b"<html>"])
def test_bytes_that_are_no_zip_are_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(text)

    with pytest.raises(DataError, match="is no sound zip"):
        zipped_table(tmp_path / "x.zip")


def test_a_missing_zip_is_the_operators(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="cannot be read"):
        zipped_table(tmp_path / "x.zip")


def test_one_table_is_one(tmp_path: Path) -> None:
    assert zipped_table(made(tmp_path / "x.zip", a="1")) == b"1"
    with pytest.raises(DataError, match="holds 2 files"):
        zipped_table(made(tmp_path / "y.zip", a="1", b="2"))
