"""Where a run happened: Python, libraries and machine class, as every trace header names them.

A decision is re-created bit for bit on the machine class that made it. The class is what can change a float without
any code changing: the vector instructions that numpy found, the BLAS core that was picked for this processor, and
the thread counts. Decision code runs on one BLAS thread (`single_threaded`).
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, cast

import numpy as np
import polars as pl
import threadpoolctl

from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import LogError

LIBRARIES = (
    "apache-hamilton",
    "clarabel",
    "cvxpy",
    "numpy",
    "polars",
    "polars-runtime-32",
    "scipy",
    "sqlglot",
)
"""Distributions whose code computes values: another version may round otherwise."""


@dataclass(frozen=True)
class Environment:
    """What a run ran on.

    Attributes:
        python: implementation and version.
        libraries: version of each library that computes values; "absent" when it is not installed.
        machine: the machine class, by aspect.
    """

    python: str
    libraries: Mapping[str, str]
    machine: Mapping[str, str]

    @property
    def content(self) -> dict[str, Any]:
        """The environment as canonical values."""
        return {"python": self.python, "libraries": dict(self.libraries), "machine": dict(self.machine)}

    @property
    def digest(self) -> bytes:
        """The identity of the environment."""
        return digest("environment", encode(self.content))


def environment_here() -> Environment:
    """The environment of this process, as it stands: compute it once the libraries of a plan are loaded."""
    return Environment(
        python=f"{sys.implementation.name}-{platform.python_version()}",
        libraries={name: _version(name) for name in LIBRARIES},
        machine=_machine(),
    )


def environment_from_content(content: Mapping[str, Any]) -> Environment:
    """The environment that a header names. Raises LogError when it names none."""
    try:
        return Environment(content["python"], dict(content["libraries"]), dict(content["machine"]))
    except (KeyError, TypeError, ValueError) as error:
        message = f"environment {content!r} of a trace is unreadable: {error}; restore the body from a copy"
        raise LogError(message) from error


def library_differences(recorded: Environment, here: Environment) -> tuple[str, ...]:
    """Each library, and Python itself, that is of another version here, in words."""
    before = {"python": recorded.python, **recorded.libraries}
    now = {"python": here.python, **here.libraries}
    return _differences(before, now)


def machine_differences(recorded: Environment, here: Environment) -> tuple[str, ...]:
    """Each aspect of the machine class that is other here, in words."""
    return _differences(recorded.machine, here.machine)


def single_threaded() -> None:
    """Hold BLAS to one thread for the rest of this process, as decisions require.

    Only libraries that are loaded already are reached: call it once the nodes are imported.
    """
    threadpoolctl.threadpool_limits(limits=1)


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    names = sorted(before.keys() | now.keys())
    pairs = ((name, before.get(name, "absent"), now.get(name, "absent")) for name in names)
    return tuple(f"{name} was {was}, is {found} here" for name, was, found in pairs if was != found)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def _machine() -> dict[str, str]:
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    cores = sorted({f"{pool['internal_api']} {pool.get('architecture', 'unknown')}" for pool in pools})
    return {
        "architecture": platform.machine(),
        "vector_instructions": " ".join(_vector_instructions()),
        "blas_core": ", ".join(cores),
        "blas_threads": ",".join(sorted({str(pool["num_threads"]) for pool in pools})),
        "polars_threads": str(pl.thread_pool_size()),
    }


def _vector_instructions() -> tuple[str, ...]:
    shown = cast("Mapping[str, Any]", np.show_config(mode="dicts"))
    extensions = shown["SIMD Extensions"]
    return tuple(sorted({*extensions.get("baseline", ()), *extensions.get("found", ())}))
