"""The bundled files are found, verified, and refused when they are not what the manifest says."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from adapters.lake.bundled import bundled_bytes, bundled_files
from nodes.vocabulary.errors import DataError, EdgeError


@pytest.mark.parametrize("name", ["us-stocks", "sp500-index"])
def test_each_bundled_file_is_installed_with_the_digest_of_the_manifest(name: str) -> None:
    file = bundled_files()[name]
    assert bundled_bytes(file).count(b"\n") == file.rows + 1


def test_reading_the_bundled_files_does_not_import_the_packages() -> None:
    code = (
        "import sys; from adapters.lake.bundled import bundled_bytes, bundled_files;"
        "[bundled_bytes(file) for file in bundled_files().values()];"
        "print([name for name in ('bokeh_sampledata', 'arch', 'pandas') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # our own interpreter and code
    assert answer.stdout.strip() == "[]"


def test_a_file_with_another_digest_is_refused_with_both_digests() -> None:
    file = replace(bundled_files()["us-stocks"], sha256="0" * 64)
    with pytest.raises(DataError, match=r"has sha256 5abadf99.*expected 0{64} .*reinstall bokeh-sampledata==2026.1"):
        bundled_bytes(file)


def test_a_package_that_is_not_installed_is_named_with_its_version() -> None:
    file = replace(bundled_files()["us-stocks"], package="no-such-package-here")
    with pytest.raises(EdgeError, match="'no-such-package-here' is not installed; install no-such-package-here=="):
        bundled_bytes(file)


def test_a_file_that_the_package_lacks_is_named() -> None:
    file = replace(bundled_files()["us-stocks"], file="bokeh_sampledata/_data/none.csv.gz")
    with pytest.raises(EdgeError, match=r"has no bokeh_sampledata/_data/none.csv.gz; reinstall"):
        bundled_bytes(file)


def test_a_file_that_is_no_gzip_is_refused() -> None:
    file = replace(
        bundled_files()["us-stocks"],
        file="bokeh_sampledata/__init__.py",
        sha256=_digest_of_init(),
    )
    with pytest.raises(DataError, match="is no gzip file"):
        bundled_bytes(file)


def _digest_of_init() -> str:
    file = replace(bundled_files()["us-stocks"], file="bokeh_sampledata/__init__.py", sha256="")
    with pytest.raises(DataError, match="has sha256") as caught:
        bundled_bytes(file)
    return str(caught.value).split("has sha256 ")[1][:64]
