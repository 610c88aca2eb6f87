"""Files of installed packages: found without importing the package, and believed only by digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata, resources
from typing import Any

import yaml

from nodes.vocabulary.errors import DataError, EdgeError

MANIFEST = "manifest.yaml"


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """One file of a distribution.

    Attributes:
        name: how the project calls it.
        package: distribution that carries it, as on PyPI.
        version: the version whose file has this digest.
        file: path inside the distribution, with forward slashes.
        sha256: digest of the file's bytes, 64 lower-case hexadecimal digits.
        licence: under which it may be used.
        origin: where it comes from.
    """

    name: str
    package: str
    version: str
    file: str
    sha256: str
    licence: str
    origin: str

    @property
    def requirement(self) -> str:
        """What to install to have it."""
        return f"{self.package}=={self.version}"


def manifest() -> dict[str, list[dict[str, Any]]]:
    """What `fixtures/manifest.yaml` says, section by section."""
    text = resources.files("fixtures").joinpath(MANIFEST).read_text(encoding="utf-8")
    sections: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    return sections


def installed_bytes(file: InstalledFile) -> bytes:
    """The bytes of a file.

    Raises:
        EdgeError: the package, or its file, is not installed.
        DataError: the bytes are not those the manifest names.
    """
    content = _content(file)
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        message = (
            f"{file.file} of {_installed_version(file)} has sha256 {found}, expected {file.sha256}"
            f" (fixtures/{MANIFEST}, {file.name}); reinstall {file.requirement}"
        )
        raise DataError(message)
    return content


def _content(file: InstalledFile) -> bytes:
    paths = [path for path in _distribution(file).files or () if path.as_posix() == file.file]
    if not paths:
        message = f"{_installed_version(file)} has no {file.file}; reinstall {file.requirement}"
        raise EdgeError(message)
    try:
        return paths[0].read_binary()
    except OSError as error:
        message = f"{file.file} of {_installed_version(file)} cannot be read: {error.strerror}; reinstall it"
        raise EdgeError(message) from error


def _distribution(file: InstalledFile) -> metadata.Distribution:
    try:
        return metadata.distribution(file.package)
    except metadata.PackageNotFoundError as error:
        message = f"package {file.package!r} is not installed; install {file.requirement}"
        raise EdgeError(message) from error


def _installed_version(file: InstalledFile) -> str:
    return f"{file.package} {_distribution(file).version}"
