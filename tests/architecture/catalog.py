"""The committed catalog: every node of ours with its units. `python -m tests.architecture.catalog` renews it."""

from __future__ import annotations

from pathlib import Path

from dataflows.engine.catalog import STAGES, CatalogNode, NodeModule, catalog, installed_modules
from nodes.vocabulary.units import Unit

COMMITTED = Path(__file__).with_name("catalog.txt")


def catalog_text() -> str:
    """One line a node of our own packages, by stage and name."""
    nodes = catalog(_own_modules()).values()
    ordered = sorted(nodes, key=lambda node: (STAGES.index(node.stage), node.module, node.name))
    return "".join(f"{_line(node)}\n" for node in ordered)


def _own_modules() -> list[NodeModule]:
    return [entry for entry in installed_modules(STAGES) if entry.module.__name__.startswith("nodes.")]


def _line(node: CatalogNode) -> str:
    arguments = ", ".join(f"{name}: {_word(unit)}" for name, unit in node.arguments.items())
    return f"{node.module.removeprefix('nodes.')} {node.name}({arguments}) -> {_word(node.unit)}"


def _word(unit: Unit) -> str:
    return f"{unit.name} | None" if unit.is_optional else unit.name


if __name__ == "__main__":
    COMMITTED.write_text(catalog_text(), encoding="utf-8")
