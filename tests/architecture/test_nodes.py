"""What every node function of ours must be: documented, pure, free of order-dependent reductions and of numbers."""

from __future__ import annotations

import ast
import copy
import tomllib
from collections.abc import Iterator
from importlib import import_module, metadata
from inspect import isfunction

import pytest

from dataflows.engine.catalog import NODE_GROUP, STRATEGY_GROUP
from dataflows.engine.docstrings import node_doc
from dataflows.engine.reductions import banned_reductions
from tests.architecture.code import ROOT, Function, Source, body_lines, kernel_modules, node_functions, node_modules

MAX_NODE_LINES = 25
IMPURE = frozenset(
    {"now", "utcnow", "today", "random", "default_rng", "open", "print", "input", "exec", "eval", "__import__"}
    | {"globals", "locals", "read_csv", "read_parquet", "scan_parquet", "scan_csv", "write_parquet", "write_csv"}
)
BLAS = frozenset({"dot", "matmul", "einsum", "inner", "vdot", "tensordot"})
EXACT = "nodes/kernels/significance/exact_sums.py"
"""The one kernel that multiplies matrices: of whole numbers, whose sums no order of addition changes."""
FIELDS = ("summary", "formula", "unit", "missing", "source")
TRIVIAL_FIELDS = ("summary", "unit", "missing")
PICKS = frozenset(
    {"array", "column", "whole_column", "positive", "lagged", "last_values", "on_dates", "gather", "block_starts"}
    | {"abs", "float", "int", "len", "side", "sessions_after", "shares_held", "is_null", "is_not_null", "placed"}
)
"""Kernels and methods that lift, shift or pick values without computing new ones."""


def test_node_functions_are_short() -> None:
    assert not [
        f"{m.path}:{f.name}" for m in node_modules() for f in node_functions(m) if body_lines(f) > MAX_NODE_LINES
    ]


def test_node_functions_say_formula_unit_missing_and_source() -> None:
    assert not [
        f"{m.path}:{f.name} lacks {field}" for m in node_modules() for f in node_functions(m) for field in _lacks(f)
    ]


def test_node_functions_hold_no_default_values() -> None:
    found = [(m, f) for m in node_modules() for f in node_functions(m) if f.args.defaults or f.args.kw_defaults]
    assert not [f"{m.path}:{f.name}" for m, f in found]


def test_node_functions_reach_for_no_clock_chance_or_disk() -> None:
    assert not [f"{m.path}:{place}" for m in node_modules() for place in _calls(m.tree, IMPURE)]


def test_kernels_reach_for_no_clock_or_disk_and_for_chance_only_by_a_seed_they_are_given() -> None:
    """Draws from a generator made of a seed are a pure function of it; a generator without one is not."""
    bare = [(module.path, _without_seeded_draws(module.tree)) for module in kernel_modules()]
    assert not [f"{path}:{place}" for path, tree in bare for place in _calls(tree, IMPURE)]


@pytest.mark.parametrize(
    ("written", "is_chance"),
    [
        ("np.random.default_rng(seed).random(3)", False),
        ("rng.random((2, f(seed)))", False),
        ("np.random.default_rng()", True),
        ("np.random.random(3)", True),
        ("rng.random(time.now())", True),
    ],
)
def test_draws_without_a_seed_are_chance(written: str, *, is_chance: bool) -> None:
    assert bool(list(_calls(_without_seeded_draws(ast.parse(written)), IMPURE))) is is_chance


def test_kernels_leave_no_order_of_addition_to_blas() -> None:
    matmul = [
        f"{module.path}:{item.lineno} @"
        for module in kernel_modules()
        for item in ast.walk(module.tree)
        if isinstance(item, ast.BinOp) and isinstance(item.op, ast.MatMult) and module.path != EXACT
    ]
    assert not matmul + [f"{module.path}:{place}" for module in kernel_modules() for place in _calls(module.tree, BLAS)]


def test_no_function_of_a_node_module_reduces_outside_the_kernels() -> None:
    assert not [complaint for module in node_modules() for complaint in _reductions(module)]


@pytest.mark.parametrize("group", [NODE_GROUP, STRATEGY_GROUP])
def test_installed_entry_points_are_those_of_pyproject(group: str) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"][group]
    installed = {
        item.name: item.value for item in metadata.distribution("assay-engine").entry_points.select(group=group)
    }
    assert installed == declared, "the installation is older than pyproject.toml; run make check, which renews it"


def test_every_node_module_is_an_entry_point_named_by_stage_and_family() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    wanted = {module.name.removeprefix("nodes."): module.name for module in node_modules()}
    assert declared[NODE_GROUP] == wanted


def _lacks(function: Function) -> list[str]:
    """The fields that a node's docstring lacks. A node that only picks a value needs a summary and a unit."""
    doc = node_doc(ast.get_docstring(function))
    return [field for field in (TRIVIAL_FIELDS if _is_trivial(function) else FIELDS) if not getattr(doc, field)]


def _is_trivial(function: Function) -> bool:
    """Whether a function only picks or lifts a value: no arithmetic, no kernel that computes."""
    operations = (ast.BinOp, ast.Compare, ast.BoolOp, ast.IfExp)
    called = {_name(item.func) for item in ast.walk(function) if isinstance(item, ast.Call)}
    computes = any(isinstance(item, operations) for statement in function.body for item in ast.walk(statement))
    return not computes and all(name in PICKS or name[:1].isupper() for name in called)


def _name(called: ast.expr) -> str:
    """The last word of what is called."""
    return called.attr if isinstance(called, ast.Attribute) else ast.unparse(called)


def _calls(tree: ast.AST, names: frozenset[str]) -> Iterator[str]:
    """Places that call something of one of these names, plain or as an attribute; `np.random.x` counts as random."""
    for item in ast.walk(tree):
        if isinstance(item, ast.Call):
            reached = {part.attr for part in ast.walk(item.func) if isinstance(part, ast.Attribute)}
            reached |= {item.func.id} if isinstance(item.func, ast.Name) else set()
            yield from (f"{item.lineno} {name}" for name in sorted(reached & names))


def _without_seeded_draws(tree: ast.AST) -> ast.AST:
    """The same module, without the calls that make a generator of a seed or draw from a generator by name."""
    bare: ast.AST = _SeededDraws().visit(copy.deepcopy(tree))
    return bare


class _SeededDraws(ast.NodeTransformer):
    """Takes the name off a seeded draw; its arguments stay to be looked at."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        written = ast.unparse(node.func)
        is_maker = written == "np.random.default_rng" and bool(node.args)
        is_draw = written.endswith(".random") and written.split(".")[0] not in {"np", "numpy", "random"}
        return ast.Tuple(elts=node.args, ctx=ast.Load()) if is_maker or is_draw else node


def _reductions(module: Source) -> list[str]:
    """The engine's own complaints over every function of a module, its helpers too."""
    loaded = import_module(module.name)
    own = [item for item in vars(loaded).values() if isfunction(item) and item.__module__ == module.name]
    return [complaint for function in own for complaint in banned_reductions(function)]
