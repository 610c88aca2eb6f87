"""Pages of the documentation: links lead somewhere, figures stand beside the command that prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.code import ROOT
from tests.docs.blocks import documents

_LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")
_FIGURE = re.compile(r"\b\d[\d,.]*\s?(?:us|ms|s|seconds|minutes|MB|GB|decisions/s|/s|x faster)\b(?!\w)")
_COMMAND = re.compile(r"`[^`]*\b(?:make|assay|pytest|python)\b[^`]*`|^```", re.MULTILINE)
pages = pytest.mark.parametrize("page", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in documents()])


@pages
def test_links_lead_to_files_that_exist(page: Path) -> None:
    targets = [match[1] for match in _LINK.finditer(page.read_text(encoding="utf-8"))]
    assert not [target for target in targets if "://" not in target and not (page.parent / target).exists()]


@pages
def test_figures_stand_beside_the_command_that_prints_them(page: Path) -> None:
    assert not [
        figure for section in _sections(page) for figure in _FIGURE.findall(section) if not _COMMAND.search(section)
    ]


def _sections(page: Path) -> Iterator[str]:
    """The text under each heading."""
    yield from re.split(r"^#+ .*$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
