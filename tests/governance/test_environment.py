"""An environment names what can change a float, and differences are said in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
import threadpoolctl

from governance.environment import (
    environment_from_content,
    environment_here,
    library_differences,
    machine_differences,
    single_threaded,
)
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import LogError


def test_environment_names_python_libraries_and_machine() -> None:
    here = environment_here()
    assert here.python.startswith("cpython-3.11.")
    assert here.libraries["numpy"][0].isdigit()
    assert all(here.machine[name] for name in ("architecture", "vector_instructions", "blas_core", "polars_threads"))


def test_environment_is_the_same_when_asked_again() -> None:
    assert environment_here().digest == environment_here().digest


def test_environment_survives_its_canonical_bytes() -> None:
    here = environment_here()
    assert environment_from_content(decode(encode(here.content))) == here


def test_an_environment_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(LogError, match=r"environment \{'python': 'cpython'\} of a trace is unreadable"):
        environment_from_content({"python": "cpython"})


def test_another_library_version_is_named_with_both_versions() -> None:
    here = environment_here()
    recorded = replace(here, libraries={**here.libraries, "numpy": "1.0.0"})
    (found,) = library_differences(recorded, here)
    assert found == f"numpy was 1.0.0, is {here.libraries['numpy']} here"


def test_another_python_counts_as_a_library() -> None:
    here = environment_here()
    (found,) = library_differences(replace(here, python="cpython-3.10.1"), here)
    assert found.startswith("python was cpython-3.10.1, is cpython-3.11.")


def test_another_machine_class_is_named_by_its_aspect() -> None:
    here = environment_here()
    recorded = replace(here, machine={**here.machine, "blas_core": "openblas of no machine", "memory": "big"})
    found = machine_differences(recorded, here)
    assert [text.partition(" was ")[0] for text in found] == ["blas_core", "memory"]
    assert "memory was big, is absent here" in found


def test_single_threaded_holds_blas_to_one_thread() -> None:
    before = {pool["filepath"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
    try:
        single_threaded()
        assert environment_here().machine["blas_threads"] == "1"
    finally:
        threadpoolctl.threadpool_limits(limits=max(before.values(), default=1))
