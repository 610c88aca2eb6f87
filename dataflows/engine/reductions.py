"""Refuses float reductions in node functions: their result would depend on chunking, threads or the window.

Observed with polars 2.1: `group_by().mean()` gave 51 results in 300 runs on one thread; rolling and ewm differ
between a window and the full history. Reductions therefore come from `nodes.kernels` only, which fix the order.

Looked at is the code of a node and of every helper of our own that it names, outside kernels and vocabulary: the
attributes and globals that it loads, whatever they are called there. It is a lint against slips, not a sandbox.
"""

from __future__ import annotations

import builtins
import dis
import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from types import BuiltinMethodType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import polars as pl

_BANNED = frozenset(
    {"sum", "mean", "std", "var", "corr", "cov", "dot", "matmul", "einsum", "average", "median", "quantile", "nansum"}
    | {"nanmean", "nanstd", "nanvar", "nanmedian", "nanquantile", "nanpercentile", "percentile", "nanprod", "norm"}
    | {"group_by", "group_by_dynamic", "rolling", "over", "pivot", "describe", "sql", "sql_expr", "cumulative_eval"}
    | {"cum_sum", "cumsum", "nancumsum", "cum_prod", "cumprod", "nancumprod", "product", "prod", "trapezoid"}
    | {"kurtosis", "skew", "inner", "vdot", "tensordot", "corrcoef", "convolve", "correlate", "logsumexp"}
)
_BANNED_PREFIXES = ("rolling_", "ewm_")
_UFUNC_METHODS = frozenset({"reduce", "accumulate", "reduceat"})
_BY_TEXT = frozenset({"getattr", "methodcaller", "attrgetter"})
_EXEMPT = ("nodes.kernels", "nodes.vocabulary")
"""Kernels fix the order of their reductions; the vocabulary computes nothing."""


def banned_reductions(function: Callable[..., Any]) -> list[str]:
    """A complaint for every banned reduction in a function and its helpers: what, where and the mend."""
    try:
        inspect.getsourcelines(function)
    except OSError:
        return [f"{function.__qualname__} has no source to check or archive; define it in a file"]
    complaints: list[str] = []
    for found in _helpers(function):
        place = f"{found.__module__}:{found.__qualname__}"
        complaints += [
            f"{place} line {line} uses the banned reduction {name!r}, whose result depends on order; "
            "use one from nodes.kernels, which fixes the order"
            for line, name in sorted(set(_found(found.__code__, found.__globals__)))
        ]
    return complaints


def _helpers(function: Callable[..., Any]) -> Iterator[FunctionType]:
    """The function, then every function of our own that it and they name, each once."""
    waiting: list[Any] = [function]
    seen: set[int] = set()
    while waiting:
        item = inspect.unwrap(waiting.pop())
        if id(item) in seen or not isinstance(item, FunctionType):
            continue
        seen.add(id(item))
        yield item
        packages = _packages(item.__module__)
        for value in _loaded(item.__code__, item.__globals__):
            methods = vars(value).values() if isinstance(value, type) else (value,)
            waiting += [method for method in methods if _is_helper(method, packages)]


def _packages(module: str) -> frozenset[str]:
    """Our package and the one that a module is in: what they define is looked into, not known by its name."""
    return frozenset({"nodes", module.partition(".")[0]})


def _is_helper(value: Any, packages: frozenset[str]) -> bool:  # noqa: ANN401
    module = getattr(value, "__module__", None) or ""
    return callable(value) and module.partition(".")[0] in packages and not module.startswith(_EXEMPT)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield from _codes(item)


def _loaded(code: CodeType, scope: Mapping[str, Any]) -> list[Any]:
    """Every global that the code loads, and what it takes from modules among them."""
    return [value for part in _codes(code) for _, _, value, _ in _loads(part, scope)]


def _loads(code: CodeType, scope: Mapping[str, Any]) -> Iterator[tuple[int, str, Any, Any]]:
    """Line, name, value and owner of every load of a global or an attribute; None where it cannot be told."""
    names: Mapping[str, Any] = {**vars(builtins), **scope}
    line, value = 0, None
    for item in dis.get_instructions(code):
        line = item.starts_line or line
        if item.opname in ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME"):
            known: Mapping[str, Any] = sys.modules if item.opname == "IMPORT_NAME" else names
            value = known.get(item.argval)
            yield line, "" if item.opname == "IMPORT_NAME" else item.argval, value, None
        elif item.opname in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"):
            owner, value = value, getattr(value, item.argval, None) if isinstance(value, ModuleType) else None
            yield line, item.argval, value, owner
        elif item.opname not in ("CACHE", "EXTENDED_ARG"):
            value = None


def _found(code: CodeType, scope: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    ours = _packages(str(scope.get("__name__", "")))
    for part in _codes(code):
        for line, name, value, owner in _loads(part, scope):
            banned = _banned(name, value, owner, ours)
            if banned:
                yield line, banned
        yield from ((line, "@") for line in _matrix_products(part))
        if _BY_TEXT.intersection(part.co_names):
            texts = [item for item in part.co_consts if isinstance(item, str) and _is_banned(item)]
            yield from ((part.co_firstlineno, text) for text in texts)


def _banned(name: str, value: Any, owner: Any, ours: frozenset[str]) -> str:  # noqa: ANN401
    """The banned name that a load reaches for, under whatever name, or ""."""
    if isinstance(value, pl.Expr):
        return f"{name} (an expression made elsewhere)"
    if value is None:
        return name if _is_banned(name) or name in _UFUNC_METHODS else ""
    if isinstance(value, BuiltinMethodType) and isinstance(value.__self__, np.ufunc):
        return value.__name__ if value.__name__ in _UFUNC_METHODS else ""
    own_module = getattr(value, "__module__", None) or ""
    if own_module.partition(".")[0] in ours or isinstance(value, ModuleType) or owner in (functools, itertools):
        return ""
    own_name = str(getattr(value, "__name__", name))
    return own_name if callable(value) and _is_banned(own_name) else ""


def _is_banned(name: str) -> bool:
    return name in _BANNED or name.startswith(_BANNED_PREFIXES)


def _matrix_products(code: CodeType) -> Iterator[int]:
    line = 0
    for item in dis.get_instructions(code):
        line = item.starts_line or line
        if item.opname == "BINARY_OP" and "@" in item.argrepr:
            yield line
