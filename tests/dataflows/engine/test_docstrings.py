"""Fields of a node's docstring are read as people write them: on lines of their own, or two on one line."""

from __future__ import annotations

import pytest

from dataflows.engine.docstrings import NodeDoc, node_doc

TWO_ON_A_LINE = """Share of an average day's volume that the order would take.

    Formula: order_shares / adv_20_shares
    Unit: fraction of one day. Missing: absent when either input is,
    or when adv is zero.
    Source: Almgren et al. (2005), section 2.
    """


def test_two_fields_on_one_line_are_two_fields() -> None:
    doc = node_doc(TWO_ON_A_LINE)
    assert doc.unit == "fraction of one day."
    assert doc.missing == "absent when either input is, or when adv is zero."
    assert doc.formula == "order_shares / adv_20_shares"
    assert doc.source == "Almgren et al. (2005), section 2."


def test_summary_is_the_first_line() -> None:
    assert node_doc(TWO_ON_A_LINE).summary == "Share of an average day's volume that the order would take."


def test_field_ends_at_a_blank_line() -> None:
    assert node_doc("Value.\n\nUnit: USD.\n\nMore words.").unit == "USD."


def test_word_inside_a_sentence_is_no_field() -> None:
    assert node_doc("Value.\n\nFormula: a Unit: of b").formula == "a Unit: of b"


@pytest.mark.parametrize("docstring", [None, "", "   "])
def test_no_docstring_gives_empty_fields(docstring: str | None) -> None:
    assert node_doc(docstring) == NodeDoc()
