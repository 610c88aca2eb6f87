"""The digest of what a function does: equal while behaviour cannot have changed, different when it can.

Covered: bytecode (without line numbers, names of files or docstrings), typed constants (sets sorted), names,
defaults, closures, and, recursively, every global that the function reads: helpers, constants, classes of our
own; for what comes from a library, the distribution's name and version. Versions of Python count once.

Never marshal or repr: both differ between processes (set order, interned flags, addresses).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib import metadata
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from nodes.vocabulary.canonical import digest, encode

_PYTHON = f"{sys.implementation.name}-{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
_SCALARS = (type(None), bool, int, float, str, bytes, Decimal)
_FLAG_MASK = 0x2F
"""Optimised, new locals, varargs, varkeywords, generator: the flags that decide behaviour."""


def code_digest(function: Callable[..., Any], first_party: frozenset[str]) -> bytes:
    """The digest of a function and of all that it reads: 32 bytes.

    Args:
        function: the function.
        first_party: top-level package names whose sources are followed; everything else counts by version.
    """
    return digest("code", _PYTHON.encode(), encode(_Walk(first_party).described(function)))


class _Walk:
    """One walk over a function and what it reads; objects met again are named by when they were met."""

    def __init__(self, first_party: frozenset[str]) -> None:
        self.first_party = first_party
        self.met: dict[int, int] = {}
        self.kept: list[object] = []

    def described(self, value: Any) -> Any:  # noqa: ANN401
        """A canonical description of any object that a function can read."""
        if isinstance(value, float | complex) and not isinstance(value, _SCALARS):
            return ("complex", value.real, value.imag)
        if type(value) in _SCALARS:
            return ("constant", type(value).__name__, value)
        if id(value) in self.met:
            return ("again", self.met[id(value)])
        self.met[id(value)] = len(self.met)
        self.kept.append(value)
        return self._object(value)

    def _object(self, value: Any) -> Any:  # noqa: ANN401, PLR0911  # one line a kind of object
        if isinstance(value, CodeType):
            return self._code(value, {})
        if isinstance(value, ModuleType):
            return ("module", value.__name__, _version(value.__name__))
        if isinstance(value, Enum):
            return ("enum", type(value).__qualname__, value.name)
        if isinstance(value, tuple | list):
            return (type(value).__name__, tuple(self.described(item) for item in value))
        if isinstance(value, frozenset | set):
            return ("set", tuple(sorted(encode(self.described(item)) for item in value)))
        if isinstance(value, Mapping):
            return ("mapping", tuple(sorted(encode(self._pair(key, value[key])) for key in value)))
        return self._defined(value)

    def _pair(self, key: Any, value: Any) -> Any:  # noqa: ANN401
        return (self.described(key), self.described(value))

    def _defined(self, value: Any) -> Any:  # noqa: ANN401
        module = getattr(value, "__module__", None) or type(value).__module__
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", type(value).__qualname__)
        if module.partition(".")[0] not in self.first_party or isinstance(value, BuiltinFunctionType):
            return ("library", module, name, _version(module))
        inner = getattr(value, "__wrapped__", value)
        if isinstance(inner, MethodType):
            inner = inner.__func__
        if isinstance(inner, FunctionType):
            return self._function(inner)
        if isinstance(inner, type):
            return ("class", name, tuple(self._member(inner, member) for member in sorted(vars(inner))))
        if hasattr(inner, "__supertype__"):
            return ("newtype", name, self.described(inner.__supertype__))
        if is_dataclass(inner):
            state = tuple((field.name, self.described(getattr(inner, field.name))) for field in fields(inner))
            return ("instance", type(inner).__qualname__, state)
        return ("object", type(inner).__qualname__, self.described(type(inner)))

    def _member(self, owner: type, name: str) -> Any:  # noqa: ANN401
        value = vars(owner)[name]
        if name.startswith("__") and not isinstance(value, FunctionType):
            return (name,)
        value = getattr(value, "fget", None) or getattr(value, "__func__", value)
        return (name, self.described(value))

    def _function(self, function: FunctionType) -> Any:  # noqa: ANN401
        cells = function.__closure__ or ()
        return (
            "function",
            self._code(function.__code__, function.__globals__, function.__doc__),
            self.described(function.__defaults__),
            self.described(function.__kwdefaults__),
            tuple(self.described(cell.cell_contents) for cell in cells),
        )

    def _code(self, code: CodeType, scope: Mapping[str, Any], doc: str | None = None) -> Any:  # noqa: ANN401
        constants = code.co_consts[1:] if doc is not None and code.co_consts[:1] == (doc,) else code.co_consts
        inner = tuple(
            self._code(item, scope) if isinstance(item, CodeType) else self.described(item) for item in constants
        )
        read = tuple((name, self.described(scope[name])) for name in code.co_names if name in scope)
        return (
            code.co_code,
            inner,
            code.co_names,
            code.co_varnames,
            code.co_freevars,
            code.co_cellvars,
            (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & _FLAG_MASK),
            code.co_exceptiontable,
            read,
        )


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


@cache
def _version(module: str) -> str:
    """Distribution and version that a module comes from; for the standard library, nothing more than its name."""
    names = _distributions().get(module.partition(".")[0], [])
    return ",".join(sorted(f"{name}=={metadata.version(name)}" for name in names))
