"""A Python client as a user makes one: generated from the document by `openapi-python-client`, never kept."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "assay_client"
CONFIG: Mapping[str, Any] = {
    "content_type_overrides": {"application/openmetrics-text": "text/plain"},
    "post_hooks": [],  # they only format, with a ruff that must be on the path
}
"""What the generator must be told: that metrics are text."""


@dataclass(frozen=True)
class Generation:
    """What the generator made.

    Attributes:
        folder: holds the package.
        said: everything that it said.
    """

    folder: Path
    said: str

    def operations(self) -> dict[str, Path]:
        """The module of each operation by operation id."""
        return {file.stem: file for file in self.folder.glob(f"{PACKAGE}/api/*/*.py") if file.stem != "__init__"}

    def module(self, name: str) -> ModuleType:
        """A module of the package; its folder must be on the path."""
        return importlib.import_module(f"{PACKAGE}.{name}")

    def function(self, operation_id: str) -> Callable[..., Any]:
        """The function that calls an operation and returns the whole answer: status, headers and what was parsed."""
        file = self.operations()[operation_id]
        found: Callable[..., Any] = self.module(f"api.{file.parent.name}.{file.stem}").sync_detailed
        return found


def generation(document: Mapping[str, Any], folder: Path) -> Generation:
    """A client of a document, generated into a folder."""
    source, config = folder / "openapi.json", folder / "config.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    places = ["--path", str(source), "--config", str(config), "--output-path", str(folder / PACKAGE)]
    done = subprocess.run([*command, *places], capture_output=True, text=True, check=False, cwd=folder)  # noqa: S603
    return Generation(folder, done.stdout + done.stderr)
