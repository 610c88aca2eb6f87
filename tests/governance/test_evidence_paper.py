"""A pack as a paper: everything that it counts can be read, and it claims nothing about the law."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.log_folder import log_folder
from governance.evidence_pack import evidence_pack
from governance.evidence_paper import evidence_paper
from governance.evidence_views import EvidencePack
from tests.governance.bundle_examples import DecidedHome, decided

__all__ = ["decided"]


@pytest.fixture(scope="module")
def pack(decided: DecidedHome) -> EvidencePack:
    with decided.store.reader() as reader:
        return evidence_pack(reader)


def test_a_paper_tells_every_control_with_its_counts(pack: EvidencePack) -> None:
    """GOVC-01."""
    text = evidence_paper(pack).markdown
    assert all(f"## {each.citation}: {each.control_id}" in text for each in pack.controls)
    n_decisions = sum(pack.verdicts.values())
    assert "| us-equities v1 | notional | order_notional_usd <= max_order_notional_usd |" in text
    assert f"| {n_decisions} |" in text
    assert "Gap: no rule of a policy in force does this." not in text.split("order-values")[1].split("##")[0]
    assert "It is not legal advice" in text
    assert pack.root in text


def test_a_page_says_the_same_and_needs_nothing_else(pack: EvidencePack) -> None:
    page = evidence_paper(pack).html
    assert "17 CFR 240.15c3-5(c)(1)(i): capital-thresholds" in page
    assert "http" not in page.replace("http-equiv", "")


def test_an_empty_log_says_that_nothing_happened(tmp_path: Path) -> None:
    with log_folder(tmp_path / "log", "paper").store.reader() as reader:
        found = evidence_pack(reader)
    text = evidence_paper(found).markdown
    for said in (
        "No decision was made.",
        "No policy was in force.",
        "No incident was recorded.",
    ):
        assert said in text
    assert "Gap: no rule of a policy in force does this." in text
    assert "How to check it" not in text


def test_events_beyond_a_full_list_are_counted_where_the_period_is_told(pack: EvidencePack) -> None:
    """GOVC-01: an empty list has nothing left out, and a full one does not look whole."""
    text = evidence_paper(replace(pack, n_left_out=3)).markdown
    assert "| events that the full lists below leave out | 3 |" in text
    assert "No incident was recorded. 3" not in text
    assert "leave out" not in evidence_paper(pack).markdown
