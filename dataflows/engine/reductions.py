"""Refuses float reductions in node functions: their result would depend on chunking, threads or the window.

Observed with polars 2.1: `group_by().mean()` gave 51 results in 300 runs on one thread; rolling and ewm differ
between a window and the full history. Reductions therefore come from `nodes.kernels` only, which fix the order.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

_BANNED = frozenset(
    {"sum", "mean", "std", "var", "corr", "cov", "dot", "matmul", "einsum", "average", "median", "quantile", "nansum"}
    | {
        "nanmean",
        "nanstd",
        "nanvar",
        "group_by",
        "group_by_dynamic",
        "rolling",
        "over",
        "cum_sum",
        "cumsum",
        "cum_prod",
    }
    | {"cumprod", "product", "prod", "kurtosis", "skew", "trapezoid", "inner", "vdot", "tensordot"}
)
_BANNED_PREFIXES = ("rolling_", "ewm_")
_BANNED_BUILTINS = frozenset({"sum"})


def banned_reductions(function: Callable[..., Any]) -> list[str]:
    """A complaint for every banned reduction in a function's source: what, where and the mend."""
    try:
        lines, first = inspect.getsourcelines(function)
    except OSError:
        return [f"{function.__qualname__} has no source to check or archive; define it in a file"]
    tree = ast.parse(textwrap.dedent("".join(lines)))
    place = f"{function.__module__}:{function.__qualname__}"
    return [
        f"{place} line {first + line - 1} uses the banned reduction {name!r}, whose result depends on order; "
        "use one from nodes.kernels, which fixes the order"
        for line, name in sorted(_found(tree))
    ]


def _found(tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for item in ast.walk(tree):
        if isinstance(item, ast.BinOp) and isinstance(item.op, ast.MatMult):
            found.append((item.lineno, "@"))
        if isinstance(item, ast.Call):
            name = _called(item.func)
            if name:
                found.append((item.lineno, name))
    return found


def _called(function: ast.expr) -> str:
    """The banned name that a call reaches for, or ""."""
    if isinstance(function, ast.Attribute):
        name = function.attr
        return name if name in _BANNED or name.startswith(_BANNED_PREFIXES) else ""
    if isinstance(function, ast.Name) and function.id in _BANNED_BUILTINS:
        return function.id
    return ""
