"""The names, units and arguments of the shipped nodes change only on purpose: they are what policies speak."""

from __future__ import annotations

from tests.architecture.catalog import COMMITTED, catalog_text


def test_catalog_is_the_committed_one() -> None:
    mend = "when the change is wanted: python -m tests.architecture.catalog"
    assert catalog_text().splitlines() == COMMITTED.read_text(encoding="utf-8").splitlines(), mend
