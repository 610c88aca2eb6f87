"""The sources that are archived are those that run."""

from __future__ import annotations

from pathlib import Path

import nodes.vocabulary.units
from dataflows.engine.sources import module_sources


def test_every_module_of_the_package_is_taken_with_its_text() -> None:
    sources = module_sources(["nodes.guardrails.size"])
    assert sources["nodes.vocabulary.units"] == Path(nodes.vocabulary.units.__file__).read_text(encoding="utf-8")
    assert sources["nodes.__init__"] == ""
    assert list(sources) == sorted(sources)


def test_a_package_of_someone_elses_comes_beside_ours() -> None:
    assert {"tests.dataflows.engine.tiny", "nodes.vocabulary.errors"} <= set(module_sources(["tests.anything"]))
