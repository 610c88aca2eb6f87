"""The page of a bundle: what the file holds, the policy and the code, and one empty place for the data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.pages.bundle_page import bundle_page
from api.pages.trace_page import trace_page
from governance.bundle import END, START, BundleData, bundle_data
from governance.disclosure import Masked
from tests.api.examples import HOSTILE, decision_view
from tests.api.pages.test_trace_page import Page
from tests.governance.bundle_examples import DecidedHome, clipped, decided, runs_of

__all__ = ["decided"]


@pytest.fixture(scope="module")
def data(decided: DecidedHome) -> BundleData:
    with decided.store.reader() as reader:
        return bundle_data(reader, runs_of(reader, clipped(reader)))


def test_a_page_tells_what_the_file_holds_and_how_to_check_it(data: BundleData) -> None:
    """ENG-09."""
    html = bundle_page(decision_view(), data, "policy: example", {"nodes.example": "def one(): ...", "nodes": ""})
    page = Page(html)
    assert page.open == []
    for said in (
        data.key,
        f"entry {data.entries[0].record.sequence}",
        data.entries[0].record.leaf_hash.hex(),
        "policy: example",
        "def one(): ...",
        "verify_bundle.py THIS_FILE.html VKEY",
        "session manifest",
        "part of the snapshot",
    ):
        assert said in page.text, said
    assert html.count(START + END) == 1
    assert "Masked" not in page.text


def test_masked_names_and_what_may_tell_them_are_on_the_page(data: BundleData) -> None:
    """ENG-10: masked fields said."""
    masked = Masked(frozenset({"cash_usd"}), frozenset(), ("cash_after_usd",))
    found = replace(data, masked=masked, left_out={b"\x01" * 32: "masked", b"\x02" * 32: "dropped"})
    text = Page(bundle_page(decision_view(), found, "", {})).text
    assert "cash_usd. The trace commits to each value" in text
    assert "read a masked one or equal it: cash_after_usd" in text
    assert "it would tell what is masked" in text
    assert "The log dropped the code by its retention policy." in text


def test_hostile_texts_stay_texts(data: BundleData) -> None:
    html = bundle_page(decision_view(), data, HOSTILE, {HOSTILE: HOSTILE})
    assert HOSTILE not in html
    assert html.count("<script") == trace_page(decision_view()).count("<script") + 1
