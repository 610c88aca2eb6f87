"""The digest of what a function does: equal while behaviour cannot have changed, different when it can.

Covered: instructions (see `bytecode`: no lines, no docstrings, no names of locals), constants with their types,
defaults, closures, what decorators left on the function, and, recursively, every global that the code names: helpers,
values with their state, classes of our own with their bases. What comes from a library counts by its name and its
distribution's version. The version of Python counts once.

Definitions are numbered in the order in which the walk meets them, and refer to each other by number: cycles end,
depth is no limit, and no address, hash seed or order of a set takes part. Never marshal or repr, which know all three.
"""

from __future__ import annotations

import copyreg
import struct
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum, EnumMeta
from functools import cache, cached_property, partial
from importlib import import_module, metadata
from importlib.util import find_spec, resolve_name
from types import (
    BuiltinMethodType,
    CellType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
)
from typing import Any, NewType

import numpy as np
import polars as pl

from dataflows.engine.bytecode import Code, Instruction, described_code
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import PlanError

_PYTHON = f"{sys.implementation.name}-{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
_SCALARS = (type(None), bool, int, float, str, bytes, Decimal)
_BOUND = (BuiltinMethodType, MethodType, MethodWrapperType)
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_TAGS = "hamilton.function_modifiers.metadata"
"""Decorators of this module say something about a node and change nothing in it."""


def code_digest(function: Callable[..., Any], first_party: frozenset[str]) -> bytes:
    """The digest of a function and of all that it reads: 32 bytes.

    Args:
        function: the function.
        first_party: top-level package names whose sources are followed; everything else counts by version.

    Raises:
        PlanError: the function reads an object whose state nothing can tell.
    """
    return digest("code", _PYTHON.encode(), _Walk(first_party).walked(function))


