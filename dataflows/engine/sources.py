"""Source texts of the first-party modules that a plan's nodes read: what a replay needs after code has changed.

The whole top-level package of each node module is taken, so that helpers and kernels come along.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterable
from functools import cache
from importlib import import_module, util
from pathlib import Path
from types import MappingProxyType


def module_sources(modules: Iterable[str]) -> dict[str, str]:
    """Source text of every module in the top-level packages of some modules, by dotted name.

    A package is named by its dotted name and `.__init__`.
    """
    sources: dict[str, str] = {}
    for package in sorted({"nodes", *(name.partition(".")[0] for name in modules)}):
        sources |= _package_sources(package)
    return dict(sorted(sources.items()))


@cache
def _package_sources(package: str) -> MappingProxyType[str, str]:
    module = sys.modules.get(package) or import_module(package)
    if not hasattr(module, "__path__"):
        return MappingProxyType({package: _text(package)})
    names = [item.name for item in pkgutil.walk_packages(module.__path__, f"{package}.")]
    found = {package: module, **dict.fromkeys(names)}
    return MappingProxyType({_key(name): _text(name) for name in found if _origin(name) is not None})


def _origin(name: str) -> Path | None:
    spec = util.find_spec(name)
    return Path(spec.origin) if spec is not None and spec.origin and spec.origin.endswith(".py") else None


def _key(name: str) -> str:
    origin = _origin(name)
    return f"{name}.__init__" if origin is not None and origin.name == "__init__.py" else name


def _text(name: str) -> str:
    origin = _origin(name)
    return origin.read_text(encoding="utf-8") if origin is not None else ""
