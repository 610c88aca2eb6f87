"""The project's own source as the architecture tests see it: files, syntax trees, functions."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dataflows.engine.catalog import STAGES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("nodes", "policies", "dataflows", "governance", "adapters", "api", "fixtures")
NOT_NODES = "nodes/journal/"
"""The stage whose modules hold values and their transitions, not node functions."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file of Python: its path from the root with slashes, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.text.count("\n")

    @property
    def name(self) -> str:
        """Dotted name of the module."""
        return self.path.removesuffix(".py").replace("/", ".")


def source(path: Path, root: Path = ROOT) -> Source:
    """One file, parsed."""
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(root).as_posix(), text, ast.parse(text))


@cache
def product() -> tuple[Source, ...]:
    """Every module of the product."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(source(path) for path in paths)


@cache
def written_tests() -> tuple[Source, ...]:
    """Every module of the tests."""
    return tuple(source(path) for path in sorted((ROOT / "tests").rglob("*.py")))


def node_modules() -> tuple[Source, ...]:
    """The modules of node functions: those in a stage's folder."""
    return tuple(
        module
        for module in product()
        if module.path.startswith(tuple(f"nodes/{stage}/" for stage in STAGES))
        and module.lines > 0
        and not module.path.startswith(NOT_NODES)
    )


def kernel_modules() -> tuple[Source, ...]:
    """The modules of nodes/kernels."""
    return tuple(module for module in product() if module.path.startswith("nodes/kernels/") and module.lines > 0)


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function of a tree, methods and inner ones too."""
    return (item for item in ast.walk(tree) if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef))


def node_functions(module: Source) -> Iterator[Function]:
    """The functions of a node module that are nodes: public and at the top."""
    return (item for item in module.tree.body if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"))


def body_lines(function: Function) -> int:
    """Lines of a function from its first statement to its last, docstring out."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1


@cache
def tracked_files() -> tuple[str, ...]:
    """Every file that git tracks or would add, by path from the root; every file when there is no git."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # a constant command
    if listed.returncode:
        return tuple(path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*")) if path.is_file())
    return tuple(line for line in listed.stdout.splitlines() if (ROOT / line).is_file())
