"""The lock files answer pyproject.toml, pin exactly, carry hashes and name no registry."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Collection, Iterator
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.code import PACKAGES, ROOT, Source, product

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-fix.lock", "requirements-uv.lock")
EXTRAS = ("alpaca", "ib", "scale", "feeds", "research", "sentiment")
UNREAD = {"icalendar", "shapely", "statsmodels"}
"""What `bokeh-sampledata` and `arch` ask for and no line of ours imports: of both only data files are read."""
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)


def _text(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def _pins(lock: str) -> dict[str, str]:
    """Version of each locked package."""
    return {canonicalize_name(name): version for name, version in _PIN.findall(_text(lock))}


def _wanted(*, extras: Collection[str] = ()) -> list[Requirement]:
    """What pyproject.toml asks for, with some of its extras; an extra that names this project's own is left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    optional = project["project"]["optional-dependencies"]
    asked = project["project"]["dependencies"] + project["build-system"]["requires"]
    texts = asked + [text for extra in extras for text in optional[extra]]
    return [each for each in map(Requirement, texts) if each.name != project["project"]["name"]]


@pytest.mark.parametrize(("lock", "extras"), [(LOCKS[0], ()), (LOCKS[1], (*EXTRAS, "dev"))])
def test_lock_answers_every_requirement_of_pyproject(lock: str, extras: tuple[str, ...]) -> None:
    pins = _pins(lock)
    unmet = [
        str(asked)
        for asked in _wanted(extras=extras)
        if (pin := pins.get(canonicalize_name(asked.name))) is None or pin not in asked.specifier
    ]
    assert not unmet, "run make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_each_package_with_hashes_and_names_no_address(lock: str) -> None:
    entries = [entry for entry in re.split(r"\n(?=[A-Za-z0-9])", _text(lock).strip()) if entry]
    assert not [entry.splitlines()[0] for entry in entries if not _PIN.match(entry) or "--hash=sha256:" not in entry]
    assert "://" not in _text(lock)
    assert "index-url" not in _text(lock)


def test_the_lock_of_the_console_pins_each_package_with_its_hash_and_names_no_address() -> None:
    text = (ROOT / "console" / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: told for name, told in json.loads(text)["packages"].items() if name and "link" not in told}
    assert not [name for name, told in packages.items() if not {"version", "integrity"} <= told.keys()]
    assert "://" not in text, 'strip "resolved" and "funding" after npm install'


def test_the_runtime_lock_holds_all_that_its_packages_ask_for_but_what_is_left_out_on_purpose() -> None:
    """What is missing would fail on a newcomer's machine alone: development brings more packages along."""
    pins = _pins(LOCKS[0])
    asked = [Requirement(text) for name in pins for text in metadata.requires(name) or ()]
    needed = {
        canonicalize_name(each.name) for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})
    }
    assert needed - pins.keys() == UNREAD


def test_development_lock_holds_the_runtime_lock_at_the_same_versions() -> None:
    runtime, development = _pins(LOCKS[0]), _pins(LOCKS[1])
    assert {name: development.get(name) for name in runtime} == runtime


def test_every_third_party_package_that_is_imported_is_asked_for() -> None:
    asked = {canonicalize_name(each.name) for each in _wanted(extras=(*EXTRAS, "fix"))}
    offered = metadata.packages_distributions()
    imported = {name for module in product() for name in _imported(module)} - sys.stdlib_module_names - set(PACKAGES)
    assert not [
        name for name in sorted(imported) if not asked & {canonicalize_name(each) for each in offered.get(name, [name])}
    ]


def _imported(module: Source) -> Iterator[str]:
    """Top-level names of the packages that a module imports."""
    for item in ast.walk(module.tree):
        if isinstance(item, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in item.names)
        elif isinstance(item, ast.ImportFrom):
            yield (item.module or "").partition(".")[0]