class _Walk:
    """One walk over a function and what it reads."""

    def __init__(self, first_party: frozenset[str], outer: _Walk | None = None) -> None:
        self.first_party = first_party
        self.numbers: dict[Any, int] = {} if outer is None else dict(outer.numbers)
        self.met: list[tuple[Any, Callable[[Any], Any]]] = []
        self.kept: list[_Walk] = []  # an address is a name only while its object lives

    def walked(self, value: Any) -> bytes:  # noqa: ANN401
        """The description of a value, then every definition that it leads to, in the order in which they were met."""
        root = self.described(value)
        definitions: list[Any] = []
        while len(definitions) < len(self.met):
            met, definition = self.met[len(definitions)]
            definitions.append(definition(met))
        return encode((root, tuple(definitions)))

    def described(self, value: Any) -> Any:  # noqa: ANN401
        """A canonical description of any object that a function can read: itself, or its definition's number."""
        if isinstance(value, Decimal) and not value.is_finite():
            return ("decimal", str(value))
        if type(value) in _SCALARS:
            return ("constant", value)
        if type(value) is tuple:
            return ("tuple", tuple(self.described(item) for item in value))
        if type(value) in (frozenset, set):
            return (type(value).__name__, tuple(sorted(self._apart(item) for item in value)))
        library = self._library_name(value)
        return library if library is not None else ("definition", self._number(id(value), value, self._definition))

    def _apart(self, item: Any) -> bytes:  # noqa: ANN401
        """A set's member by a walk of its own, since the order in which members come must not number anything."""
        walk = _Walk(self.first_party, self)
        self.kept.append(walk)
        return walk.walked(item)

    def _number(self, key: Any, value: Any, definition: Callable[[Any], Any]) -> int:  # noqa: ANN401
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers)
            self.met.append((value, definition))
        return self.numbers[key]

    def _library_name(self, value: Any) -> tuple[str, ...] | None:  # noqa: ANN401
        """What a library defines is known by its name and version; None for our own and for every plain value."""
        if isinstance(value, ModuleType):
            return None if self._is_ours(value.__name__) else ("module", value.__name__, _version(value.__name__))
        name = getattr(value, "__qualname__", getattr(value, "__name__", None))
        is_bound = isinstance(value, _BOUND) and not isinstance(value.__self__, ModuleType | type | None)
        if not callable(value) or not isinstance(name, str) or is_bound or self._holds_ours(value):
            return None
        module = getattr(value, "__module__", None) or type(value).__module__
        return None if self._is_ours(module) else ("library", module, name, _version(module))

    def _holds_ours(self, value: Any) -> bool:  # noqa: ANN401
        """Whether a library's object, like a vectorised function, was made over a function of ours."""
        if isinstance(value, type | FunctionType):
            return False
        held = [item for item in getattr(value, "__dict__", {}).values() if isinstance(item, FunctionType)]
        return any(self._is_ours(item.__module__ or "") for item in held)

    def _is_ours(self, module: str) -> bool:
        return module.partition(".")[0] in self.first_party

    def _definition(self, value: Any) -> Any:  # noqa: ANN401, PLR0911  # one line a kind of object
        if isinstance(value, FunctionType):
            return self._function(value)
        if isinstance(value, type):
            return self._class(value)
        if type(value) is list:
            return ("list", tuple(self.described(item) for item in value))
        if type(value) in (dict, MappingProxyType):
            return ("mapping", tuple((self.described(key), self.described(value[key])) for key in value))
        if type(value) is np.ndarray and not value.dtype.hasobject:
            return ("array", value.dtype.str, value.shape, value.tobytes())
        if isinstance(value, pl.Series | pl.DataFrame):
            return ("frame", encode(value))
        if isinstance(value, ModuleType):  # met as a value, so anything may be taken from it, anywhere
            names = sorted(name for name in vars(value) if not name.startswith("__") or name == "__getattr__")
            return ("module", value.__name__, tuple((name, self.described(vars(value)[name])) for name in names))
        if isinstance(value, NewType):
            return ("newtype", value.__name__, self.described(value.__supertype__))
        if "__wrapped__" in getattr(value, "__dict__", {}) and not self._is_ours(type(value).__module__):
            return ("wrapper", type(value).__name__, self.described(value.__wrapped__))
        return self._state(value)

    def _state(self, value: Any) -> Any:  # noqa: ANN401
        """An object as pickle would rebuild it: its class, arguments and state, described in their turn."""
        try:
            reduced = _reduced(value)
        except Exception as error:
            raise PlanError(
                f"code reads {value!r:.80} of type {type(value).__name__}, whose state cannot be digested ({error}); "
                "read a plain constant in its place"
            ) from error
        if isinstance(reduced, str):
            return ("global", type(value).__name__, reduced)
        made = tuple(self.described(list(part) if hasattr(part, "__next__") else part) for part in reduced)
        return ("object", self.described(type(value)), made)

    def _function(self, function: FunctionType) -> Any:  # noqa: ANN401
        cells = tuple(self._cell(cell) for cell in function.__closure__ or ())
        return (
            "function",
            self._code(function.__code__, function.__globals__),
            self.described(function.__defaults__),
            self.described(function.__kwdefaults__),
            cells,
            tuple((name, self.described(left)) for name, left in sorted(_left_by_decorators(function).items())),
        )

    def _cell(self, cell: CellType) -> Any:  # noqa: ANN401
        try:
            return self.described(cell.cell_contents)
        except ValueError:  # a name that is not bound yet
            return ("empty",)

    def _code(self, code: CodeType, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401
        found = described_code(code)
        instructions = tuple(
            (item.name, self._operand(item, scope)) if item.operand is not None or item.is_constant else (item.name,)
            for item in found.instructions
        )
        read = [item.operand for item in found.instructions if item.is_global and item.operand in scope]
        escaping = _escaping(found)
        globals_read = tuple(
            (name, self.described(scope[name]) if name in escaping else self._global(scope[name], found.names))
            for name in dict.fromkeys(read)
        )
        imported = tuple(self._imported(name, found.names) for name in _import_names(found, scope))
        return (found.shape, instructions, found.handlers, globals_read, imported)

    def _imported(self, name: str, names: tuple[str, ...]) -> Any:  # noqa: ANN401
        if not self._is_ours(name):
            return (name, _version(name))
        module = import_module(name)
        for part in names if hasattr(module, "__path__") else ():
            if not hasattr(module, part) and find_spec(f"{name}.{part}") is not None:
                import_module(f"{name}.{part}")  # what the import would do when it runs
        return self._global(module, names)

    def _operand(self, item: Instruction, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if not item.is_constant:
            return item.operand
        return self._code(item.operand, scope) if isinstance(item.operand, CodeType) else self.described(item.operand)

    def _global(self, value: Any, names: tuple[str, ...]) -> Any:  # noqa: ANN401
        """A global; of a module of our own, what the code can take from it."""
        if not isinstance(value, ModuleType) or not self._is_ours(value.__name__):
            return self.described(value)
        return ("definition", self._number((id(value), names), value, partial(self._taken, names)))

    def _taken(self, names: tuple[str, ...], module: ModuleType) -> Any:  # noqa: ANN401
        found = {name: getattr(module, name) for name in names if hasattr(module, name)}
        return (module.__name__, tuple((name, self._global(item, names)) for name, item in found.items()))

    def _class(self, value: type) -> Any:  # noqa: ANN401
        bases = tuple(self.described(base) for base in (type(value), *value.__bases__))
        if isinstance(value, EnumMeta):
            members: Mapping[str, Any] = value.__members__
            values = tuple((name, self.described(item.value)) for name, item in members.items())
            own = {name: item for name, item in vars(value).items() if not isinstance(item, Enum)}
            return ("enum", value.__qualname__, bases, values, self._members(_without_sunders(own)))
        defaults = tuple(  # of a msgspec structure
            self.described(getattr(item, "factory", item)) for item in getattr(value, "__struct_defaults__", ())
        )
        return ("class", value.__qualname__, bases, self._members(vars(value)), defaults)

    def _members(self, members: Mapping[str, Any]) -> Any:  # noqa: ANN401
        return tuple((name, self._member(name, members[name])) for name in sorted(members))

    def _member(self, name: str, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, property):
            return tuple(self.described(part) for part in (value.fget, value.fset, value.fdel))
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        if isinstance(value, cached_property):
            value = value.func
        if isinstance(value, FunctionType):
            return self.described(value)
        is_slot = isinstance(value, MemberDescriptorType | GetSetDescriptorType)
        return None if is_slot or name.startswith("__") or name == "_abc_impl" else self.described(value)


def _escaping(code: Code) -> frozenset[str]:
    """Globals that the code does more with than take an attribute, `getattr` apart from the rest."""
    following = [item.name for item in code.instructions[1:]]
    if "getattr" in code.names:
        return frozenset(item.operand for item in code.instructions if item.is_global)
    pairs = zip(code.instructions, following, strict=False)
    return frozenset(item.operand for item, after in pairs if item.is_global and after not in _ATTRIBUTE)


def _import_names(code: Code, scope: Mapping[str, Any]) -> list[str]:
    """Absolute names of the modules that the code imports; the level stands two instructions before the name."""
    names = []
    for at, item in enumerate(code.instructions):
        if item.is_import:
            level = code.instructions[at - 2].operand or 0
            names.append(resolve_name("." * level + item.operand, scope.get("__package__") or None))
    return names


def _reduced(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, struct.Struct):  # which pickle refuses
        return (struct.Struct, (value.format,))
    reducer: Callable[[Any], Any] | None = copyreg.dispatch_table.get(type(value))
    return value.__reduce_ex__(2) if reducer is None else reducer(value)


def _left_by_decorators(function: FunctionType) -> dict[str, Any]:
    """What decorators hung on a function, tags apart; a wrapper reaches what it wraps through its closure."""
    left = {name: value for name, value in vars(function).items() if name != "__wrapped__"}
    for name, value in left.items():
        if isinstance(value, list):
            left[name] = [item for item in value if type(item).__module__ != _TAGS]
    return {name: value for name, value in left.items() if value != []}


def _without_sunders(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if not (name.startswith("_") and name.endswith("_"))}


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


@cache
def _version(module: str) -> str:
    """Distribution and version that a module comes from; for the standard library, nothing more than its name."""
    names = _distributions().get(module.partition(".")[0], [])
    return ",".join(sorted(f"{name}=={metadata.version(name)}" for name in names))
