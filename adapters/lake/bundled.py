"""Bundled real data: files of installed packages that `fixtures/manifest.yaml` names.

What the columns mean is `adapters.lake.bars`; whether the rows can be trusted is `adapters.lake.checks`.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from datetime import date

from adapters.installed import InstalledFile, installed_bytes, manifest
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True, slots=True)
class BundledFile(InstalledFile):
    """One data set of the manifest.

    Attributes:
        rows: data rows in it.
        symbols: what its rows describe.
        first_on: first session in it.
        last_on: last session in it.
    """

    rows: int
    symbols: tuple[str, ...]
    first_on: date
    last_on: date


def bundled_files() -> dict[str, BundledFile]:
    """The data sets of the manifest, by name."""
    files = [BundledFile(**{**entry, "symbols": tuple(entry["symbols"])}) for entry in manifest()["files"]]
    return {file.name: file for file in files}


def bundled_bytes(file: BundledFile) -> bytes:
    """The decompressed bytes of a bundled file.

    Raises:
        EdgeError: the package, or its file, is not installed.
        DataError: the file's bytes are not those the manifest names.
    """
    packed = installed_bytes(file)
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{file.file} of {file.package} is no gzip file: {error}; reinstall {file.requirement}"
        raise DataError(message) from error
