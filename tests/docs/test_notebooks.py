"""The notebooks run from the first cell to the last, say what they assert, and are kept without outputs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.architecture.code import ROOT

TIMEOUT_S = 240
NOTEBOOKS = [pytest.param(path, id=path.stem) for path in sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))]


def read(path: Path) -> nbformat.NotebookNode:
    found: nbformat.NotebookNode = nbformat.read(path, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]  # it ships no types
    return found


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_notebook_runs_in_a_folder_of_its_own(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text is not trusted: whatever a cell asserts must hold, and nothing is written beside it."""
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "TMPDIR"):
        folder = tmp_path / variable.lower()
        folder.mkdir()
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # other tests cover the code; tracing doubles the time
    before = sorted(path.parent.iterdir())
    NotebookClient(
        read(path), timeout=TIMEOUT_S, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert sorted(path.parent.iterdir()) == before


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_its_links_lead_to_files_that_exist(path: Path) -> None:
    words = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    targets = [match[1] for text in words for match in re.finditer(r"\]\(([^)#]+)(#[^)]*)?\)", text)]
    assert targets
    assert not [target for target in targets if not (path.parent / target).exists()]


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    found = read(path)
    nbformat.validate(found)
    cells = [cell for cell in found.cells if cell.cell_type == "code"]
    assert cells
    assert not [cell.source for cell in cells if cell.outputs or cell.execution_count is not None]
    assert set(found.metadata) == {"kernelspec", "language_info"}
